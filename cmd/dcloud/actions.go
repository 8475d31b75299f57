package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
)

// runActions carries out the steps from a blank machine to a node and draws them
// like the stages of an install. It returns how many changed something.
func (e *env) runActions(ctx context.Context, actions []provisioning.Action) (changed int, err error) {
	p := e.newProgress()
	for _, a := range actions {
		p.width = max(p.width, len(a.Name))
	}
	defer p.end()
	return provisioning.Run(ctx, actions, func(step provisioning.Progress) {
		ev, worth := stepEvent(step, time.Now())
		switch {
		case !worth && !p.moving:
		case e.json:
			e.printJSONLine(ev)
		default:
			p.event(ev)
		}
	})
}

// stepEvent is an action's progress as the event of a stage. It says whether that
// is worth a plain line: that a step is looked at is not.
func stepEvent(step provisioning.Progress, now time.Time) (ev agent.Event, worth bool) {
	ev = agent.Event{Stage: step.Action, State: agent.EventProgress, Message: step.Message, Percent: step.Percent, Time: now}
	switch step.State {
	case provisioning.Checking:
		ev.State = agent.EventStarted
		return ev, false
	case provisioning.OK, provisioning.Done:
		ev.State = agent.EventDone
	case provisioning.Failed:
		ev.State = agent.EventFailed
	}
	if step.ETA > 0 {
		ev.Message += fmt.Sprintf(", %s left", step.ETA.Round(time.Second))
	}
	return ev, true
}
