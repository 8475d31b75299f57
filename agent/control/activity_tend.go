package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// tendActivity keeps the history short and true, until ctx ends: the oldest records
// are deleted, and those of operations whose agent died get an end. The leader does
// that alone.
func (s *Service) tendActivity(ctx context.Context) {
	over := map[string]time.Time{}
	if s.view.await(ctx, func() (bool, error) { return s.view.ready["activity"], nil }) != nil {
		return
	}
	for {
		if err := errors.Join(s.finishActivity(ctx, over), s.trimActivity(ctx)); err != nil && ctx.Err() == nil {
			s.Log.Warn("the history is tended later", "err", err)
		}
		rest := resync
		if len(over) > 0 {
			rest = unsaid
		}
		if !pause(ctx, rest) {
			return
		}
	}
}

// unsaid is how long an operation may be over while its record does not say so. Who
// carries it out writes that within seconds, and knows better what came of it.
const unsaid = 10 * time.Second

// surplus is what the history does not keep, of a list of which the newest come first.
// What somebody does to their own account counts for itself: it takes no more than a
// sign-in, so that anybody could otherwise push out what happened to the cloud.
func surplus(list []*agent.Activity) []*agent.Activity {
	var old []*agent.Activity
	own, kept := map[string]int{}, 0
	for _, a := range list {
		mine := a.User != "" && a.Actor == a.User
		if mine {
			own[a.User]++
		}
		if kept == keepsActivity || mine && own[a.User] > keepsOwn {
			old = append(old, a)
			continue
		}
		kept++
	}
	return old
}

// trimActivity deletes the oldest records beyond what is kept. In the minute between
// two passes there may be a few more.
func (s *Service) trimActivity(ctx context.Context) error {
	var old []*agent.Activity
	s.view.read(func() { old = surplus(s.view.activity) })
	const most = 60 // Consul takes 64 steps in a transaction
	for len(old) > 0 {
		var steps consul.TxnOps
		for _, a := range old[:min(len(old), most)] {
			steps = append(steps, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDelete, Key: prefixActivity + a.ID}})
		}
		old = old[len(steps):]
		if err := s.store.write(ctx, steps); err != nil {
			return fmt.Errorf("delete old records of the history: %w", err)
		}
	}
	return nil
}

// finishActivity gives an end to records of operations that are over although nobody
// wrote it: the agent that carried them out died before. over has those that were found
// to be so, and when for the first time.
func (s *Service) finishActivity(ctx context.Context, over map[string]time.Time) error {
	var open []agent.Activity
	s.view.read(func() {
		for _, a := range s.view.activity {
			if a.Outcome == agent.OutcomeRunning {
				open = append(open, *a)
			}
		}
	})
	before := maps.Clone(over)
	clear(over)
	for _, a := range open {
		end, is, err := s.outcome(ctx, a)
		if err != nil {
			return err
		}
		if !is {
			continue
		}
		first, known := before[a.ID]
		if !known {
			first = s.Now()
		}
		if over[a.ID] = first; s.Now().Sub(first) < unsaid {
			continue
		}
		if err := s.amendActivity(ctx, a.ID, func(now *agent.Activity) bool {
			if now.Outcome != agent.OutcomeRunning {
				return false
			}
			endActivity(now, end, s.Now())
			return true
		}); err != nil {
			return err
		}
	}
	return nil
}

// outcome finds out whether an operation is over, and what came of it.
func (s *Service) outcome(ctx context.Context, a agent.Activity) (end agent.Event, over bool, err error) {
	switch {
	case a.App != "" && a.Op != "":
		i, err := s.store.intent(ctx, a.App)
		if errors.As(err, new(*damagedError)) {
			i, err = nil, nil
		}
		if err != nil || i != nil && i.Op != nil && i.Op.ID == a.Op {
			return end, false, err
		}
		return outcomeOfApp(a, i), true, nil
	case a.Node != "" && a.Op != "":
		r, err := s.store.roster(ctx)
		if err != nil {
			return end, false, err
		}
		n := r.byName(a.Node)
		if n != nil && n.Op != nil && n.Op.ID == a.Op {
			return end, false, nil
		}
		return outcomeOfNode(a, n), true, nil
	}
	return unknownOutcome(), s.Now().Sub(a.Started) > time.Hour, nil
}

// outcomeOfApp is what came of an operation that an app's intent (nil: there is none)
// does not have any more.
func outcomeOfApp(a agent.Activity, i *Intent) agent.Event {
	since := i != nil && i.Failure != nil && i.Failure.Time.After(a.Started)
	switch {
	case i == nil && a.Action == opRemove:
		return agent.Event{State: agent.EventDone, Message: "removed"}
	case i == nil && a.Action == opInstall:
		return brokenEvent(agent.CodeFailed, agent.StageRemove, "the install did not come to its end, and what it had made was taken back")
	case i == nil || i.Op != nil:
		return brokenEvent(agent.CodeConflict, "", "a newer change took its place")
	case since:
		return brokenEvent(agent.CodeFailed, i.Failure.Stage, i.Failure.Message)
	}
	return agent.Event{State: agent.EventDone}
}

// outcomeOfNode is that of an operation on a machine (nil: it is not in the list).
func outcomeOfNode(a agent.Activity, n *nodeRecord) agent.Event {
	switch {
	case n == nil && a.Action == "node-remove":
		return agent.Event{State: agent.EventDone, Message: a.Node + " is removed"}
	case n != nil && n.Last != nil && n.Last.ID == a.Op && n.Last.Failure == nil:
		return agent.Event{State: agent.EventDone, Message: a.Action + " of " + a.Node + " is done"}
	case n != nil && n.Last != nil && n.Last.ID == a.Op:
		return agent.Event{State: agent.EventFailed, Stage: agent.StageDrain, Error: n.Last.Failure}
	}
	return brokenEvent(agent.CodeConflict, agent.StageDrain, "a newer change took its place")
}

func unknownOutcome() agent.Event {
	return brokenEvent(agent.CodeFailed, "", "nobody knows what came of it")
}

func brokenEvent(code, stage, message string) agent.Event {
	return agent.Event{State: agent.EventFailed, Stage: stage, Error: agent.Errorf(code, "%s", message)}
}
