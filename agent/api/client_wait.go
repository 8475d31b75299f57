package api

import (
	"context"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Wait follows an operation until its final event, which it returns, together
// with that event's error if it has one. each sees every event of the operation
// in order, the final one included; it may be nil.
//
// An agent that restarts meanwhile has forgotten the operation's events, but the
// work is finished all the same: then the state of the app, or of the machine if
// the operation is on one, says what came of it.
func (c *Client) Wait(ctx context.Context, op agent.Operation, each func(agent.Event)) (agent.Event, error) {
	return c.wait(ctx, op, each, 5*time.Second)
}

// wait is Wait with the time after which, the agent having restarted, the app is
// asked for its state whenever no event came.
func (c *Client) wait(ctx context.Context, op agent.Operation, each func(agent.Event), quiet time.Duration) (agent.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	restarted := make(chan struct{}, 1)
	events, err := c.events(ctx, op.App, 0, func() {
		select {
		case restarted <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return agent.Event{}, err
	}
	last := agent.Event{Op: op.ID, App: op.App, Node: op.Node}
	first := "" // the stage that it began with tells what kind of operation it is
	ask := time.NewTimer(quiet)
	ask.Stop()
	defer ask.Stop()
	doubt := false
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				if ctx.Err() != nil {
					return last, ctx.Err()
				}
				return c.outcome(ctx, first, last, each)
			}
			if ev.Op != op.ID {
				continue
			}
			if first == "" {
				first = ev.Stage
			}
			last = ev
			if each != nil {
				each(ev)
			}
			if ev.Final {
				return ev, finalError(ev)
			}
			if doubt {
				ask.Reset(quiet)
			}
		case <-restarted:
			doubt = true
			ask.Reset(quiet)
		case <-ask.C:
			ev, err := c.outcome(ctx, first, last, each)
			if ev.Final || (err != nil && agent.AsError(err).Code != agent.CodeUnavailable) {
				return ev, err
			}
			ask.Reset(quiet)
		}
	}
}

// finalError is the error of an operation's last event, nil if it went well.
func finalError(ev agent.Event) error {
	if ev.Error != nil {
		return ev.Error
	}
	if ev.State == agent.EventFailed {
		why := agent.Errorf(agent.CodeFailed, "%s", ev.Message)
		if ev.App == "" {
			return why.WithHint("see how the machines are with: dcloud node list")
		}
		return why.WithHint("see why: dcloud app status %s", ev.App)
	}
	return nil
}

// outcome makes the final event of an operation, of which the first stage and the
// last event were seen, from the state that its app is in. The event is not Final
// where that cannot be told yet.
func (c *Client) outcome(ctx context.Context, first string, last agent.Event, each func(agent.Event)) (agent.Event, error) {
	if last.App == "" {
		return c.nodeOutcome(ctx, last, each)
	}
	app, err := c.App(ctx, last.App)
	ev := agent.Event{ID: last.ID, Op: last.Op, App: last.App, Stage: last.Stage, State: agent.EventDone,
		Percent: 100, Time: time.Now(), Final: true}
	removing := first == agent.StageRemove || first == agent.StageStop
	switch {
	case err != nil && agent.AsError(err).Code == agent.CodeNotFound && removing:
		ev.Message = last.App + " is gone"
	case err != nil && agent.AsError(err).Code == agent.CodeNotFound:
		ev.State = agent.EventFailed
		ev.Error = agent.Errorf(agent.CodeFailed, "the agent was restarted meanwhile, and %s is not installed", last.App).
			WithHint("try again: dcloud app install")
		ev.Message = ev.Error.Message
	case err != nil:
		return last, err
	case app.State == agent.StateInstalling, last.Stage == agent.StageRemove:
		return last, nil
	case app.State == agent.StateFailed:
		ev.State = agent.EventFailed
		ev.Error = agent.Errorf(agent.CodeFailed, "%s failed: %s", last.App, app.Reason).
			WithHint("see its last lines: dcloud app logs %s", last.App)
		ev.Message = ev.Error.Message
	default:
		ev.Message, ev.URL = last.App+" is "+app.State, app.URL
	}
	if each != nil {
		each(ev)
	}
	return ev, finalError(ev)
}

// nodeOutcome is outcome for an operation on a machine.
func (c *Client) nodeOutcome(ctx context.Context, last agent.Event, each func(agent.Event)) (agent.Event, error) {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return last, err
	}
	k := slices.IndexFunc(nodes, func(n agent.Node) bool { return n.Name == last.Node })
	ev := agent.Event{ID: last.ID, Op: last.Op, Node: last.Node, Stage: last.Stage, State: agent.EventDone,
		Percent: 100, Time: time.Now(), Final: true}
	switch {
	case k >= 0 && nodes[k].Op == last.Op:
		return last, nil // it is still worked on
	case k < 0:
		ev.Message = last.Node + " does not belong to the cloud any more"
	case last.Stage == agent.StageRemove, last.Stage == agent.StageRotate:
		ev.State = agent.EventFailed
		ev.Error = agent.Errorf(agent.CodeFailed, "the agent was restarted meanwhile, and %s was not removed", last.Node).
			WithHint("try again: dcloud node remove %s", last.Node)
		ev.Message = ev.Error.Message
	default:
		ev.Message = last.Node + " is " + nodes[k].State
	}
	if each != nil {
		each(ev)
	}
	return ev, finalError(ev)
}
