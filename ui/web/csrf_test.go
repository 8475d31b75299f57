package web

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestOnlyAFormOfOurPagesChangesSomething(t *testing.T) {
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), act(agent.ActOwnAccount, &done))
	bob := as("bobs-token-which-is-long-as-well")
	p.accounts.set(string(bob), &agent.Session{User: "bob", Role: agent.RoleGuest})
	mine, his := p.do(ada, "GET", "/page", ""), p.do(bob, "GET", "/page", "")
	right := form(mine, "x", "1")
	_, value, _ := strings.Cut(form(mine), "csrf=")
	for _, c := range []struct {
		what    string
		body    string
		headers []string
		status  int
	}{
		{"no token", "x=1", nil, 403},
		{"an empty token", "csrf=&x=1", nil, 403},
		{"a wrong token", "csrf=" + base64.RawURLEncoding.EncodeToString(make([]byte, maskLength+macLength)), nil, 403},
		{"another person's token", form(his), nil, 403},
		{"a token in the address", "x=1", []string{"Host", "panel.test"}, 403},
		{"another site", right, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"an app beside the panel", right, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an app, in a browser that tells no more", right, []string{"Origin", "http://app.test"}, 403},
		{"a page without an origin", right, []string{"Origin", "null"}, 403},
		{"another port", right, []string{"Origin", "http://panel.test:8080"}, 403},
		{"the right one", right, nil, 303},
		{"from our page", right, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://panel.test"}, 303},
		{"in the header", "x=1", []string{"X-CSRF-Token", value}, 303},
		{"a wrong header beside a right field", right, []string{"X-CSRF-Token", "x"}, 403},
	} {
		before, target := done, "/act"
		if c.what == "a token in the address" {
			target += "?" + form(mine)
		}
		w := p.do(ada, "POST", target, c.body, c.headers...)
		if w.Code != c.status || (done > before) != (c.status == 303) {
			t.Errorf("%s: %d, %d calls", c.what, w.Code, done-before)
		}
	}
}

// TestACookieThatAnAppPlantsHelpsNobody: apps are at names beside the panel's, from
// where a page may set cookies for both on plain HTTP.
func TestACookieThatAnAppPlantsHelpsNobody(t *testing.T) {
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), act(agent.ActOwnAccount, &done))
	planted := "planted-by-an-app-and-long-enough"
	w := p.do(ada, "POST", "/act", "csrf="+csrfToken(planted), "Cookie", sessionCookie+"="+token+"; "+csrfCookie+"="+planted)
	if w.Code != 403 || done != 0 {
		t.Errorf("answered %d", w.Code)
	}
}

func TestBeforeSomebodyIsSignedInTheBrowserHasASecretOfItsOwn(t *testing.T) {
	done := 0
	p := newPanel(t, page(Open), act(Open, &done))
	shown := p.do(nobody, "GET", "/page", "")
	secret := cookieOf(shown, csrfCookie)
	if secret == nil || !secret.HttpOnly || len(secret.Value) < leastSecret {
		t.Fatalf("the cookie is %+v", secret)
	}
	has := []string{"Cookie", csrfCookie + "=" + secret.Value}
	if w := p.do(nobody, "POST", "/act", form(shown), has...); w.Code != 303 || done != 1 {
		t.Errorf("its own form: %d", w.Code)
	}
	if w := p.do(nobody, "GET", "/page", "", has...); cookieOf(w, csrfCookie) != nil {
		t.Error("it gets another one each time")
	}
	for what, cookie := range map[string]string{"none": "", "an empty one": csrfCookie + "=", "a short one": csrfCookie + "=abc"} {
		_, value, _ := strings.Cut(cookie, "=")
		if w := p.do(nobody, "POST", "/act", "csrf="+csrfToken(value), "Cookie", cookie); w.Code != 403 {
			t.Errorf("with %s: %d", what, w.Code)
		}
	}
	if done != 1 {
		t.Errorf("done %d times", done)
	}
}

func TestATokenIsAnotherEachTimeAndHoldsForItsSecretAlone(t *testing.T) {
	a, b := csrfToken("secret"), csrfToken("secret")
	if a == b || !csrfHolds("secret", a) || !csrfHolds("secret", b) || csrfHolds("other", a) || csrfHolds("", csrfToken("")) {
		t.Errorf("tokens are %s and %s", a, b)
	}
}

func FuzzATokenThatSomebodyMadeUpNeverHolds(f *testing.F) {
	for _, seed := range []string{"", "a", strings.Repeat("A", 64), csrfToken("x"), "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if csrfHolds("the secret of a browser", token) {
			t.Errorf("%q holds", token)
		}
	})
}
