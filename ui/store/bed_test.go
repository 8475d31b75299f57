package store

import (
	"context"
	"fmt"
	"io"
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
	"github.com/dentropy/dcloud/ui/web"
)

// cloud is a control service with a catalog, of which a test sets what it answers.
type cloud struct {
	web.Cloud // what no test expects panics

	mu       sync.Mutex
	entries  []agent.Entry
	apps     []agent.App
	nodes    []agent.Node
	history  []agent.Activity
	refuse   error // what Install and Plan say
	asked    []agent.InstallRequest
	searched []string
	changed  chan struct{}
}

func (c *cloud) Catalog(_ context.Context, words string) ([]agent.Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.searched = append(c.searched, words)
	var out []agent.Entry
	for _, e := range c.entries {
		if strings.Contains(strings.ToLower(e.Name+" "+e.Title+" "+e.Tagline), strings.ToLower(words)) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (c *cloud) Entry(_ context.Context, name string) (agent.Entry, error) {
	for _, e := range c.entries {
		if e.Name == name {
			return e, nil
		}
	}
	return agent.Entry{}, agent.Errorf(agent.CodeNotFound, "the catalog has no app called %q", name)
}

func (c *cloud) Install(_ context.Context, r agent.InstallRequest) (agent.Operation, error) {
	if c.refuse != nil {
		return agent.Operation{}, c.refuse
	}
	c.asked = append(c.asked, r)
	return agent.Operation{ID: "1", App: r.Name}, nil
}

func (c *cloud) Plan(_ context.Context, r agent.InstallRequest) (agent.Plan, error) {
	if c.refuse != nil {
		return agent.Plan{}, c.refuse
	}
	return agent.Plan{Name: r.Name, Entry: r.Entry, URL: "https://" + r.Name + ".ada.xyz", Node: "pi1", Nodes: []agent.NodeFit{{Name: "pi1", Fits: true, Chosen: true}}}, nil
}

func (c *cloud) Apps(context.Context) ([]agent.App, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.apps, nil
}
func (c *cloud) App(context.Context, string) (agent.AppDetail, error) {
	return agent.AppDetail{}, nil
}
func (c *cloud) Nodes(context.Context) ([]agent.Node, error)          { return c.nodes, nil }
func (c *cloud) Pending(context.Context) ([]agent.PendingNode, error) { return nil, nil }
func (c *cloud) Settings(context.Context) (agent.Settings, error) {
	return agent.Settings{Name: "Ada's cloud", Domain: "ada.xyz"}, nil
}
func (c *cloud) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return c.history, nil
}
func (c *cloud) Events(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
	return make(chan agent.Event), nil
}
func (c *cloud) Watch(context.Context) (<-chan struct{}, error) { return c.changed, nil }

// people lets in whoever has a role's name as a token.
type people struct{ web.Accounts }

func (people) Session(_ context.Context, token string) (agent.Session, error) {
	return agent.Session{ID: token, User: "ada", Title: "Ada", Role: token, Sudo: time.Now().Add(time.Hour)}, nil
}

// bed is a panel of the store alone.
type bed struct {
	*cloud
	t       *testing.T
	kernel  *web.Kernel
	role    string
	headers http.Header
}

func newBed(t *testing.T, c *cloud) *bed {
	t.Helper()
	if c.nodes == nil {
		c.nodes = []agent.Node{{Name: "pi1", State: agent.NodeReady, Memory: 4096}}
	}
	c.changed = make(chan struct{})
	hub := live.New(c, nil)
	if err := hub.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k := web.New(web.Options{Cloud: c, Accounts: people{}, Live: hub}, Routes())
	return &bed{cloud: c, t: t, kernel: k, role: agent.RoleAdmin, headers: http.Header{}}
}

// as is the same panel for somebody of another role, with headers (name, value, …).
func (b *bed) as(role string, headers ...string) *bed {
	other := *b
	other.role, other.headers = role, http.Header{}
	for k := 0; k+1 < len(headers); k += 2 {
		other.headers.Set(headers[k], headers[k+1])
	}
	return &other
}

// htmx is the panel as a script of a page asks it.
func (b *bed) htmx(target string) *bed {
	return b.as(b.role, "HX-Request", "true", "HX-Target", target)
}

func (b *bed) get(path string) *httptest.ResponseRecorder { return b.do(http.MethodGet, path, nil) }

func (b *bed) post(path string, form url.Values) *httptest.ResponseRecorder {
	return b.do(http.MethodPost, path, form)
}

var csrf = regexp.MustCompile(`"X-CSRF-Token":"([^"]+)"`)

func (b *bed) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		token := csrf.FindStringSubmatch(b.as(b.role).page("/store"))
		if token == nil {
			b.t.Fatal("a page without a token for forms")
		}
		form.Set("csrf", token[1])
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, body)
	for name, values := range b.headers {
		r.Header[name] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: b.role})
	w := httptest.NewRecorder()
	b.kernel.Handler().ServeHTTP(w, r)
	return w
}

// page is what a path shows; anything but 200 fails the test.
func (b *bed) page(path string) string {
	b.t.Helper()
	w := b.get(path)
	if w.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in:\n%s", w, page)
		}
	}
}

func hasNot(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("%q should not be in:\n%s", w, page)
		}
	}
}

// shelfFull is a catalog of n entries, app-0000 and so on.
func shelfFull(n int) []agent.Entry {
	var out []agent.Entry
	for k := range n {
		out = append(out, agent.Entry{Name: fmt.Sprintf("app-%04d", k), Title: fmt.Sprintf("App %04d", k), Tagline: "Does something useful for you, every day",
			Category: []string{"files", "media", "notes"}[k%3], Memory: 64 + k%7*64, Access: "private", Fits: []string{"pi1"}})
	}
	return out
}
