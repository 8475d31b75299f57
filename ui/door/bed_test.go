package door_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/people"
	"github.com/dentropy/dcloud/ui/door"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/settings"
	"github.com/dentropy/dcloud/ui/web"
)

const good = "seven purple tractors hum"

// memory is a people.Store.
type memory struct {
	mu      sync.Mutex
	records map[string]people.Record
	index   uint64
}

func (m *memory) Get(_ context.Context, key string) (people.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records[key], nil
}

func (m *memory) List(_ context.Context, prefix string) (out []people.Record, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(m.records)) {
		if strings.HasPrefix(key, prefix) {
			out = append(out, m.records[key])
		}
	}
	return out, nil
}

func (m *memory) Write(_ context.Context, ops ...people.Op) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, op := range ops {
		if m.records[op.Key].Index != op.Index {
			return people.ErrChanged
		}
	}
	m.index++
	for _, op := range ops {
		if op.Delete {
			delete(m.records, op.Key)
			continue
		}
		m.records[op.Key] = people.Record{Key: op.Key, Value: op.Value, Index: m.index}
	}
	return nil
}

func (m *memory) Changed(ctx context.Context, _ string, _ uint64) (uint64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// cloud is the little of a cloud that these pages ask for.
type cloud struct {
	web.Cloud
	*people.Service
	mu       sync.Mutex
	settings agent.Settings
	refuse   *agent.Error
	changes  int // of the settings that were asked for
}

func (f *cloud) Apps(context.Context) ([]agent.App, error)            { return nil, nil }
func (f *cloud) Nodes(context.Context) ([]agent.Node, error)          { return nil, nil }
func (f *cloud) Pending(context.Context) ([]agent.PendingNode, error) { return nil, nil }
func (f *cloud) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return nil, nil
}
func (f *cloud) Events(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
	events := make(chan agent.Event)
	context.AfterFunc(ctx, func() { close(events) })
	return events, nil
}
func (f *cloud) Watch(ctx context.Context) (<-chan struct{}, error) {
	first := make(chan struct{}, 1)
	first <- struct{}{}
	context.AfterFunc(ctx, func() { close(first) })
	return first, nil
}
func (f *cloud) Settings(context.Context) (agent.Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.settings, nil
}
func (f *cloud) ChangeSettings(ctx context.Context, c agent.SettingsChange) (agent.Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	if f.refuse != nil {
		return f.settings, f.refuse
	}
	if agent.Role(ctx) != agent.RoleOwner || agent.Actor(ctx) != "ada" {
		return f.settings, agent.Errorf(agent.CodeUnauthorized, "asked as %q", agent.Actor(ctx))
	}
	if c.Name != nil {
		f.settings.Name = *c.Name
	}
	if c.Domain != nil {
		f.settings.Domain = *c.Domain
	}
	return f.settings, nil
}
func (f *cloud) Users(ctx context.Context) ([]agent.User, error) { return f.Service.Users(ctx) }
func (f *cloud) Invite(ctx context.Context, r agent.InviteRequest) (agent.Invitation, error) {
	return f.Service.Invite(ctx, r)
}
func (f *cloud) ChangeUser(ctx context.Context, name string, c agent.UserChange) (agent.User, error) {
	return f.Service.ChangeUser(ctx, name, c)
}
func (f *cloud) RemoveUser(ctx context.Context, name string) error {
	return f.Service.RemoveUser(ctx, name)
}

// bed is a panel over HTTP with a real service of people.
type bed struct {
	*httptest.Server
	people *people.Service
	cloud  *cloud
	clock  struct {
		mu sync.Mutex
		at time.Time
	}
}

// now stands still until pass is called: how long a password takes to be judged, and
// when a code gets old, must not hang on how busy the machine is.
func (b *bed) now() time.Time {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	return b.clock.at
}

func (b *bed) pass(d time.Duration) {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	b.clock.at = b.clock.at.Add(d)
}

func newBed(t *testing.T) *bed {
	b := &bed{}
	b.clock.at = time.Now() // cookies are kept by it
	log := slog.New(slog.DiscardHandler)
	b.people = people.New(people.Options{Store: &memory{records: map[string]people.Record{}}, Log: log, Now: b.now, Rand: rand.Reader,
		Host: func() (string, []string) { return "localhost", []string{b.origin()} },
		Link: func(path string) string { return path }})
	b.cloud = &cloud{Service: b.people, settings: agent.Settings{Name: "Your cloud", Domain: "dcloud.localhost"}}
	hub := live.New(b.cloud, log)
	routes := slices.Concat(door.Routes(), settings.Routes(), []web.Route{
		{Method: http.MethodGet, Path: "/", Action: agent.ActOpenApps, Handle: func(c *web.Ctx) error { return c.Echo.String(200, "home of "+c.Session.User) }},
		{Method: http.MethodGet, Path: "/danger", Action: agent.ActOwnAccount, Sudo: true, Handle: func(c *web.Ctx) error { return c.Echo.String(200, "danger") }},
	})
	k := web.New(web.Options{Cloud: b.cloud, Accounts: b.people, Live: hub, Log: log, Version: "1", Now: b.now}, routes)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = k.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	for state, changed := hub.Wait(); state.Settings.Domain == ""; state, changed = hub.Wait() {
		<-changed
	}
	b.Server = httptest.NewServer(k.Handler())
	t.Cleanup(b.Close)
	return b
}

// origin is under localhost, which browsers hold for secure and passkeys can be bound to.
func (b *bed) origin() string { return strings.Replace(b.URL, "127.0.0.1", "localhost", 1) }

// browser keeps cookies and does not follow by itself.
type browser struct {
	t    *testing.T
	b    *bed
	http *http.Client
	page string // the last one
	at   string // its path
	csrf string
}

func (b *bed) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	check(t, err)
	return &browser{t: t, b: b, http: &http.Client{Jar: jar}}
}

// csrfField is where a page has its token, for forms and for scripts.
var csrfField = regexp.MustCompile(`X-CSRF-Token(?:"|&#34;|&quot;):(?:"|&#34;|&quot;)([^"&]+)`)

// get opens a page, following where it leads; its status.
func (w *browser) get(path string) int {
	w.t.Helper()
	resp, err := w.http.Get(w.b.origin() + path)
	check(w.t, err)
	return w.read(resp)
}

func (w *browser) read(resp *http.Response) int {
	w.t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	check(w.t, err)
	w.page, w.at = string(text), resp.Request.URL.RequestURI()
	if m := csrfField.FindStringSubmatch(w.page); m != nil {
		w.csrf = m[1]
	}
	return resp.StatusCode
}

// post sends a form as the last page has it, following where it leads.
func (w *browser) post(path string, pairs ...string) int {
	w.t.Helper()
	form := url.Values{"csrf": {w.csrf}}
	for k := 0; k+1 < len(pairs); k += 2 {
		form.Set(pairs[k], pairs[k+1])
	}
	resp, err := w.http.PostForm(w.b.origin()+path, form)
	check(w.t, err)
	return w.read(resp)
}

// json is what the script of passkeys sends.
func (w *browser) json(path, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.b.origin()+path, strings.NewReader(body))
	check(w.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-CSRF-Token", w.csrf)
	resp, err := w.http.Do(req)
	check(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	check(w.t, err)
	return resp.StatusCode, string(text)
}

// shows fails unless the last page is at a path and has all of the words.
func (w *browser) shows(path string, words ...string) {
	w.t.Helper()
	if got, _, _ := strings.Cut(w.at, "?"); got != path {
		w.t.Fatalf("the browser is at %s, want %s:\n%s", w.at, path, w.page)
	}
	for _, word := range words {
		if !strings.Contains(w.page, word) {
			w.t.Fatalf("%s does not say %q:\n%s", w.at, word, w.page)
		}
	}
}

func root(t *testing.T) context.Context {
	return agent.WithRole(agent.WithActor(t.Context(), "unix:root"), agent.RoleOwner)
}

// owner goes through the first run.
func (b *bed) owner(t *testing.T) *browser {
	t.Helper()
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	if status := w.post("/welcome", "name", "ada", "password", good, "where", "here"); status != http.StatusOK {
		t.Fatalf("the first run ended with %d:\n%s", status, w.page)
	}
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
