package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// tend looks after a running process until it has ended or the agent does.
func (e *supervised) tend(ctx context.Context, p *process) (outcome, *request) {
	probing, stopProbing := context.WithCancel(ctx)
	defer stopProbing()
	// Buffered: a probe that outlives its process must not wait for a reader.
	results := make(chan error, 1)
	next := time.NewTimer(0)
	defer next.Stop()
	h := health{t: e.s.timing}
	for {
		select {
		case <-ctx.Done():
			return released, nil
		case <-p.done:
			if h.ranWell(e.s.now()) {
				e.ends = 0
			}
			return exited, nil
		case <-e.halt:
			return e.end(ctx, p, halted), nil
		case r := <-e.requests:
			if !e.wanted(r, p) {
				continue
			}
			stopProbing()
			return e.end(ctx, p, restarted), &r
		case <-next.C:
			ready := e.spec.Ready
			go func() { results <- e.probe(probing, ready) }()
		case err := <-results:
			r := h.observe(err, e.s.now())
			reason := r.reason
			if r.state == agent.EngineReady && p.spec != e.spec.Hash() {
				reason = "still runs with its earlier configuration"
			}
			e.setState(r.state, reason, p.pid)
			if r.stuck {
				e.s.log.Warn("restarting: it has not answered for long", "engine", e.name, "pid", p.pid, "reason", r.reason)
				return e.end(ctx, p, restarted), nil
			}
			if after := e.s.timing.SlimAfter; p.fat && after > 0 && r.state == agent.EngineReady && e.s.now().Sub(h.readySince) >= after {
				p.fat = false
				if n, err := slim(p.pid); err != nil {
					e.s.log.Debug("not slimmed", "engine", e.name, "error", err)
				} else {
					e.s.log.Debug("slimmed", "engine", e.name, "mapped_mb", n)
				}
			}
			if err := trimOutput(e.spec.OutputPath); err != nil {
				e.s.log.Warn("output not cut back", "engine", e.name, "error", err)
			}
			next.Reset(r.next)
		}
	}
}

// wanted decides whether a request means a restart of the running process, and
// answers it if not. An engine that runs is not stopped for one that cannot start.
func (e *supervised) wanted(r request, p *process) bool {
	spec := e.spec
	if r.spec != nil {
		spec = e.keepAfter(*r.spec)
		if spec.Hash() == p.spec {
			e.spec = spec
			r.done <- nil
			return false
		}
	}
	if err := spec.startable(); err != nil {
		r.done <- fmt.Errorf("restart %s: %w; the running one goes on", e.name, err)
		return false
	}
	e.spec = spec
	return true
}

func (e *supervised) end(ctx context.Context, p *process, as outcome) outcome {
	e.set(func(st *agent.Engine) { st.Reason = "stopping" })
	if !p.terminate(ctx, e.spec.StopSignal, e.spec.StopTimeout) {
		return released
	}
	return as
}

func (e *supervised) probe(ctx context.Context, ready func(context.Context) error) error {
	if ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, e.s.timing.ProbeTimeout)
	defer cancel()
	return ready(ctx)
}
