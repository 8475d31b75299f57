package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// TestARouteIsReachedByThoseWhomItsRowNames walks roles and actions.
func TestARouteIsReachedByThoseWhomItsRowNames(t *testing.T) {
	for _, action := range []agent.Action{Open, agent.ActOpenApps, agent.ActSeeApp, agent.ActInstall, agent.ActSettings, "no action"} {
		done := 0
		p := newPanel(t, page(action), act(action, &done))
		p.accounts.sessions = map[string]agent.Session{}
		for _, role := range agent.Roles() {
			p.accounts.set(role, &agent.Session{User: role, Role: role})
			for _, method := range []string{"GET", "HEAD"} {
				want := http.StatusForbidden
				if action == Open || agent.Allows(role, action) {
					want = http.StatusOK
				}
				if w := p.do(as(role), method, "/page", ""); w.Code != want {
					t.Errorf("%s /page of %q by a %s: %d", method, action, role, w.Code)
				}
			}
		}
		w := p.do(nobody, "GET", "/page?a=b", "")
		if to := w.Header().Get("Location"); action != Open && (w.Code != 303 || to != "/sign-in?next=%2Fpage%3Fa%3Db") {
			t.Errorf("nobody is sent to %q with %d", to, w.Code)
		}
		if w := p.do(nobody, "POST", "/act", "x=1"); action != Open && (w.Code != 401 || done != 0) {
			t.Errorf("nobody's POST: %d", w.Code)
		}
	}
}

func TestWhatIsDangerousAsksOnceMoreWhoItIs(t *testing.T) {
	done, row := 0, act(agent.ActSecrets, new(int))
	row = act(agent.ActSecrets, &done)
	row.Sudo = true
	p := newPanel(t, page(agent.ActOwnAccount), row)
	body := form(p.do(ada, "GET", "/page", ""))
	w := p.do(ada, "POST", "/act", body, "Referer", "http://panel.test/page?tab=2")
	if to := w.Header().Get("Location"); w.Code != 303 || to != "/sudo?next=%2Fpage%3Ftab%3D2" || done != 0 {
		t.Errorf("it went to %q with %d", to, w.Code)
	}
	if w := p.do(ada, "POST", "/act", body, "Referer", "http://evil.test/x"); w.Header().Get("Location") != "/sudo?next=%2F" {
		t.Errorf("it went to %q", w.Header().Get("Location"))
	}
	s := p.accounts.sessions[token]
	s.Sudo = time.Now().Add(time.Minute)
	p.accounts.set(token, &s)
	if w := p.do(ada, "POST", "/act", body); w.Code != 303 || done != 1 {
		t.Errorf("with a proof: %d", w.Code)
	}
}

func TestWhoAsksAndWhatTheyMayGoesOnToTheCloud(t *testing.T) {
	var actor, role string
	var limit time.Time
	p := newPanel(t, Route{Method: "GET", Path: "/x", Action: agent.ActOpenApps, Handle: func(c *Ctx) error {
		actor, role = agent.Actor(c.Context()), agent.Role(c.Context())
		limit, _ = c.Context().Deadline()
		return c.Echo.NoContent(204)
	}})
	began := time.Now()
	p.do(ada, "GET", "/x", "")
	if actor != "ada" || role != agent.RoleOwner || limit.Before(began) || limit.After(time.Now().Add(pageTime)) {
		t.Errorf("it is %s, %s, until %v", actor, role, limit)
	}
}

func TestAPageThatTakesTooLongSaysSo(t *testing.T) {
	p := newPanel(t, Route{Method: "GET", Path: "/x", Action: Open, Handle: func(c *Ctx) error {
		return errors.Join(errors.New("ask"), context.DeadlineExceeded)
	}})
	if w := p.do(nobody, "GET", "/x?y=1", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "too long") || !strings.Contains(w.Body.String(), `href="/x?y=1"`) {
		t.Errorf("answered %d", w.Code)
	}
}

func TestAMistakeOfOnePageIsThatPagesAndNobodySeesItsInsides(t *testing.T) {
	p := newPanel(t, Route{Method: "GET", Path: "/panic", Action: Open, Handle: func(*Ctx) error { panic("hunter2") }},
		Route{Method: "GET", Path: "/error", Action: Open, Handle: func(*Ctx) error { return errors.New("hunter2") }})
	for _, target := range []string{"/panic", "/error"} {
		for _, headers := range [][]string{nil, {"HX-Request", "true"}, {"Accept", "application/json"}, {"Accept", "text/event-stream"}} {
			w := p.do(ada, "GET", target, "", headers...)
			if w.Code != 500 || strings.Contains(w.Body.String(), "hunter2") || w.Body.Len() == 0 {
				t.Errorf("%s %q: %d %s", target, headers, w.Code, w.Body)
			}
			isPage := strings.Contains(w.Body.String(), "<html")
			if isPage != (headers == nil) {
				t.Errorf("%s %q is told as %s", target, headers, w.Body)
			}
		}
		if w := p.do(ada, "HEAD", target, ""); w.Code != 500 || w.Body.Len() != 0 {
			t.Errorf("HEAD: %d %s", w.Code, w.Body)
		}
	}
	if !strings.Contains(p.log.String(), "hunter2") {
		t.Error("the log does not say why")
	}
}

func TestThePanelAnswersUnderItsOwnNameAlone(t *testing.T) {
	p := newPanel(t, page(agent.ActOwnAccount))
	for host, want := range map[string]int{"panel.test": 200, "PANEL.test:8080": 200, "panel.test.": 200, "evil.test": 421, "": 421,
		"panel.test.evil": 421, "127.0.0.1:80": 421, "[::1]:80": 421, "x panel.test": 421} {
		if w := p.do(ada, "GET", "/page", "", "Host", host); w.Code != want {
			t.Errorf("%q: %d", host, w.Code)
		}
	}
}

func TestAnAccountsServiceThatIsAwayIsNoSignOut(t *testing.T) {
	p := newPanel(t, page(agent.ActOwnAccount), Route{Method: "GET", Path: "/open", Action: Open, Handle: func(c *Ctx) error { return c.Echo.NoContent(204) }})
	p.accounts.err = agent.Errorf(agent.CodeUnavailable, "no leader")
	w := p.do(ada, "GET", "/page", "")
	if w.Code != 503 || cookieOf(w, sessionCookie) != nil {
		t.Errorf("answered %d with %v", w.Code, w.Result().Cookies())
	}
	if w := p.do(ada, "GET", "/open", ""); w.Code != 204 {
		t.Errorf("what is open to all: %d", w.Code)
	}
}

func TestPagesKeepToThemselves(t *testing.T) {
	p := newPanel(t, page(agent.ActOwnAccount))
	for _, target := range []string{"/page", "/nowhere"} {
		h := p.do(ada, "GET", target, "", "X-Forwarded-Proto", "https").Header()
		for name, want := range map[string]string{"Content-Security-Policy": ContentPolicy, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", target, name, h.Get(name))
			}
		}
	}
	if strings.Contains(ContentPolicy, "unsafe") || !strings.HasPrefix(ContentPolicy, "default-src 'none'") {
		t.Errorf("the policy is %s", ContentPolicy)
	}
}

func TestAnAddressIsBelievedFromTheFrontDoorAlone(t *testing.T) {
	var from string
	p := newPanel(t, Route{Method: "GET", Path: "/x", Action: Open, Handle: func(c *Ctx) error {
		from = c.Browser().Address + " " + c.Origin()
		return c.Echo.NoContent(204)
	}})
	p.Kernel = New(Options{Accounts: p.accounts, Live: p.Live, Doors: []netip.Prefix{netip.MustParsePrefix("10.7.0.0/16"), netip.MustParsePrefix("fd00::/8")}}, p.Kernel.routes[:1])
	for _, c := range []struct{ peer, forwarded, want string }{
		{"127.0.0.1:5", "203.0.113.9", "203.0.113.9 https://panel.test"},
		{"[::1]:5", "203.0.113.9", "203.0.113.9 https://panel.test"},
		{"10.7.1.2:5", "203.0.113.9", "203.0.113.9 https://panel.test"},
		{"[fd00::1]:5", "2001:db8::1", "2001:db8::1 https://panel.test"},
		{"10.8.1.2:5", "203.0.113.9", "10.8.1.2 http://panel.test"},
		{"10.7.1.2:5", "1.2.3.4, 203.0.113.9", "203.0.113.9 https://panel.test"},
		{"10.7.1.2:5", "rubbish", "10.7.1.2 https://panel.test"},
		{"192.0.2.1:5", "", "192.0.2.1 http://panel.test"},
	} {
		r := request(c.peer, c.forwarded)
		p.Handler().ServeHTTP(discard{http.Header{}}, r)
		if from != c.want {
			t.Errorf("%s for %q: %s, want %s", c.peer, c.forwarded, from, c.want)
		}
	}
}

func TestAFormThatWasRefusedLeadsBackToItsPage(t *testing.T) {
	refuses := Route{Method: "POST", Path: "/act", Action: agent.ActOpenApps, Handle: func(*Ctx) error { return agent.Errorf(agent.CodeFailed, "no room").WithHint("make some") }}
	p := newPanel(t, page(agent.ActOpenApps), refuses)
	token := form(p.do(ada, "GET", "/page", ""))
	for from, back := range map[string]string{
		"http://panel.test/page?x=1": `href="/page?x=1"`,
		"http://panel.test/act":      "", // an answer to a form: nothing to look at again
		"http://panel.test/none":     "",
		"http://other.test/page":     "",
		"http://panel.test/":         "",
		"":                           "",
	} {
		w := p.do(ada, "POST", "/act", token, "Referer", from)
		body := w.Body.String()
		if w.Code < 400 || !strings.Contains(body, "Make some.") || !strings.Contains(body, `href="/">Go home`) {
			t.Fatalf("from %q: %d %s", from, w.Code, body)
		}
		if has := strings.Contains(body, ">Back<"); has != (back != "") || !strings.Contains(body, back) {
			t.Errorf("from %q: %s", from, body)
		}
	}
}
