package live

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// fake is a cloud whose parts a test sets. Streams go on until their context ends, or
// the test breaks them off.
type fake struct {
	mu       sync.Mutex
	apps     []agent.App
	nodes    []agent.Node
	settings agent.Settings
	activity []agent.Activity
	err      error // of every call
	partial  error // of Settings alone
	asked    int   // rounds, by Apps
	details  []string
	risks    map[string][]string
	past     []agent.Event
	watchers map[chan struct{}]bool
	feeds    map[chan agent.Event]bool
	gate     chan struct{} // Apps waits for it, if there is one
}

func newFake() *fake {
	return &fake{watchers: map[chan struct{}]bool{}, feeds: map[chan agent.Event]bool{}}
}

func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
	for w := range f.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (f *fake) Apps(ctx context.Context) ([]agent.App, error) {
	f.mu.Lock()
	f.asked++
	gate, apps, err := f.gate, f.apps, f.err
	f.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return apps, err
}

// App counts how often it is asked, and fails as the others do.
func (f *fake) App(_ context.Context, name string) (agent.AppDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.details = append(f.details, name)
	return agent.AppDetail{Risks: f.risks[name]}, f.err
}

func (f *fake) Nodes(context.Context) ([]agent.Node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes, f.err
}

func (f *fake) Pending(context.Context) ([]agent.PendingNode, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return nil, f.err
}

func (f *fake) Settings(context.Context) (agent.Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.partial != nil {
		return agent.Settings{}, f.partial
	}
	return f.settings, f.err
}

func (f *fake) Activity(_ context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.activity[:min(len(f.activity), q.Limit)], f.err
}

func (f *fake) Events(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	out := make(chan agent.Event, 10_000)
	for _, ev := range f.past {
		out <- ev
	}
	f.feeds[out] = true
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hangUp(out)
	})
	return out, nil
}

func (f *fake) hangUp(feed chan agent.Event) {
	if f.feeds[feed] {
		delete(f.feeds, feed)
		close(feed)
	}
}

func (f *fake) Watch(ctx context.Context) (<-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	out := make(chan struct{}, 1)
	out <- struct{}{}
	f.watchers[out] = true
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.leave(out)
	})
	return out, nil
}

func (f *fake) leave(w chan struct{}) {
	if f.watchers[w] {
		delete(f.watchers, w)
		close(w)
	}
}

// tell sends events to who follows now, and remembers them.
func (f *fake) tell(evs ...agent.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.past = append(f.past, evs...)
	for feed := range f.feeds {
		for _, ev := range evs {
			feed <- ev
		}
	}
}

// breakOff ends all streams, as an agent that stops does.
func (f *fake) breakOff(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
	for w := range f.watchers {
		f.leave(w)
	}
	for feed := range f.feeds {
		f.hangUp(feed)
	}
}

// running returns a hub that follows the fake until the test ends.
func running(t *testing.T, f *fake) *Hub {
	t.Helper()
	h := New(f, nil)
	h.pauses = pauses{time.Millisecond, 20 * time.Millisecond}
	run(t, h)
	return h
}

func run(t *testing.T, h *Hub) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run ended with %v", err)
			}
		case <-time.After(enough):
			t.Error("Run does not end")
		}
	})
}

// enough is how long something may take that takes a moment, on the busiest machine.
const enough = 3 * time.Minute

// until waits for a state of which something holds.
func until(t *testing.T, h *Hub, what string, holds func(*State) bool) *State {
	t.Helper()
	late := time.After(enough)
	for {
		s, changed := h.Wait()
		if holds(s) {
			return s
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("never came: %s; the state is %+v", what, s)
		}
	}
}

var start = time.Now()

// step is an event of an operation, its ID being its second.
func step(id uint64, op, app, stage, state string) agent.Event {
	return agent.Event{ID: id, Op: op, App: app, Stage: stage, State: state, Message: stage + " " + state,
		Time: start.Add(time.Duration(id) * time.Second)}
}

func last(ev agent.Event) agent.Event { ev.Final = true; return ev }
