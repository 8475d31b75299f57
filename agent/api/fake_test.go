package api

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// fake is a Service of functions. A call of one that a test did not set panics,
// which the test then sees as an internal error.
type fake struct {
	status    func(context.Context) (agent.Status, error)
	nodes     func(context.Context) ([]agent.Node, error)
	token     func(context.Context, agent.TokenRequest) (agent.Token, error)
	nodePlan  func(context.Context, string) (agent.NodePlan, error)
	drain     func(context.Context, string) (agent.Operation, error)
	undrain   func(context.Context, string) (agent.Operation, error)
	unlist    func(context.Context, string, agent.NodeRemove) (agent.Operation, error)
	apps      func(context.Context) ([]agent.App, error)
	app       func(context.Context, string) (agent.AppDetail, error)
	plan      func(context.Context, agent.InstallRequest) (agent.Plan, error)
	planApp   func(context.Context, string, agent.PlanRequest) (agent.Plan, error)
	install   func(context.Context, agent.InstallRequest) (agent.Operation, error)
	start     func(context.Context, string) (agent.Operation, error)
	stop      func(context.Context, string) (agent.Operation, error)
	restart   func(context.Context, string) (agent.Operation, error)
	remove    func(context.Context, string, bool) (agent.Operation, error)
	config    func(context.Context, string) (agent.Config, error)
	configure func(context.Context, string, map[string]string) (agent.Operation, error)
	secrets   func(context.Context, string) (map[string]string, error)
	events    func(context.Context, string, uint64) (<-chan agent.Event, error)
	logs      func(context.Context, string, agent.LogOptions, func(agent.LogLine) error) error
	exec      func(context.Context, string, agent.ExecRequest, ExecStreams) (int, error)
	catalog   func(context.Context, string) ([]agent.Entry, error)
	entry     func(context.Context, string) (agent.Entry, error)
	fakeMore
	fakeStores
}

func (f *fake) Status(ctx context.Context) (agent.Status, error) { return f.status(ctx) }
func (f *fake) Nodes(ctx context.Context) ([]agent.Node, error)  { return f.nodes(ctx) }

func (f *fake) NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error) {
	return f.token(ctx, req)
}

func (f *fake) NodePlan(ctx context.Context, name string) (agent.NodePlan, error) {
	return f.nodePlan(ctx, name)
}

func (f *fake) Drain(ctx context.Context, name string) (agent.Operation, error) {
	return f.drain(ctx, name)
}

func (f *fake) Undrain(ctx context.Context, name string) (agent.Operation, error) {
	return f.undrain(ctx, name)
}

func (f *fake) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	return f.unlist(ctx, name, how)
}

func (f *fake) Apps(ctx context.Context) ([]agent.App, error) { return f.apps(ctx) }
func (f *fake) App(ctx context.Context, n string) (agent.AppDetail, error) {
	return f.app(ctx, n)
}
func (f *fake) Plan(ctx context.Context, r agent.InstallRequest) (agent.Plan, error) {
	return f.plan(ctx, r)
}
func (f *fake) PlanApp(ctx context.Context, n string, r agent.PlanRequest) (agent.Plan, error) {
	return f.planApp(ctx, n, r)
}
func (f *fake) Install(ctx context.Context, r agent.InstallRequest) (agent.Operation, error) {
	return f.install(ctx, r)
}
func (f *fake) Start(ctx context.Context, n string) (agent.Operation, error) { return f.start(ctx, n) }
func (f *fake) Stop(ctx context.Context, n string) (agent.Operation, error)  { return f.stop(ctx, n) }
func (f *fake) Restart(ctx context.Context, n string) (agent.Operation, error) {
	return f.restart(ctx, n)
}
func (f *fake) Remove(ctx context.Context, n string, p bool) (agent.Operation, error) {
	return f.remove(ctx, n, p)
}
func (f *fake) Config(ctx context.Context, n string) (agent.Config, error) { return f.config(ctx, n) }
func (f *fake) Configure(ctx context.Context, n string, s map[string]string) (agent.Operation, error) {
	return f.configure(ctx, n, s)
}
func (f *fake) Secrets(ctx context.Context, n string) (map[string]string, error) {
	return f.secrets(ctx, n)
}
func (f *fake) Events(ctx context.Context, n string, a uint64) (<-chan agent.Event, error) {
	return f.events(ctx, n, a)
}
func (f *fake) Logs(ctx context.Context, n string, o agent.LogOptions, e func(agent.LogLine) error) error {
	return f.logs(ctx, n, o, e)
}
func (f *fake) Exec(ctx context.Context, n string, r agent.ExecRequest, s ExecStreams) (int, error) {
	return f.exec(ctx, n, r, s)
}
func (f *fake) Catalog(ctx context.Context, w string) ([]agent.Entry, error) {
	return f.catalog(ctx, w)
}
func (f *fake) Entry(ctx context.Context, n string) (agent.Entry, error) { return f.entry(ctx, n) }

// socketPath is a path short enough for a socket.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// serveOn serves svc on the socket until the returned function is called, which
// waits for the end.
func serveOn(t *testing.T, path string, svc Service) (stop func()) {
	t.Helper()
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	return serveAt(t, unhurried(svc, Options{}), l)
}

// patient is how long what takes moments may take on a busy machine.
const patient = 3 * time.Minute

// unhurried is a server that gives streams as long as a test could need to take in
// their end.
func unhurried(svc Service, opts Options) *Server {
	s := New(svc, opts)
	s.shutdownGrace, s.streamGrace = patient, patient
	return s
}

// serveAt serves at a listener until the returned function is called.
func serveAt(t *testing.T, s *Server, l net.Listener) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Serve ended with: %v", err)
			}
		case <-time.After(patient):
			t.Error("Serve did not end")
		}
	}
	t.Cleanup(stop)
	return stop
}

// dial returns a client of the socket.
func dial(t *testing.T, path string) *Client {
	t.Helper()
	c, err := Dial("unix://"+path, "")
	if err != nil {
		t.Fatal(err)
	}
	c.retry = backoff{first: 5 * time.Millisecond, most: 50 * time.Millisecond}
	t.Cleanup(c.Close)
	return c
}

// served returns a client of a server of svc.
func served(t *testing.T, svc Service) *Client {
	t.Helper()
	path := socketPath(t)
	serveOn(t, path, svc)
	return dial(t, path)
}

// wantCode checks that err is an agent.Error of this code, and returns it.
func wantCode(t *testing.T, err error, code string) *agent.Error {
	t.Helper()
	var e *agent.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error is %#v, want one of code %s", err, code)
	}
	return e
}
