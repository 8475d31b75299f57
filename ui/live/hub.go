package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// fetchTimeout bounds one round of questions.
	fetchTimeout = 10 * time.Second
	// rest is the least time between two rounds that the source's changes make.
	rest = 100 * time.Millisecond
	// apart is the least time between two states that events make: a page cannot show
	// more, and an image's download tells of itself more often.
	apart = 40 * time.Millisecond
)

// pauses are how long the hub waits before it asks a source again that is away:
// doubling from first to most.
type pauses struct{ first, most time.Duration }

// Hub follows a source.
type Hub struct {
	source Source
	log    *slog.Logger
	now    func() time.Time
	pauses pauses

	mu      sync.Mutex
	state   *State
	changed chan struct{} // closed with the next state
	ops     ops
	unfed   bool        // ops hold what the state does not yet
	feed    *time.Timer // nil before the first event
	fed     time.Time   // when events last made a state
	past    []*State    // those before, the newest last
	// running is the round of questions under way, queued the one after it.
	running, queued *round
	// looked is what apps' details said last; of the round under way alone.
	looked map[string]looked
}

// New returns a hub that knows nothing before Run, or Refresh.
func New(source Source, log *slog.Logger) *Hub {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Hub{
		source: source, log: log, now: time.Now, pauses: pauses{250 * time.Millisecond, 15 * time.Second},
		state: &State{
			// Nanoseconds: a hub that begins after this one is ahead of all its states.
			Version: uint64(time.Now().UnixNano()),
			Ops:     map[string]Op{},
			Away: agent.Errorf(agent.CodeUnavailable, "the cloud is starting").
				WithHint("this page comes alive in a moment"),
		},
		changed: make(chan struct{}),
		ops:     newOps(),
	}
}

// State is what is known now; never nil.
func (h *Hub) State() *State { s, _ := h.Wait(); return s }

// Wait is what is known now, and a channel that is closed once there is more.
func (h *Hub) Wait() (*State, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state, h.changed
}

// remembered is how many states before the newest one can still be had: a page takes a
// moment from when it was made until it follows what changes.
const remembered = 16

// Past is the state of a version, nil where it is not known any more.
func (h *Hub) Past(version uint64) *State {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range append(h.past[:len(h.past):len(h.past)], h.state) {
		if s.Version == version {
			return s
		}
	}
	return nil
}

// publish makes a new state of the one that there is and wakes who waits. mu is held.
func (h *Hub) publish(set func(*State)) {
	if len(h.past) == remembered {
		h.past = append(h.past[:0:0], h.past[1:]...)
	}
	h.past = append(h.past, h.state)
	next := *h.state
	set(&next)
	next.Version++
	h.state = &next
	close(h.changed)
	h.changed = make(chan struct{})
}

// Run follows the source until the context ends. One that is away is asked again.
func (h *Hub) Run(ctx context.Context) error {
	pause := h.pauses.first
	for {
		began := h.now()
		err := h.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			h.away(err)
		}
		if h.now().Sub(began) > h.pauses.most {
			pause = h.pauses.first // it was there for a while
		}
		if !wait(ctx, pause) {
			return nil
		}
		pause = min(2*pause, h.pauses.most)
	}
}

// follow is Run until the source goes away: with an error, or with nil where its
// streams just ended.
func (h *Hub) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var feeding sync.WaitGroup
	defer feeding.Wait()
	defer cancel()
	// Events first: what happens between the two is then told twice, not never.
	events, err := h.source.Events(ctx, "", 0)
	if err != nil {
		return err
	}
	changes, err := h.source.Watch(ctx)
	if err != nil {
		return err
	}
	h.doubt()
	// An operation that ends has changed what there is: it is asked for at once.
	finals, ended := make(chan struct{}, 1), make(chan struct{})
	feeding.Go(func() {
		defer close(ended)
		for ev := range events {
			if h.take(ev); ev.Final {
				select {
				case finals <- struct{}{}:
				default:
				}
			}
		}
	})
	return h.keep(ctx, changes, finals, ended)
}

// keep asks for everything whenever something may have changed, until one of the
// streams ends.
func (h *Hub) keep(ctx context.Context, changes, finals, ended <-chan struct{}) error {
	// What failed is asked for again though nothing changed; so is what goes out of date.
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	pause := h.pauses.first
	for {
		err := h.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			again.Reset(pause)
			pause = min(2*pause, h.pauses.most)
		default:
			again.Reset(h.stale())
			pause = h.pauses.first
		}
		if !wait(ctx, rest) {
			return nil
		}
		select {
		case _, open := <-changes:
			if !open {
				return nil
			}
		case <-finals:
		case <-again.C:
		case <-ended:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// wait waits, and tells whether ctx goes on.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
