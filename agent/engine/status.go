package engine

import (
	"context"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// Status tells the state of each engine, in the order of the specs.
func (s *Supervisor) Status() []agent.Engine {
	all := make([]agent.Engine, 0, len(s.engines))
	for _, e := range s.engines {
		all = append(all, e.status())
	}
	return all
}

// Subscribe returns a channel that gets a value after any engine's state has changed;
// changes that nobody has looked at yet are one value. The function ends it.
func (s *Supervisor) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	s.watchers[c] = true
	s.mu.Unlock()
	return c, func() {
		s.mu.Lock()
		delete(s.watchers, c)
		s.mu.Unlock()
	}
}

func (s *Supervisor) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// WaitReady blocks until all engines, or those that are named, are ready. When the
// context ends first, or Stop was called, the error (agent.CodeUnavailable) says
// which engine is not ready and why.
func (s *Supervisor) WaitReady(ctx context.Context, names ...string) error {
	for _, n := range names {
		if s.find(n) == nil {
			return s.unknown(n)
		}
	}
	changes, done := s.Subscribe()
	defer done()
	for {
		waiting := s.notReady(names)
		if len(waiting) == 0 {
			return nil
		}
		s.mu.Lock()
		halting := s.halting
		s.mu.Unlock()
		select {
		case <-changes:
			continue
		case <-halting:
		case <-ctx.Done():
		}
		return agent.Errorf(agent.CodeUnavailable, "not ready: %s", strings.Join(waiting, "; ")).
			WithHint("dcloud doctor looks for the cause")
	}
}

func (s *Supervisor) notReady(names []string) (waiting []string) {
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	for _, st := range s.Status() {
		if st.State == agent.EngineReady || len(names) > 0 && !want[st.Name] {
			continue
		}
		text := st.Name + " is " + st.State
		if st.Reason != "" {
			text += " (" + st.Reason + ")"
		}
		waiting = append(waiting, text)
	}
	return waiting
}
