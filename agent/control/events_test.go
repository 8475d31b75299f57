package control

import (
	"context"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestALateListenerGetsWhatIsRememberedOfItsApp(t *testing.T) {
	s := bench()
	for _, app := range []string{"a", "b", "a"} {
		s.events.publish(agent.Event{App: app})
	}
	all, last, _ := s.events.after("", 0)
	mine, _, _ := s.events.after("a", 0)
	rest, _, _ := s.events.after("a", mine[0].ID)
	if len(all) != 3 || len(mine) != 2 || len(rest) != 1 || rest[0].ID != last || !all[0].Time.Equal(noon) {
		t.Errorf("all %d, of a %d, after its first %d", len(all), len(mine), len(rest))
	}
	for k := 1; k < len(all); k++ {
		if all[k].ID <= all[k-1].ID {
			t.Error("the IDs do not grow")
		}
	}
}

func TestIDsGrowAcrossRestartsOfTheAgent(t *testing.T) {
	before, later := bench().events, newBroker(func() time.Time { return noon.Add(time.Second) })
	for range 5000 {
		before.publish(agent.Event{})
	}
	later.publish(agent.Event{})
	_, old, _ := before.after("", 0)
	if events, _, _ := later.after("", old); len(events) != 1 {
		t.Error("the first event after a restart is missed")
	}
}

func TestAListenerFromBeforeTheClockWasSetBackHearsAgain(t *testing.T) {
	s := bench()
	s.events.publish(agent.Event{App: "a"})
	events, _, _ := s.events.after("", uint64(noon.Add(time.Hour).UnixMicro()))
	if len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
}

func TestTheMemoryForEventsIsBounded(t *testing.T) {
	b := bench().events
	for range 10 * remembered {
		b.publish(agent.Event{})
	}
	events, last, _ := b.after("", 0)
	if len(events) > remembered || len(events) < remembered/2 || events[len(events)-1].ID != last {
		t.Errorf("%d remembered", len(events))
	}
}

func TestASlowListenerHoldsNobodyUp(t *testing.T) {
	s := bench()
	ctx, cancel := context.WithCancel(t.Context())
	events, err := s.Events(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * remembered { // nobody reads; it must not block
		s.events.publish(agent.Event{})
	}
	first := <-events
	for n := range remembered / 2 {
		if next := <-events; next.ID <= first.ID {
			t.Fatalf("event %d came after %d", next.ID, first.ID)
		} else if first = next; n == 0 {
			continue
		}
	}
	cancel()
	for range events { // ends: it is closed
	}
}

func TestAListenerHearsWhatHappensNext(t *testing.T) {
	s := bench()
	events, err := s.Events(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	s.events.publish(agent.Event{App: "b", Message: "no"})
	s.events.publish(agent.Event{App: "a", Message: "yes"})
	if e := <-events; e.Message != "yes" {
		t.Error(e.Message)
	}
}
