package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// discard is a writer of nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// request comes over HTTPS through whoever is the peer.
func request(peer, forwarded string) *http.Request {
	r := httptest.NewRequest("GET", "/x", nil)
	r.Host, r.RemoteAddr = "panel.test", peer
	r.Header.Set("X-Forwarded-Proto", "https")
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	return r
}

func TestTheCookieOfASessionIsSeenByNoScriptAndNoOtherName(t *testing.T) {
	p := newPanel(t, Route{Method: "GET", Path: "/in", Action: Open, Handle: func(c *Ctx) error {
		c.Remember(agent.SignedIn{Token: token, Session: agent.Session{User: "ada", Role: agent.RoleOwner, Expires: time.Now().Add(time.Hour)}})
		return c.Go("/")
	}}, page(agent.ActOwnAccount))
	plain := cookieOf(p.do(nobody, "GET", "/in", ""), "dcloud_session")
	if plain == nil || !plain.HttpOnly || plain.Secure || plain.SameSite != http.SameSiteLaxMode || plain.Path != "/" || plain.Domain != "" {
		t.Errorf("over HTTP it is %+v", plain)
	}
	tls := []string{"X-Forwarded-Proto", "https"}
	secure := cookieOf(p.do(nobody, "GET", "/in", "", tls...), "__Host-dcloud_session")
	if secure == nil || !secure.HttpOnly || !secure.Secure || secure.Path != "/" || secure.Domain != "" {
		t.Fatalf("over HTTPS it is %+v", secure)
	}
	if w := p.do(nobody, "GET", "/page", "", append(tls, "Cookie", "__Host-dcloud_session="+token)...); w.Code != 200 {
		t.Errorf("with it: %d", w.Code)
	}
	if w := p.do(nobody, "GET", "/page", "", append(tls, "Cookie", "dcloud_session="+token)...); w.Code != 303 {
		t.Errorf("with one that an app can plant: %d", w.Code)
	}
}

func TestASessionThatEndedIsForgotten(t *testing.T) {
	p := newPanel(t, page(agent.ActOwnAccount), page2())
	for _, who := range []as{"ended", as(strings.Repeat("x", maxToken+1))} {
		w := p.do(who, "GET", "/page", "")
		if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in?") {
			t.Errorf("answered %d", w.Code)
		}
	}
	w := p.do("ended", "GET", "/open", "")
	if c := cookieOf(w, sessionCookie); w.Code != 200 || c == nil || c.Value != "" || c.Expires.After(time.Unix(2, 0)) {
		t.Errorf("the cookie is %+v", c)
	}
}

// page2 is open to all.
func page2() Route {
	r := page(Open)
	r.Path = "/open"
	return r
}

func TestAMessageForTheNextPageIsShownOnceAndOnlyIfItIsOurs(t *testing.T) {
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), act(agent.ActOwnAccount, &done))
	shown := p.do(ada, "GET", "/page", "")
	w := p.do(ada, "POST", "/act", form(shown, "x", "<b>it"))
	left := cookieOf(w, flashCookie)
	if left == nil {
		t.Fatal("nothing was left")
	}
	both := sessionCookie + "=" + token + "; " + flashCookie + "="
	w = p.do(nobody, "GET", "/page", "", "Cookie", both+left.Value)
	if c := cookieOf(w, flashCookie); !strings.Contains(w.Body.String(), "done with &lt;b&gt;it") || c == nil || c.Value != "" {
		t.Errorf("it is shown as %s", w.Body)
	}
	for _, planted := range []string{"x", "", "." + flashSum(token, ""), left.Value[:len(left.Value)-2] + "AA", strings.Split(left.Value, ".")[0]} {
		w := p.do(nobody, "GET", "/page", "", "Cookie", both+planted)
		if w.Code != 200 || strings.Contains(w.Body.String(), "done with") {
			t.Errorf("%q is shown", planted)
		}
	}
}

func TestALinkGoesOnToAPageOfOursAlone(t *testing.T) {
	for link, want := range map[string]string{
		"/": "/", "/apps/news?tab=logs": "/apps/news?tab=logs", "/a#b": "/a#b", "/a%2fb": "/a%2fb", "/ä": "/%C3%A4",
		"": "/", "apps": "/", "//evil.test": "/", "///evil.test": "/", "/\\evil.test": "/", "/%5cevil.test": "/", "\\\\evil.test": "/",
		"http://evil.test": "/", "https:/evil.test": "/", "javascript:alert(1)": "/", "/\t/evil.test": "/", " /": "/", "http:evil.test": "/",
		"/%2f/evil.test": "/", "%2f": "/", "//user@evil.test/": "/", "/a\r\nSet-Cookie: x=y": "/", "/%0d%0aX: y": "/", "?q": "/", "/" + strings.Repeat("a", maxLink): "/",
	} {
		if got := Local(link); got != want {
			t.Errorf("%q leads to %q, want %q", link, got, want)
		}
	}
}

func FuzzALinkNeverLeadsElsewhere(f *testing.F) {
	for _, seed := range []string{"/", "//x", "/\\x", "/%5cx", "/.//x", "/a?b#c", "http://x", "/%2f%2fx", "/;@x", "/\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		got := Local(link)
		r := httptest.NewRequest("GET", "http://panel.test/sign-in", nil)
		to, err := r.URL.Parse(got)
		if err != nil || to.Host != "panel.test" || to.Scheme != "http" || !strings.HasPrefix(got, "/") ||
			strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") || strings.ContainsAny(got, "\r\n\t\\\x00") {
			t.Errorf("%q leads to %q", link, got)
		}
		if again := Local(got); again != got {
			t.Errorf("%q leads to %q, which leads to %q", link, got, again)
		}
	})
}
