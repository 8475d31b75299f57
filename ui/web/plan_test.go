package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestEachVerdictIsToldInWords(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	seen := map[string]bool{}
	for _, do := range []string{agent.VerdictNothing, agent.VerdictInPlace, agent.VerdictRestart, agent.VerdictPlace, agent.VerdictStop, agent.VerdictBlocked, "", "new-in-a-later-version"} {
		v := c.Verdict(agent.Verdict{Do: do, Node: "pi1", Why: []string{"pi1: no room"}}, "Blog")
		if v.Text == "" || v.Level == "" || v.Icon == "" || strings.Contains(v.Text, "%") {
			t.Errorf("%q: %+v", do, v)
		}
		if len(v.Why) > 0 != (do == agent.VerdictBlocked) {
			t.Errorf("%q: %v", do, v.Why)
		}
		seen[v.Text] = true
	}
	if len(seen) != 7 { // the last two are the same
		t.Errorf("%d texts", len(seen))
	}
}

func TestAnAddressIsTakenApartAtTheDotsThatAreNotQuoted(t *testing.T) {
	for address, want := range map[string][]string{
		"":                             {""},
		"group.blog.task.web.env.A":    {"group", "blog", "task", "web", "env", "A"},
		`task.web.template["s/x.env"]`: {"task", "web", `template["s/x.env"]`},
		`a["x.\"y.z"].b`:               {`a["x.\"y.z"]`, "b"},
		"group.blog.constraint[0]":     {"group", "blog", "constraint[0]"},
	} {
		if got := splitAddress(address); !slices.Equal(got, want) {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestALongDifferenceEndsAndSaysHowMuchIsLeft(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	diff := make([]agent.Change, mostChanges+3)
	if len(c.Changes(diff)) != mostChanges || c.Unshown(diff) != 3 || c.Unshown(nil) != 0 {
		t.Errorf("%d, %d", len(c.Changes(diff)), c.Unshown(diff))
	}
}

func TestWhatAnOverrideReachesIsToldApartFromThatItDoesNotFit(t *testing.T) {
	reaches, broken := Unfit([]string{"web uses the network of its machine", "its override does not fit, in line 3: there is no task x; it runs on as it did"})
	if len(reaches) != 1 || len(broken) != 1 || !strings.Contains(broken[0], "line 3") {
		t.Errorf("%q, %q", reaches, broken)
	}
	if !Risky("Risky: web runs as root.") || Risky("Changed: web: risky") {
		t.Error("risky notes are not told apart")
	}
}

func TestAPlanOfAStoppedAppDoesNotSayThatNothingWouldChange(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	p := agent.Plan{Verdict: agent.Verdict{Do: agent.VerdictNothing}, Changes: []string{"the override of blog cannot be used: line 5: no", "it is stopped, and would start with this"},
		Diff: []agent.Change{{Address: "a"}}}
	if v := c.Outlook(p, "Blog"); v.Text != "Blog is stopped." {
		t.Errorf("%+v", v)
	}
	if got := c.Besides(p); len(got) != 1 || !strings.Contains(got[0], "line 5") {
		t.Errorf("%q", got)
	}
	p.Diff = nil
	if v := c.Outlook(p, "Blog"); v.Text != "Nothing would change." {
		t.Errorf("%+v", v)
	}
}

func TestAnOverrideThatDoesNotFitIsToldWithoutTheSchedulersWords(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	for why, want := range map[string]string{
		"its override does not fit, in line 12: there is no task x; it runs on as it did": "Line 12 does not go with the app as it is now. It runs on as it did.",
		"its override does not fit: there is no task x; it runs on as it did":             "It does not go with the app as it is now. It runs on as it did.",
	} {
		if got := UnfitHint(c.T, why); got != want {
			t.Errorf("%q: %q", why, got)
		}
	}
}
