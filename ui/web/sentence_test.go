package web

import (
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAReasonBecomesASentenceOnce(t *testing.T) {
	for from, want := range map[string]string{
		"":                     "",
		" . ":                  "",
		"port 443 is taken":    "Port 443 is taken.",
		"Port 443 is taken.":   "Port 443 is taken.",
		"él no está. ":         "Él no está.",
		"is it switched on?":   "Is it switched on?",
		"it ended with code 1": "It ended with code 1.",
	} {
		if got := Sentence(from); got != want || Sentence(got) != want {
			t.Errorf("%q became %q, then %q", from, got, Sentence(got))
		}
	}
}

func TestAnErrorAtAFieldSaysWhatToDo(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	e := agent.Errorf(agent.CodeInvalid, "a name is missing")
	if got := c.Explain(e); got != "A name is missing." {
		t.Error(got)
	}
	if got := c.Explain(e.WithHint("choose one, like ada")); got != "A name is missing: choose one, like ada." {
		t.Error(got)
	}
}
