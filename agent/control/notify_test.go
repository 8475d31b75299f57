package control

import (
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestAFailureIsToldOnceAndNotAgainWithinTenMinutes(t *testing.T) {
	h := &herald{since: noon.Add(-time.Minute), told: map[string]time.Time{}}
	list := historyOf("3 crash web - failed", "2 install db - failed", "1 start web - done", "0 drain - pi running")
	if got := idsOf(h.pick(list, noon)); got != "2 3" {
		t.Errorf("at first: %q", got)
	}
	if got := idsOf(h.pick(list, noon)); got != "" {
		t.Errorf("again: %q", got)
	}
	later := append(historyOf("5 crash db - failed", "4 crash web - failed"), list...)
	if got := idsOf(h.pick(later, noon.Add(9*time.Minute))); got != "5" {
		t.Errorf("what was told nine minutes ago: %q", got)
	}
	later = append(historyOf("6 crash web - failed"), later...)
	if got := idsOf(h.pick(later, noon.Add(telling))); got != "6" {
		t.Errorf("what was told ten minutes ago: %q", got)
	}
	later[len(later)-1].Outcome = agent.OutcomeFailed
	if got := idsOf(h.pick(later, noon.Add(telling))); got != "0" {
		t.Errorf("an operation that was under way: %q", got)
	}
}

func TestOnlyFailuresThatMatterAreTold(t *testing.T) {
	h := &herald{since: noon.Add(-time.Minute), told: map[string]time.Time{}}
	list := historyOf("5 sign-in - - failed", "4 install a - failed", "3 install b - failed", "2 crash c - failed", "1 crash d - failed")
	list[1].Ended = noon.Add(-time.Hour)                                              // another leader's
	list[2].Error = agent.Errorf(agent.CodeConflict, "a newer change took its place") // as somebody wanted
	list[3].Error = agent.Errorf(agent.CodeUnavailable, "its machine is down")        // of which is told
	list[4].Error = agent.Errorf(agent.CodeFailed, "it ended")
	if got := idsOf(h.pick(list, noon)); got != "1" {
		t.Errorf("%q", got)
	}
}
