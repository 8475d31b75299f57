package home

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// english says texts as they stand.
type english struct{}

func (english) T(text string, args ...any) string {
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
func (e english) N(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return e.T(many, n)
}

func told(s *live.State, role string) []web.Warning {
	return warnings(s, nil, func(do agent.Action) bool { return agent.Allows(role, do) }, english{}, evening)
}

func TestEachTroubleIsToldWithWhereToGo(t *testing.T) {
	machine := func(l agent.Load) *live.State {
		return &live.State{Nodes: []agent.Node{{Name: "pi1", State: agent.NodeReady, Memory: 4096, Load: &l}}}
	}
	failed := agent.Activity{ID: "9", Actor: "bob", Action: "restart", App: "wiki", Outcome: agent.OutcomeFailed, Started: evening.Add(-time.Hour), Error: agent.Errorf(agent.CodeFailed, "it ended at once")}
	install := failed
	install.Action, install.App = "install", "news"
	old := failed
	old.Started = evening.Add(-25 * time.Hour)
	done := agent.Activity{ID: "10", Action: "restart", App: "wiki", Outcome: agent.OutcomeDone, Started: evening}
	for _, c := range []struct {
		what        string
		state       *live.State
		level, text string
		href        string
	}{
		{"all is well", machine(agent.Load{MemoryUsed: 2000, DiskTotal: 32000, DiskFree: 16000}), "", "", ""},
		{"nothing is known of a machine", machine(agent.Load{MemoryUsed: -1, DiskTotal: -1, DiskFree: -1, CPU: -1}), "", "", ""},
		{"down", &live.State{Nodes: []agent.Node{{Name: "pi2", State: agent.NodeDown, Reason: "it does not answer"}}}, "bad", "pi2 is away: it does not answer.", "/machines/pi2"},
		{"emptied on purpose", &live.State{Nodes: []agent.Node{{Name: "pi2", State: agent.NodeDraining}}}, "", "", ""},
		{"disk low", machine(agent.Load{DiskTotal: 32000, DiskFree: 2400}), "warn", "The disk of pi1 is nearly full: 2.3 of 31 GB are free.", "/machines/pi1"},
		{"disk full", machine(agent.Load{DiskTotal: 32000, DiskFree: 200}), "bad", "The disk of pi1 is nearly full", "/machines/pi1"},
		{"a large disk with much room", machine(agent.Load{DiskTotal: 4000000, DiskFree: 200000}), "", "", ""},
		{"memory", machine(agent.Load{MemoryUsed: 3900, DiskTotal: -1, DiskFree: -1}), "warn", "The memory of pi1 is nearly full", "/machines/pi1"},
		{"an app failed", &live.State{Apps: []agent.App{{Name: "wiki", State: agent.StateFailed, Reason: "it ended with 1."}}}, "bad", "Wiki does not run: it ended with 1.", "/apps/wiki"},
		{"an app is unwell", &live.State{Apps: []agent.App{{Name: "wiki", State: agent.StateDegraded}}}, "warn", "Wiki is not well.", "/apps/wiki"},
		{"an app that somebody stopped", &live.State{Apps: []agent.App{{Name: "wiki", State: agent.StateStopped}}}, "", "", ""},
		{"a machine asks", &live.State{Pending: []agent.PendingNode{{Name: "pi3", Address: "192.0.2.7"}}}, "info", "pi3 asks to join your cloud, from 192.0.2.7.", "/machines"},
		{"a change failed", &live.State{Latest: []agent.Activity{failed}}, "warn", "Tried to restart Wiki. It did not work.", "/activity/9"},
		{"an install failed", &live.State{Latest: []agent.Activity{install}}, "warn", "News could not be installed.", "/apps/news"},
		{"long ago", &live.State{Latest: []agent.Activity{old}}, "", "", ""},
		{"it worked since", &live.State{Latest: []agent.Activity{done, failed}}, "", "", ""},
		{"the app says so itself", &live.State{Latest: []agent.Activity{failed}, Apps: []agent.App{{Name: "wiki", State: agent.StateFailed}}}, "bad", "Wiki does not run.", "/apps/wiki"},
	} {
		got := told(c.state, agent.RoleOwner)
		switch {
		case c.level == "" && len(got) > 0:
			t.Errorf("%s: %+v", c.what, got)
		case c.level != "" && len(got) != 1:
			t.Errorf("%s: %+v", c.what, got)
		case c.level != "":
			w := got[0]
			if w.Level != c.level || !strings.Contains(w.Text, c.text) || w.Href != c.href || w.Hint == "" || w.Action == "" {
				t.Errorf("%s: %+v", c.what, w)
			}
		}
	}
}

func TestNobodyIsToldOfWhatIsNotTheirs(t *testing.T) {
	s := &live.State{
		Nodes: []agent.Node{{Name: "pi2", State: agent.NodeDown}}, Apps: []agent.App{{Name: "wiki", State: agent.StateFailed}},
		Pending: []agent.PendingNode{{Name: "pi3"}}, Latest: []agent.Activity{{ID: "1", Action: "drain", Node: "pi1", Outcome: agent.OutcomeFailed, Started: evening}},
	}
	for role, want := range map[string]int{agent.RoleGuest: 0, agent.RoleMember: 2, agent.RoleAdmin: 4, agent.RoleOwner: 4} {
		if got := told(s, role); len(got) != want {
			t.Errorf("%s is told %+v", role, got)
		}
	}
}

func TestTheWorstComesFirstAndManyAreCounted(t *testing.T) {
	s := &live.State{Pending: []agent.PendingNode{{Name: "a"}, {Name: "b"}}}
	for k := range 30 {
		s.Apps = append(s.Apps, agent.App{Name: fmt.Sprintf("app%d", k), State: agent.StateDegraded})
	}
	s.Apps[29].State = agent.StateFailed
	got := told(s, agent.RoleOwner)
	if len(got) != 31 || got[0].Href != "/apps/app29" || got[30].Level != web.LevelInfo || got[30].Text != "2 machines ask to join your cloud." {
		t.Errorf("%+v", got)
	}
	page := newBed(t, &cloud{apps: s.Apps, pending: s.Pending}).page()
	if n := strings.Count(page, `class="warning `); n != mostWarnings {
		t.Errorf("%d warnings", n)
	}
	has(t, page, "And 11 things more", "19 more things")
}

func TestAnOverrideThatDoesNotFitAnyMoreIsToldWithWhereToPutItRight(t *testing.T) {
	s := &live.State{Apps: []agent.App{{Name: "blog", Entry: "blog", State: agent.StateRunning}, {Name: "wiki", Entry: "wiki", State: agent.StateRunning}},
		Risks: map[string][]string{"blog": {"its override does not fit, in line 3: there is no task x; it runs on as it did"}, "wiki": {"web uses the network of its machine"}}}
	got := told(s, agent.RoleAdmin)
	if len(got) != 1 || !strings.Contains(got[0].Text, "Blog by hand") || !strings.Contains(got[0].Hint, "Line 3") || got[0].Href != "/apps/blog/override" {
		t.Errorf("%+v", got)
	}
	if got := told(s, agent.RoleMember); len(got) != 1 || got[0].Href != "/apps/blog" {
		t.Errorf("a member: %+v", got)
	}
	if got := told(s, agent.RoleGuest); len(got) > 0 {
		t.Errorf("a guest: %+v", got)
	}
	for _, tile := range tiles(s, agent.RoleMember, nil) {
		if want := strings.Join(s.Risks[tile.Name], "; "); tile.Caution != want {
			t.Errorf("the menu of %s says %q", tile.Name, tile.Caution)
		}
	}
	s.Apps[0].URL, s.Apps[0].Access = "https://blog.ada.xyz", "public"
	for _, tile := range tiles(s, agent.RoleGuest, nil) {
		if tile.Caution != "" {
			t.Errorf("a guest is told %q", tile.Caution)
		}
	}
}
