package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// supervised is one engine of a Supervisor. Its fields but st belong to the goroutine
// in run, and to the Supervisor while that does not run.
type supervised struct {
	s        *Supervisor
	name     string
	spec     Spec
	adopted  *process     // what run begins with
	requests chan request // unbuffered
	halt     chan struct{}
	ended    chan struct{} // closed when run has returned
	ends     int           // of the process in a row, since it last ran well

	mu sync.Mutex
	st agent.Engine
}

// request asks for a restart, with a new spec unless that is nil.
type request struct {
	spec *Spec
	done chan error
}

func newSupervised(s *Supervisor, spec Spec) *supervised {
	return &supervised{
		s: s, name: spec.Name, spec: spec, requests: make(chan request),
		halt: make(chan struct{}), ended: make(chan struct{}),
		st: agent.Engine{Name: spec.Name, Version: spec.Version, State: agent.EngineStopped, Since: s.now()},
	}
}

func (e *supervised) status() agent.Engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.st
}

// set changes the status, and tells the world if that made a difference.
func (e *supervised) set(change func(*agent.Engine)) {
	e.mu.Lock()
	before := e.st
	change(&e.st)
	after := e.st
	if after.State != before.State {
		after.Since = e.s.now()
		e.st.Since = after.Since
	}
	e.mu.Unlock()
	if after == before {
		return
	}
	if after.State != before.State {
		e.s.log.Info(after.State, "engine", e.name, "pid", after.PID, "reason", after.Reason)
	}
	e.s.changed()
}

func (e *supervised) setState(state, reason string, pid int) {
	e.set(func(st *agent.Engine) { st.State, st.Reason, st.PID = state, reason, pid })
}

// haltNow tells run to end the engine for good. The channel closes when run is over.
func (e *supervised) haltNow() <-chan struct{} {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	select {
	case <-e.halt:
	default:
		close(e.halt)
	}
	return e.ended
}

// request hands a request to run and waits until it is carried out.
func (e *supervised) request(ctx context.Context, r request) error {
	e.s.mu.Lock()
	over, ended := e.s.running, e.ended
	e.s.mu.Unlock()
	notRunning := agent.Errorf(agent.CodeUnavailable, "%s is not looked after: the agent is stopping or not running", e.name).
		WithHint("dcloud up starts it")
	if over == nil {
		return notRunning
	}
	r.done = make(chan error, 1)
	select {
	case e.requests <- r:
	case <-ended:
		return notRunning
	case <-over: // Run never came to start its engines
		return notRunning
	case <-ctx.Done():
		return fmt.Errorf("restart %s: %w", e.name, ctx.Err())
	}
	select {
	case err := <-r.done:
		return err
	case <-ended:
		return notRunning
	case <-ctx.Done():
		return fmt.Errorf("restart %s: %w", e.name, ctx.Err())
	}
}

// What tend comes back with.
type outcome int

const (
	released  outcome = iota // the agent ends; the process goes on
	exited                   // the process has ended by itself
	restarted                // the process was ended because it is to be replaced
	halted                   // the process was ended for good
)

// run is the life of one engine: get a process, tend it, and again. It returns when
// the agent ends (the process goes on) or the engine was halted.
func (e *supervised) run(ctx context.Context) {
	defer close(e.ended)
	p := e.adopted
	e.adopted, e.ends = nil, 0
	var asked *request // whoever waits for the next start
	defer func() {
		if p != nil {
			p.release()
		}
	}()
	for {
		if p == nil {
			var ok bool
			if p, ok = e.begin(ctx, asked); !ok {
				return
			}
			asked = nil
		} else {
			e.set(func(st *agent.Engine) {
				st.State, st.Reason, st.PID, st.Version = agent.EngineStarting, "adopted", p.pid, p.version
			})
		}
		out, r := e.tend(ctx, p)
		if out == released {
			return
		}
		p.release()
		reason := p.reason
		if words := lastWords(outputSince(e.spec.OutputPath, p.output)); words != "" {
			reason += ": " + words
		}
		p = nil
		if out == halted || e.halting() {
			e.setState(agent.EngineStopped, "", 0)
			return
		}
		e.set(func(st *agent.Engine) { st.Restarts++ })
		if out == restarted {
			e.setState(agent.EngineStarting, "restarting", 0)
			asked = r
			continue
		}
		var ok bool
		if asked, ok = e.pause(ctx, reason); !ok {
			return
		}
	}
}

func (e *supervised) halting() bool {
	select {
	case <-e.s.halting:
		return true
	default:
		return false
	}
}

// begin starts the process, again and again until that works. False: the agent ends
// or the engine was halted. Whoever asked for the start is told about the first try.
func (e *supervised) begin(ctx context.Context, asked *request) (*process, bool) {
	answer := func(err error) {
		if asked != nil {
			asked.done <- err
			asked = nil
		}
	}
	for {
		if !e.awaitOthers(ctx) {
			return nil, false
		}
		p, err := e.start(ctx)
		if err == nil {
			e.set(func(st *agent.Engine) {
				st.State, st.Reason, st.PID, st.Version = agent.EngineStarting, "", p.pid, e.spec.Version
			})
			answer(nil)
			return p, true
		}
		answer(fmt.Errorf("start %s: %w", e.name, err))
		var ok bool
		if asked, ok = e.pause(ctx, err.Error()); !ok {
			return nil, false
		}
	}
}

// start prepares and starts the process.
func (e *supervised) start(ctx context.Context) (*process, error) {
	if e.spec.Before != nil {
		if err := e.spec.Before(ctx); err != nil {
			return nil, err
		}
	}
	return start(e.spec, e.s.state, e.s.timing)
}

// awaitOthers waits for the engines that this one starts after, for a while. False:
// the agent ends or the engine was halted.
func (e *supervised) awaitOthers(ctx context.Context) bool {
	timer := time.NewTimer(e.s.timing.AfterWait)
	defer timer.Stop()
	changes, done := e.s.Subscribe()
	defer done()
	for {
		if ctx.Err() != nil {
			return false
		}
		if e.halting() {
			e.setState(agent.EngineStopped, "", 0)
			return false
		}
		var missing []string
		for _, name := range e.spec.After {
			if e.s.find(name).status().State != agent.EngineReady {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 {
			return true
		}
		e.setState(agent.EngineStarting, "waits for "+strings.Join(missing, " and "), 0)
		select {
		case <-changes:
		case <-timer.C:
			e.s.log.Warn("starting although others are not ready", "engine", e.name, "missing", missing)
			return true
		case <-e.s.halting:
		case <-ctx.Done():
		}
	}
}

// pause lets time pass before the next start. A request ends it at once and is handed
// on; false means that there is to be no next start.
func (e *supervised) pause(ctx context.Context, reason string) (*request, bool) {
	d := e.s.jitter(e.s.timing.backoff(e.ends))
	e.ends++
	e.setState(agent.EngineBackoff, reason, 0)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil, true
	case r := <-e.requests:
		if r.spec != nil {
			e.spec = e.keepAfter(*r.spec)
		}
		return &r, true
	case <-e.s.halting:
		e.setState(agent.EngineStopped, "", 0)
	case <-ctx.Done():
	}
	return nil, false
}

func (e *supervised) keepAfter(s Spec) Spec {
	s.After = e.spec.After
	return s
}
