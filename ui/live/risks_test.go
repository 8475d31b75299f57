package live

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestDetailsAreAskedForOnlyOfAppsThatSomethingHappenedTo(t *testing.T) {
	f := newFake()
	f.apps = []agent.App{{Name: "blog", Version: "1"}, {Name: "files", Version: "1"}}
	f.risks = map[string][]string{"blog": {"web uses the network of its machine"}}
	h := New(f, nil)
	round := func() *State {
		t.Helper()
		if err := h.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(f.details)
		return h.State()
	}
	if s := round(); !slices.Equal(s.Risks["blog"], f.risks["blog"]) || len(s.Risks) != 1 || !slices.Equal(f.details, []string{"blog", "files"}) {
		t.Fatalf("%v, asked for %v", s.Risks, f.details)
	}
	f.details = nil
	if round(); len(f.details) > 0 {
		t.Errorf("nothing happened, and %v are asked for", f.details)
	}
	f.apps = []agent.App{{Name: "blog", Version: "1"}, {Name: "files", Version: "2"}}
	f.activity = []agent.Activity{{ID: "1", App: "blog", Action: "override", Outcome: agent.OutcomeRunning}}
	if round(); !slices.Equal(f.details, []string{"blog", "files"}) {
		t.Errorf("an update and a change, and %v are asked for", f.details)
	}
	f.details, f.risks = nil, nil
	f.activity = []agent.Activity{{ID: "1", App: "blog", Action: "override", Outcome: agent.OutcomeDone}}
	if s := round(); !slices.Equal(f.details, []string{"blog"}) || len(s.Risks) > 0 {
		t.Errorf("the change is done, and %v are asked for: %v", f.details, s.Risks)
	}
}

func TestRisksAreKeptWhileAnAppCannotBeLookedAt(t *testing.T) {
	f := newFake()
	f.apps = []agent.App{{Name: "blog", Version: "1"}}
	f.risks = map[string][]string{"blog": {"a risk"}}
	h := New(f, nil)
	if got := h.risks(t.Context(), f.apps, nil); len(got["blog"]) != 1 {
		t.Fatal(got)
	}
	f.err = errors.New("away")
	newer := []agent.App{{Name: "blog", Version: "2"}}
	if got := h.risks(t.Context(), newer, nil); len(got["blog"]) != 1 {
		t.Errorf("what was known is forgotten: %v", got)
	}
	f.err, f.risks = nil, nil
	if got := h.risks(t.Context(), newer, nil); len(got) > 0 {
		t.Errorf("it is not asked for again: %v", got)
	}
}
