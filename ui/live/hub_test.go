package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestAStateSaysWhatThereIsByName(t *testing.T) {
	f := newFake()
	f.apps = []agent.App{{Name: "wiki"}, {Name: "news"}}
	f.nodes = []agent.Node{{Name: "pi2"}, {Name: "pi1"}}
	f.settings = agent.Settings{Name: "Ada's cloud"}
	f.activity = make([]agent.Activity, 30)
	h := New(f, nil)
	if s := h.State(); s.Away == nil || s.Version == 0 || s.Ops == nil {
		t.Errorf("before it knows anything the state is %+v", s)
	}
	run(t, h)
	s := until(t, h, "the first state", func(s *State) bool { return s.Away == nil })
	if s.Apps[0].Name != "news" || s.Nodes[0].Name != "pi1" || s.Settings.Name != "Ada's cloud" || len(s.Latest) != 20 {
		t.Errorf("it is %+v", s)
	}
	if f.apps[0].Name != "wiki" {
		t.Error("the source's own list was sorted")
	}
}

func TestAChangeWakesThePagesAndNoChangeDoesNot(t *testing.T) {
	f := newFake()
	h := running(t, f)
	until(t, h, "the first state", func(s *State) bool { return s.Away == nil })
	f.set(func(f *fake) { f.apps = []agent.App{{Name: "news"}} })
	s := until(t, h, "the app", func(s *State) bool { return len(s.Apps) == 1 })
	for range 3 {
		if err := h.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if now := h.State(); now != s {
		t.Errorf("version %d became %d with nothing changed", s.Version, now.Version)
	}
}

func TestAnEventReachesThePagesThoughNothingElseIsTold(t *testing.T) {
	f := newFake()
	h := running(t, f)
	until(t, h, "the first state", func(s *State) bool { return s.Away == nil })
	for id := uint64(1); id <= 20; id++ {
		f.tell(step(id, "op", "news", agent.StagePull, agent.EventProgress))
		until(t, h, "the event", func(s *State) bool { return s.Ops["news"].Last.ID == id })
	}
}

func TestManyEventsAtOnceMakeFewStates(t *testing.T) {
	f := newFake()
	var evs []agent.Event
	for id := uint64(1); id <= 5000; id++ {
		evs = append(evs, step(id, "op", "news", agent.StagePull, agent.EventProgress))
	}
	f.past = evs
	h := New(f, nil)
	before := h.State().Version
	began := time.Now()
	run(t, h)
	s := until(t, h, "the last event", func(s *State) bool { return s.Ops["news"].Last.ID == 5000 })
	if made, most := s.Version-before, uint64(time.Since(began)/apart)+5; made > most {
		t.Errorf("5000 events made %d states in %v", made, time.Since(began))
	}
}

func TestRefreshShowsAChangeMadeBeforeItAndSharesRounds(t *testing.T) {
	f := newFake()
	f.gate = make(chan struct{})
	h := New(f, nil)
	first := make(chan error, 1)
	go func() { first <- h.Refresh(t.Context()) }()
	for f.rounds() == 0 {
		time.Sleep(time.Millisecond)
	}
	f.set(func(f *fake) { f.apps = []agent.App{{Name: "news"}} }) // while the first round has its answer already
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := h.Refresh(t.Context()); err != nil || len(h.State().Apps) != 1 {
				t.Errorf("after Refresh: %v, %+v", err, h.State().Apps)
			}
		})
	}
	for {
		h.mu.Lock()
		queued := h.queued != nil
		h.mu.Unlock()
		if queued {
			break
		}
		time.Sleep(time.Millisecond)
	}
	close(f.gate)
	all.Wait()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if n := f.rounds(); n > 51 || n < 2 {
		t.Errorf("%d rounds", n)
	}
}

func (f *fake) rounds() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func TestRefreshEndsWithItsCaller(t *testing.T) {
	f := newFake()
	f.gate = make(chan struct{})
	h := New(f, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	close(f.gate)
}

func TestWhenTheCloudIsAwayTheLastThatWasKnownStaysUntilItIsBack(t *testing.T) {
	f := newFake()
	f.apps = []agent.App{{Name: "news"}}
	h := running(t, f)
	until(t, h, "the first state", func(s *State) bool { return s.Away == nil && len(s.Apps) == 1 })
	f.breakOff(func(f *fake) { f.err = errors.New("password is hunter2") })
	s := until(t, h, "away", func(s *State) bool { return s.Away != nil })
	if len(s.Apps) != 1 || strings.Contains(s.Away.Message+s.Away.Hint, "hunter2") || s.Away.Hint == "" {
		t.Errorf("away it is %+v, %+v", s.Away, s.Apps)
	}
	f.breakOff(func(f *fake) { f.err = agent.Errorf(agent.CodeUnavailable, "no leader") })
	until(t, h, "another reason", func(s *State) bool { return s.Away.Message == "no leader" })
	f.breakOff(func(f *fake) { f.err, f.apps = nil, nil })
	until(t, h, "back", func(s *State) bool { return s.Away == nil && len(s.Apps) == 0 })
	f.tell(step(1, "op", "news", agent.StagePull, agent.EventProgress))
	until(t, h, "events again", func(s *State) bool { return s.Ops["news"].ID == "op" })
}

func TestWhatCanBeAskedIsNewThoughAPartFails(t *testing.T) {
	f := newFake()
	f.settings = agent.Settings{Name: "before"}
	h := running(t, f)
	until(t, h, "the first state", func(s *State) bool { return s.Away == nil })
	f.set(func(f *fake) {
		f.partial, f.apps = errors.New("no"), []agent.App{{Name: "news"}}
	})
	s := until(t, h, "the app", func(s *State) bool { return len(s.Apps) == 1 })
	if s.Away == nil || s.Settings.Name != "before" {
		t.Errorf("it is %+v, %+v", s.Away, s.Settings)
	}
	// Nothing tells that it works again: the hub asks by itself.
	f.mu.Lock()
	f.partial = nil
	f.mu.Unlock()
	until(t, h, "whole again", func(s *State) bool { return s.Away == nil })
}

func TestTheEndOfAnOperationIsAskedAfterThoughTheWatchIsSilent(t *testing.T) {
	f := newFake()
	h := running(t, f)
	until(t, h, "the first state", func(s *State) bool { return s.Away == nil })
	f.mu.Lock()
	f.apps = []agent.App{{Name: "news", State: agent.StateRunning}}
	f.mu.Unlock()
	f.tell(last(step(1, "op", "news", agent.StageRouted, agent.EventDone)))
	until(t, h, "the app", func(s *State) bool { return len(s.Apps) == 1 && s.Ops["news"].Last.Final })
}

func TestAVersionNeverComesTwiceNotEvenAfterARestart(t *testing.T) {
	first := New(newFake(), nil)
	for range 1000 {
		first.mu.Lock()
		first.publish(func(*State) {})
		first.mu.Unlock()
	}
	time.Sleep(time.Millisecond) // a restart takes longer
	if second := New(newFake(), nil); second.State().Version <= first.State().Version {
		t.Errorf("%d follows on %d", second.State().Version, first.State().Version)
	}
}

// TestAStateIsNeverChangedAfterItWasMade reads all that it gets while events and
// changes come, which the race detector watches.
func TestAStateIsNeverChangedAfterItWasMade(t *testing.T) {
	f := newFake()
	h := running(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				s, changed := h.Wait()
				before := fmt.Sprintf("%+v", *s)
				select {
				case <-changed:
				case <-ctx.Done():
				}
				if after := fmt.Sprintf("%+v", *s); after != before {
					t.Errorf("it was %s and is %s", before, after)
				}
			}
		})
	}
	for id := uint64(1); id <= 300; id++ {
		app := fmt.Sprint("app", id%7)
		f.tell(step(id, fmt.Sprint("op", id/21, app), app, fmt.Sprint("stage", id%3), agent.EventProgress))
		if id%10 == 0 {
			f.set(func(f *fake) { f.apps = append(f.apps[:len(f.apps):len(f.apps)], agent.App{Name: app}) })
			if err := h.Refresh(ctx); err != nil {
				t.Error(err)
			}
		}
	}
	until(t, h, "the last event", func(s *State) bool { return s.Ops["app6"].Last.ID == 300 })
	cancel()
	all.Wait()
}

func TestTheStatesBeforeAreRememberedForAWhile(t *testing.T) {
	h := New(nil, nil)
	first := h.State()
	for range remembered {
		h.mu.Lock()
		h.publish(func(*State) {})
		h.mu.Unlock()
	}
	if h.Past(first.Version) != first || h.Past(h.State().Version) != h.State() || h.Past(7) != nil {
		t.Error("a state is not found by its version")
	}
	h.mu.Lock()
	h.publish(func(*State) {})
	h.mu.Unlock()
	if h.Past(first.Version) != nil || len(h.past) != remembered {
		t.Errorf("%d states are remembered", len(h.past))
	}
}
