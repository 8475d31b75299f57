package control

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// remembered is how many events a late or returning listener can still get: an
// install has about twenty, so this is the last hundred changes.
const remembered = 2048

// broker hands events to whoever listens and remembers the last ones. A slow
// listener holds nobody up: it reads from the memory at its own pace, and one
// that falls behind by more than `remembered` events misses the oldest.
type broker struct {
	now func() time.Time

	mu   sync.Mutex
	next uint64
	ring []agent.Event
	wake chan struct{} // closed and replaced at each event
}

func newBroker(now func() time.Time) *broker {
	// IDs start at the time in microseconds, so they grow across restarts of the
	// agent and a client that reconnects with the last one misses nothing.
	return &broker{now: now, next: uint64(now().UnixMicro()), wake: make(chan struct{})}
}

// publish stamps an event and gives it to the listeners.
func (b *broker) publish(e agent.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	e.ID, e.Time = b.next, b.now()
	b.ring = forgetStale(b.ring, e)
	if len(b.ring) == remembered {
		b.ring = append(b.ring[:0:0], b.ring[remembered/4:]...)
	}
	b.ring = append(b.ring, e)
	close(b.wake)
	b.wake = make(chan struct{})
}

// forgetStale takes out what an event that counts bytes makes old: a pull tells each
// second, and an hour of it must not push out all else.
func forgetStale(ring []agent.Event, e agent.Event) []agent.Event {
	if e.Bytes == 0 || e.Final {
		return ring
	}
	for k := len(ring) - 1; k >= max(0, len(ring)-32); k-- {
		if o := ring[k]; o.Op == e.Op && o.Stage == e.Stage && o.State == e.State && o.Bytes > 0 {
			return slices.Delete(ring, k, k+1)
		}
	}
	return ring
}

// after returns the remembered events of an app ("" for all) that came after the
// given one, the newest ID there is, and a channel that closes when there is more.
func (b *broker) after(app string, id uint64) ([]agent.Event, uint64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id > b.next {
		id = 0 // from before the clock was set back: a Pi has none that outlives a power cut
	}
	var out []agent.Event
	for _, e := range b.ring {
		if e.ID > id && (app == "" || e.App == app) {
			out = append(out, e)
		}
	}
	return out, b.next, b.wake
}

// Events sends what happened after the event with the given ID and then what
// happens, until ctx ends.
func (s *Service) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	out := make(chan agent.Event)
	go func() {
		defer close(out)
		for {
			events, last, more := s.events.after(app, after)
			for _, e := range events {
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
			after = last
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
