package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// accounts know sessions by their tokens; nothing else of Accounts is there.
type accounts struct {
	Accounts
	mu       sync.Mutex
	sessions map[string]agent.Session
	err      error
}

func (a *accounts) Session(_ context.Context, token string) (agent.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[token]
	if a.err == nil && !ok {
		return s, agent.Errorf(agent.CodeUnauthorized, "no session")
	}
	return s, a.err
}

func (a *accounts) set(token string, s *agent.Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if delete(a.sessions, token); s != nil {
		a.sessions[token] = *s
	}
}

// source is a cloud that has a name and apps.
type source struct {
	live.Source
	mu   sync.Mutex
	apps []agent.App
}

func (s *source) Apps(context.Context) ([]agent.App, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apps, nil
}
func (s *source) Nodes(context.Context) ([]agent.Node, error)          { return nil, nil }
func (s *source) Pending(context.Context) ([]agent.PendingNode, error) { return nil, nil }
func (s *source) Settings(context.Context) (agent.Settings, error) {
	return agent.Settings{Name: "Ada's cloud", Accent: "teal"}, nil
}
func (s *source) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return nil, nil
}
func (s *source) Events(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
	out := make(chan agent.Event)
	context.AfterFunc(ctx, func() { close(out) })
	return out, nil
}
func (s *source) Watch(ctx context.Context) (<-chan struct{}, error) {
	out := make(chan struct{})
	context.AfterFunc(ctx, func() { close(out) })
	return out, nil
}

func (s *source) have(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apps = nil
	for _, n := range names {
		s.apps = append(s.apps, agent.App{Name: n})
	}
}

// panel is a kernel of a test's routes, at panel.test.
type panel struct {
	*Kernel
	t        *testing.T
	accounts *accounts
	source   *source
	log      *bytes.Buffer
}

const token = "a-token-of-a-session-that-is-long"

func newPanel(t *testing.T, routes ...Route) *panel {
	t.Helper()
	p := &panel{t: t, source: &source{}, log: &bytes.Buffer{}, accounts: &accounts{sessions: map[string]agent.Session{
		token: {User: "ada", Title: "Ada", Role: agent.RoleOwner, Expires: time.Now().Add(time.Hour)},
	}}}
	p.Kernel = New(Options{Accounts: p.accounts, Live: live.New(p.source, nil), Host: "panel.test",
		Log: slog.New(slog.NewTextHandler(p.log, nil))}, routes)
	if err := p.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// as says who asks.
type as string

const (
	nobody as = ""
	ada    as = token
)

// do makes a request; headers are pairs.
func (p *panel) do(who as, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "panel.test"
	r.RemoteAddr = "127.0.0.1:5"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != nobody {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: string(who)})
	}
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
		if headers[k] == "Host" {
			r.Host = headers[k+1]
		}
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w
}

var formToken = regexp.MustCompile(`"X-CSRF-Token":"([^"]+)"`)

// form is a body with the token that a page gave out.
func form(page *httptest.ResponseRecorder, pairs ...string) string {
	v := url.Values{}
	if m := formToken.FindStringSubmatch(page.Body.String()); m != nil {
		v.Set("csrf", m[1])
	}
	for k := 0; k+1 < len(pairs); k += 2 {
		v.Set(pairs[k], pairs[k+1])
	}
	return v.Encode()
}

// page is a route that shows a page, act one that does something; done counts.
func page(action agent.Action) Route {
	return Route{Method: "GET", Path: "/page", Action: action, Handle: func(c *Ctx) error {
		return c.Page(ownPages, "error.html", refusalPage{Status: 200, Error: agent.Errorf(agent.CodeInvalid, "a page")})
	}}
}

func act(action agent.Action, done *int) Route {
	return Route{Method: "POST", Path: "/act", Action: action, Handle: func(c *Ctx) error {
		*done++
		return c.Done("/page", "done with "+c.Value("x"))
	}}
}

func cookieOf(w *httptest.ResponseRecorder, name string) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}
