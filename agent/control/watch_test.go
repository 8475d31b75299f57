package control

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
)

func TestAWatchTellsAtOnceAndThenOfChangesAFewTimesASecond(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Service{view: newView()}
	ticks, err := s.Watch(ctx)
	check(t, err)
	<-ticks
	stop := time.After(time.Second)
	n := 0
	for over := false; !over; {
		s.view.set("allocs", func() {})
		select {
		case <-ticks:
			n++
		case <-stop:
			over = true
		default:
		}
	}
	if n < 2 || n > 6 {
		t.Errorf("%d ticks within a second of changes without end", n)
	}
	cancel()
	for range ticks { // closed, once those before are taken
	}
}

func TestAWatchThatIsReadSeldomMissesNothing(t *testing.T) {
	s := &Service{view: newView()}
	ticks, err := s.Watch(t.Context())
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
}

func TestAWatchTellsOfAMachineThatTheGossipMisses(t *testing.T) {
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
}
