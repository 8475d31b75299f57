package live

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dentropy/dcloud/agent"
)

// latest is how many changes a state has.
const latest = 20

// round is one round of questions; err is there once it is done.
type round struct {
	done chan struct{}
	err  error
}

// Refresh asks the source for everything now and returns once the state has it: for a
// page that shows a change right after it was made. The error is why a part of it is
// still what was known before.
func (h *Hub) Refresh(ctx context.Context) error {
	h.mu.Lock()
	// A round that is under way may have asked before the change. All who come
	// meanwhile share the next one.
	r := h.queued
	if r == nil {
		r = &round{done: make(chan struct{})}
		if h.running == nil {
			h.running = r
			go h.ask(r)
		} else {
			h.queued = r
		}
	}
	h.mu.Unlock()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask goes through a round and those that queue behind it.
func (h *Hub) ask(r *round) {
	for r != nil {
		// Not the caller's context: others wait for this too, and it is the hub that
		// asks, in nobody's name.
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		a := h.answers(ctx)
		if a.errs[0] == nil && a.errs[4] == nil {
			a.risks = h.risks(ctx, a.apps, a.latest)
		}
		cancel()
		h.mu.Lock()
		h.settle(a)
		r.err = a.err()
		close(r.done)
		r, h.running, h.queued = h.queued, h.queued, nil
		h.mu.Unlock()
	}
}

// answers are what a round brought; where there is an error there is nothing.
type answers struct {
	apps     []agent.App
	risks    map[string][]string
	nodes    []agent.Node
	pending  []agent.PendingNode
	settings agent.Settings
	latest   []agent.Activity
	// errs are those of the above, in this order.
	errs [5]error
}

func (h *Hub) answers(ctx context.Context) (a answers) {
	var all sync.WaitGroup
	all.Go(func() { a.apps, a.errs[0] = h.source.Apps(ctx) })
	all.Go(func() { a.nodes, a.errs[1] = h.source.Nodes(ctx) })
	all.Go(func() { a.pending, a.errs[2] = h.source.Pending(ctx) })
	all.Go(func() { a.settings, a.errs[3] = h.source.Settings(ctx) })
	all.Go(func() { a.latest, a.errs[4] = h.source.Activity(ctx, agent.ActivityQuery{Limit: latest}) })
	all.Wait()
	// The source's slices may be its own.
	a.apps, a.nodes = slices.Clone(a.apps), slices.Clone(a.nodes)
	slices.SortStableFunc(a.apps, func(x, y agent.App) int { return strings.Compare(x.Name, y.Name) })
	slices.SortStableFunc(a.nodes, func(x, y agent.Node) int { return strings.Compare(x.Name, y.Name) })
	a.latest = a.latest[:min(len(a.latest), latest)]
	return a
}

// err is the first that there was.
func (a *answers) err() error {
	for _, err := range a.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// settle makes a state of what a round brought, if that is anything new. mu is held.
func (h *Hub) settle(a answers) {
	next := *h.state
	if a.errs[0] == nil {
		next.Apps = a.apps
	}
	if a.risks != nil {
		next.Risks = a.risks
	}
	if a.errs[1] == nil {
		next.Nodes = a.nodes
	}
	if a.errs[2] == nil {
		next.Pending = a.pending
	}
	if a.errs[3] == nil {
		next.Settings = a.settings
	}
	if a.errs[4] == nil {
		next.Latest = a.latest
	}
	next.Away = nil
	if err := a.err(); err != nil {
		next.Away = h.why(err)
	}
	known := a.errs[0] == nil && a.errs[1] == nil
	if h.ops.prune(h.now(), &next, known) || h.unfed {
		next.Ops = h.ops.snapshot()
		h.unfed = false
	}
	if !reflect.DeepEqual(next, *h.state) {
		h.publish(func(s *State) { *s = next })
	}
}

// away notes that the source does not answer. What is known stays.
func (h *Hub) away(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if why := h.why(err); why != h.state.Away {
		h.publish(func(s *State) { s.Away = why })
	}
}

// why is an error in words, the one that is shown already where it says the same. It is
// logged when it is new. mu is held.
func (h *Hub) why(err error) *agent.Error {
	why, old := inWords(err), h.state.Away
	if old != nil && old.Message == why.Message && old.Hint == why.Hint {
		return old
	}
	h.log.Warn("the panel shows what was known last", "err", err)
	return why
}

// inWords is an error as people may see it.
func inWords(err error) *agent.Error {
	var e *agent.Error
	if errors.As(err, &e) && e.Code != agent.CodeInternal {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return agent.Errorf(agent.CodeUnavailable, "the cloud does not answer in time").
			WithHint("what you see is what was known last")
	}
	return agent.Errorf(agent.CodeUnavailable, "the cloud does not answer").
		WithHint("what you see is what was known last; the agent's log says why")
}
