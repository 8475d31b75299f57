package control

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
)

func TestAWatchTellsAtOnceAndThenOfChangesAFewTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &Service{view: newView()}
		ticks, err := s.Watch(ctx)
		check(t, err)
		<-ticks
		n := 0
		for range time.Second / time.Millisecond {
			time.Sleep(time.Millisecond) // by the bubble's clock
			s.view.set("allocs", func() {})
			select {
			case <-ticks:
				n++
			default:
			}
		}
		if n < 2 || n > 6 {
			t.Errorf("%d ticks within a second of changes without end", n)
		}
		cancel()
		for range ticks { // closed, once those before are taken
		}
	})
}

func TestAWatchThatIsReadSeldomMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{view: newView()}
		ctx, cancel := context.WithCancel(t.Context())
		ticks, err := s.Watch(ctx)
		check(t, err)
		<-ticks
		for range 3 {
			s.view.set("nodes", func() {}) // also just after the tick before
			select {
			case <-ticks:
			case <-time.After(watchMost / 2):
				t.Fatal("a change is not told")
			}
		}
		cancel()
		for range ticks {
		}
	})
}

func TestAWatchTellsOfAMachineThatTheGossipMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		seen := func() []pool.Seen {
			m := pool.Seen{State: pool.Alive}
			if gone.Load() {
				m.State = pool.Gone
			}
			return []pool.Seen{m}
		}
		s := &Service{view: newView(), Deps: Deps{Members: Membership{Seen: seen}}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.watchGossip(ctx) }()
		check(t, s.view.await(ctx, func() (bool, error) { return s.view.ready["gossip"], nil }))
		ticks, err := s.Watch(ctx)
		check(t, err)
		<-ticks
		gone.Store(true)
		select {
		case <-ticks:
		case <-time.After(watchMost / 2):
			t.Error("it is not told")
		}
		cancel()
		check(t, <-done)
		for range ticks {
		}
	})
}
