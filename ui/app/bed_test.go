package app

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

// fake is a cloud of which the fields say what it answers. What it does not say is a
// call of the nil interface, and fails the test.
type fake struct {
	web.Cloud
	mu       sync.Mutex
	apps     map[string]agent.AppDetail
	nodes    []agent.Node
	history  []agent.Activity
	lines    []agent.LogLine
	more     chan agent.LogLine // what comes while somebody follows
	config   agent.Config
	refuse   error
	did      []string
	set      map[string]string
	exec     func(ctx context.Context, req agent.ExecRequest, s agent.ExecStreams) (int, error)
	watch    chan struct{}
	events   chan agent.Event
	sessions map[string]agent.Session
}

func (f *fake) change(how func()) {
	f.mu.Lock()
	how()
	f.mu.Unlock()
	f.watch <- struct{}{}
}

func (f *fake) note(format string, args ...any) (agent.Operation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return agent.Operation{}, f.refuse
	}
	f.did = append(f.did, fmt.Sprintf(format, args...))
	return agent.Operation{ID: "op"}, nil
}

func (f *fake) done() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.did, ", ")
}

func (f *fake) Apps(context.Context) ([]agent.App, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []agent.App
	for _, a := range f.apps {
		out = append(out, a.App)
	}
	return out, nil
}

func (f *fake) App(_ context.Context, name string) (agent.AppDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a, ok := f.apps[name]; ok {
		return a, nil
	}
	return agent.AppDetail{}, agent.Errorf(agent.CodeNotFound, "there is no app %s", name)
}

func (f *fake) Nodes(context.Context) ([]agent.Node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes, nil
}
func (f *fake) Pending(context.Context) ([]agent.PendingNode, error) {
	return nil, nil
}
func (f *fake) Settings(context.Context) (agent.Settings, error) { return agent.Settings{}, nil }
func (f *fake) Watch(ctx context.Context) (<-chan struct{}, error) {
	return until(ctx, f.watch), nil
}
func (f *fake) Events(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
	return until(ctx, f.events), nil
}

// until hands on what comes until the context ends, as the control service does.
func until[T any](ctx context.Context, from <-chan T) <-chan T {
	to := make(chan T)
	go func() {
		defer close(to)
		for {
			select {
			case v := <-from:
				select {
				case to <- v:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return to
}

func (f *fake) Activity(_ context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []agent.Activity
	for _, a := range f.history {
		if (q.App == "" || a.App == q.App) && (q.Before == "" || a.ID < q.Before) && len(out) < max(q.Limit, 1) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (f *fake) Usage(_ context.Context, q agent.UsageQuery) (agent.Usage, error) {
	two, nine := 2.0, 9.0
	return agent.Usage{Step: 15 * time.Second, Times: []int64{1, 16, 31}, CPU: []*float64{&two, nil, &nine},
		Memory: []*float64{&nine, &nine, &two}, Disk: []*float64{nil, nil, nil}, MemoryTotal: 64}, nil
}

func (f *fake) Logs(ctx context.Context, _ string, o agent.LogOptions, emit func(agent.LogLine) error) error {
	f.mu.Lock()
	lines, refuse, more := f.lines, f.refuse, f.more
	f.mu.Unlock()
	if refuse != nil {
		return refuse
	}
	for _, l := range lines {
		if o.Service == "" || o.Service == l.Service {
			if err := emit(l); err != nil {
				return err
			}
		}
	}
	for o.Follow {
		select {
		case l, ok := <-more:
			if !ok {
				return nil
			}
			if err := emit(l); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (f *fake) Exec(ctx context.Context, name string, req agent.ExecRequest, s agent.ExecStreams) (int, error) {
	return f.exec(ctx, req, s)
}
func (f *fake) Start(_ context.Context, name string) (agent.Operation, error) {
	return f.note("start %s", name)
}
func (f *fake) Stop(_ context.Context, name string) (agent.Operation, error) {
	return f.note("stop %s", name)
}
func (f *fake) Restart(_ context.Context, name string) (agent.Operation, error) {
	return f.note("restart %s", name)
}
func (f *fake) Remove(ctx context.Context, name string, data bool) (agent.Operation, error) {
	return f.note("remove %s data=%t by %s", name, data, agent.Actor(ctx))
}
func (f *fake) Config(context.Context, string) (agent.Config, error) { return f.config, nil }
func (f *fake) Configure(_ context.Context, name string, set map[string]string) (agent.Operation, error) {
	f.mu.Lock()
	f.set = set
	f.mu.Unlock()
	return f.note("configure %s", name)
}
func (f *fake) Secrets(_ context.Context, name string) (map[string]string, error) {
	f.note("secrets %s", name)
	return map[string]string{"admin_password": "tr0ub4dor<&>3"}, nil
}
func (f *fake) Job(context.Context, string) (agent.JobText, error) {
	return agent.JobText{Name: "wiki", JSON: "{\n  \"ID\": \"wiki\"\n}"}, nil
}

// people are the accounts: a token is a role's name.
type people struct {
	web.Accounts
	f *fake
}

func (p people) Session(_ context.Context, token string) (agent.Session, error) {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	s, ok := p.f.sessions[token]
	if !ok {
		return agent.Session{}, agent.Errorf(agent.CodeUnauthorized, "signed out")
	}
	return s, nil
}

// enough is how long something may take that takes a moment, on the busiest machine.
const enough = 3 * time.Minute

// bed is a panel that is served, over a fake.
type bed struct {
	*fake
	t   *testing.T
	url string
	hub *live.Hub
}

// wiki is an app that is well.
func wiki() agent.AppDetail {
	return agent.AppDetail{
		App:   agent.App{Name: "wiki", Entry: "dokuwiki", Version: "1.2", State: agent.StateRunning, URL: "https://wiki.ada.xyz", Node: "pi1", Replicas: 1, Running: 1},
		Title: "DokuWiki", Secrets: []string{"admin_password"}, Notes: "Sign in as admin.",
		Services: []agent.Service{{Name: "web", Image: "dokuwiki:1", State: "running", Health: "passing", Node: "pi1", Address: "10.0.0.1:80", Restarts: 2}, {Name: "db", State: "running", Node: "pi1"}},
		Volumes:  []agent.Volume{{Name: "web/data", Kind: "volume", Path: "/var/lib/dcloud/wiki", Node: "pi1"}},
	}
}

func newBed(t *testing.T) *bed {
	t.Helper()
	soon, never := time.Now().Add(time.Hour), time.Time{}
	f := &fake{
		apps: map[string]agent.AppDetail{"wiki": wiki()}, nodes: []agent.Node{{Name: "pi1", State: agent.NodeReady}},
		watch: make(chan struct{}), events: make(chan agent.Event), more: make(chan agent.LogLine),
		sessions: map[string]agent.Session{
			"owner":  {User: "ada", Role: agent.RoleOwner, Expires: soon, Sudo: soon},
			"admin":  {User: "bob", Role: agent.RoleAdmin, Expires: soon, Sudo: never},
			"member": {User: "eve", Role: agent.RoleMember, Expires: soon},
		},
	}
	hub := live.New(f, nil)
	k := web.New(web.Options{Cloud: f, Accounts: people{f: f}, Live: hub}, routes(timing{signIn: 20 * time.Millisecond, batch: time.Millisecond}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); k.Run(ctx) }()
	server := httptest.NewServer(k.Handler())
	t.Cleanup(func() { cancel(); server.CloseClientConnections(); server.Close(); <-ended })
	b := &bed{fake: f, t: t, url: server.URL, hub: hub}
	b.until(func(s *live.State) bool { return len(s.Apps) > 0 })
	return b
}

func (b *bed) until(holds func(*live.State) bool) {
	b.t.Helper()
	deadline := time.After(enough)
	for {
		s, changed := b.hub.Wait()
		if holds(s) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			b.t.Fatal("the hub never came to know")
		}
	}
}

// do asks as somebody; a form is sent with the token of that person's page.
func (b *bed) do(who, method, path string, form url.Values) (int, string, http.Header) {
	b.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		if form == nil {
			form = url.Values{}
		}
		form.Set("csrf", b.token(who))
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.AddCookie(&http.Cookie{Name: "dcloud_session", Value: who})
	client := http.Client{Timeout: enough, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header
}

var csrfField = regexp.MustCompile(`X-CSRF-Token":"([^"]+)"`)

func (b *bed) token(who string) string {
	b.t.Helper()
	_, page, _ := b.do(who, http.MethodGet, "/apps/wiki", nil)
	found := csrfField.FindStringSubmatch(page)
	if found == nil {
		b.t.Fatalf("the page carries no token: %s", page)
	}
	return found[1]
}

// page gets a page that there must be.
func (b *bed) page(who, path string) string {
	b.t.Helper()
	status, text, _ := b.do(who, http.MethodGet, path, nil)
	if status != http.StatusOK {
		b.t.Fatalf("GET %s is %d: %s", path, status, text)
	}
	return text
}

func (b *bed) holds(text string, wanted ...string) {
	b.t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			_, main, _ := strings.Cut(text, `<article`)
			b.t.Errorf("lacks %q in: %.3000s", w, main)
		}
	}
}

func (b *bed) lacks(text string, unwanted ...string) {
	b.t.Helper()
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			b.t.Errorf("holds %q", w)
		}
	}
}

// stream opens a stream and returns a reader of it; it ends with the test.
func (b *bed) stream(who, path string) io.Reader {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	b.t.Cleanup(cancel)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, b.url+path, nil)
	req.AddCookie(&http.Cookie{Name: "dcloud_session", Value: who})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("GET %s is %d", path, resp.StatusCode)
	}
	return resp.Body
}

// reads reads a stream until it has told of something.
func (b *bed) reads(r io.Reader, what string) string {
	b.t.Helper()
	var text strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(text.String(), what) {
		n, err := r.Read(buf)
		text.Write(buf[:n])
		if err != nil && !strings.Contains(text.String(), what) {
			b.t.Fatalf("the stream ended (%v) and did not tell %q: %s", err, what, text.String())
		}
	}
	return text.String()
}
