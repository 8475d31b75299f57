package home

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// cloud is a control service of which a test sets what it answers.
type cloud struct {
	web.Cloud // what no test expects panics

	mu      sync.Mutex
	apps    []agent.App
	nodes   []agent.Node
	pending []agent.PendingNode
	history []agent.Activity
	risks   map[string][]string
	entries []agent.Entry
	asked   int // how often for the whole catalog
	away    bool
	changed chan struct{}
}

var errAway = agent.Errorf(agent.CodeUnavailable, "the cloud does not answer")

func (c *cloud) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return errAway
	}
	return nil
}

func (c *cloud) Catalog(context.Context, string) ([]agent.Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	return c.entries, nil
}
func (c *cloud) Apps(context.Context) ([]agent.App, error) {
	err := c.err()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.apps, err
}
func (c *cloud) App(_ context.Context, name string) (agent.AppDetail, error) {
	return agent.AppDetail{Risks: c.risks[name]}, c.err()
}
func (c *cloud) Nodes(context.Context) ([]agent.Node, error)          { return c.nodes, c.err() }
func (c *cloud) Pending(context.Context) ([]agent.PendingNode, error) { return c.pending, c.err() }
func (c *cloud) Settings(context.Context) (agent.Settings, error) {
	return agent.Settings{Name: "Ada's cloud", Domain: "ada.xyz"}, c.err()
}
func (c *cloud) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return c.history, c.err()
}
func (c *cloud) Events(context.Context, string, uint64) (<-chan agent.Event, error) {
	return make(chan agent.Event), nil
}
func (c *cloud) Watch(context.Context) (<-chan struct{}, error) { return c.changed, nil }

// people lets in whoever has a role's name as a token.
type people struct{ web.Accounts }

func (people) Session(_ context.Context, token string) (agent.Session, error) {
	return agent.Session{ID: token, User: "ada", Title: "Ada", Role: token}, nil
}

// evening is when tests look at the page.
var evening = time.Date(2026, 11, 23, 19, 30, 0, 0, time.UTC)

// bed is a panel of the home screen alone.
type bed struct {
	*cloud
	t      testing.TB
	kernel *web.Kernel
	role   string
}

func newBed(t testing.TB, c *cloud) *bed {
	t.Helper()
	c.changed = make(chan struct{})
	hub := live.New(c, nil)
	if err := hub.Refresh(t.Context()); err != nil && !errors.Is(err, errAway) {
		t.Fatal(err)
	}
	return &bed{c, t, web.New(web.Options{Cloud: c, Accounts: people{}, Live: hub, Now: func() time.Time { return evening }}, Routes()), agent.RoleOwner}
}

func (b *bed) as(role string) *bed {
	other := *b
	other.role = role
	return &other
}

// page is the home screen.
func (b *bed) page() string {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: b.role})
	w := httptest.NewRecorder()
	b.kernel.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.t.Fatalf("%d %s", w.Code, w.Body)
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
