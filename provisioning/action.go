// Package provisioning turns a blank machine into a node, as an ordered list of
// actions. Each has a check, an apply and a line of progress; a second run finds
// all checks done and changes nothing.
//
// It holds what concerns the operating system: preflight, packages, Docker,
// kernel settings. Its sub-packages execute commands (run), get the engines
// (engines) and write the node's files (node). It knows neither the agent nor jobs.
// Start reading at Action and Run, then Preflight.
package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Action is one step from a blank machine to a node.
type Action struct {
	Name string // what it sets up, as a noun: "Docker", "Nomad 1.11.2"
	// Check says whether nothing is left to do, and in a few words what it found.
	// It changes nothing.
	Check func(ctx context.Context) (done bool, detail string, err error)
	// Apply does it. It may be called again after a failure or a kill half-way.
	Apply func(ctx context.Context, progress func(Progress)) error
}

// State is where an action stands.
type State string

// States of an action. Those of one action come in this order; it ends with OK
// (nothing was to be done), Done (it was done now) or Failed.
const (
	Checking State = "checking"
	OK       State = "ok"
	Applying State = "applying"
	Done     State = "done"
	Failed   State = "failed"
)

// Progress is one thing to show about an action.
type Progress struct {
	Action  string
	State   State
	Message string
	Percent int           // 0 to 100, or -1 where it cannot be told
	ETA     time.Duration // time left, 0 where it cannot be told
}

// Reporter gets each Progress as it comes, never two at once. It must not block.
type Reporter func(Progress)

// Run carries out the actions in order and stops at the first that fails. It
// returns how many changed something, so 0 for a machine that was set up already.
// After an Apply it checks again: an action that says "done" while its own check
// still disagrees has failed.
func Run(ctx context.Context, actions []Action, report Reporter) (changed int, err error) {
	if report == nil {
		report = func(Progress) {}
	}
	for _, a := range actions {
		did, err := a.run(ctx, report)
		if did {
			changed++
		}
		if err != nil {
			report(Progress{Action: a.Name, State: Failed, Message: err.Error(), Percent: -1})
			return changed, err
		}
	}
	return changed, nil
}

func (a Action) run(ctx context.Context, report Reporter) (applied bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, a.wrap(err)
	}
	report(Progress{Action: a.Name, State: Checking, Percent: -1})
	done, detail, err := a.Check(ctx)
	if err != nil {
		return false, a.wrap(err)
	}
	if done {
		report(Progress{Action: a.Name, State: OK, Message: detail, Percent: 100})
		return false, nil
	}
	report(Progress{Action: a.Name, State: Applying, Message: detail, Percent: -1})
	err = a.Apply(ctx, func(p Progress) {
		p.Action, p.State = a.Name, Applying
		report(p)
	})
	if err != nil {
		return true, a.wrap(err)
	}
	done, detail, err = a.Check(ctx)
	if err != nil {
		return true, a.wrap(err)
	}
	if !done {
		return true, a.wrap(fmt.Errorf("was set up, but its check still says: %s", detail))
	}
	report(Progress{Action: a.Name, State: Done, Message: detail, Percent: 100})
	return true, nil
}

// wrap names the action in an error, unless it is made for people already.
func (a Action) wrap(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%s: %w", a.Name, err)
}
