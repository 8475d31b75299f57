package web

import (
	"strings"
	"testing"
)

func TestWhoMovesSignsInAtTheSamePortOfTheNewName(t *testing.T) {
	for _, c := range []struct{ origin, before, domain, want string }{
		{"https://panel.ada.xyz", "ada.xyz", "ada.org", "https://panel.ada.org/sign-in"},
		{"http://panel.dcloud.localhost:8080", "dcloud.localhost", "ada.org", "http://panel.ada.org:8080/sign-in"},
		{"https://cloud.ada.xyz", "ada.xyz", "ada.org", "https://cloud.ada.org/sign-in"},
		{"http://127.0.0.1:8080", "ada.xyz", "ada.org", "http://panel.ada.org:8080/sign-in"},
		{"http://localhost", "", "ada.org", "http://panel.ada.org/sign-in"},
	} {
		if got := movedTo(c.origin, c.before, c.domain); got != c.want {
			t.Errorf("from %s under %q to %s: %s, want %s", c.origin, c.before, c.domain, got, c.want)
		}
	}
}

func TestAPageThatMovesLooksForTheNewAddressAndForNothingElse(t *testing.T) {
	p := newPanel(t, Route{Method: "GET", Path: "/move", Action: Open, Handle: func(c *Ctx) error { return c.Moving("ada.org", false) }},
		Route{Method: "GET", Path: "/app-icon/:file", Action: Open, Handle: panelIcon})
	w := p.do(nobody, "GET", "/move", "")
	const there = "http://panel.ada.org"
	if !strings.Contains(w.Body.String(), `data-there="`+there+`/app-icon/180.png"`) {
		t.Errorf("the page looks elsewhere: %s", w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "img-src 'self' "+there+" data:;") || strings.Replace(policy, " "+there, "", 1) != ContentPolicy {
		t.Errorf("the policy is %s", policy)
	}
	// It has to be found from there.
	if got := p.do(nobody, "GET", "/app-icon/180.png", "").Header().Get("Cross-Origin-Resource-Policy"); got != "cross-origin" {
		t.Errorf("the picture is for %q", got)
	}
}
