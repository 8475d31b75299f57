package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
)

// fakeCloud is a cloud in memory: a catalog of a few entries of which each
// behaves in its own way when it is installed, and apps.
type fakeCloud struct {
	mu     sync.Mutex
	apps   map[string]agent.AppDetail
	events []agent.Event
	calls  map[string]chan struct{} // closed when a method was first called

	overrides overridden
}

var _ api.Service = (*fakeCloud)(nil)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func newFakeCloud() *fakeCloud {
	f := &fakeCloud{apps: map[string]agent.AppDetail{}, calls: map[string]chan struct{}{}}
	f.apps["reader"] = agent.AppDetail{
		App: agent.App{Name: "reader", Entry: "miniflux", Version: "2.2.15", State: agent.StateRunning,
			URL: "http://reader.dcloud.localhost", Node: "attic", Access: "app"},
		Title:    "Miniflux",
		Settings: map[string]string{"admin_username": "ada", "smtp_password": "hunter2"},
		Secrets:  []string{"admin_password"},
		Services: []agent.Service{
			{Name: "web", Image: "docker.io/miniflux/miniflux:2.2.15", State: "running", Health: "passing", Node: "attic"},
			{Name: "db", Image: "docker.io/library/postgres:17.2-alpine", State: "running", Health: "passing", Node: "attic", Restarts: 2},
		},
		Volumes: []agent.Volume{{Name: "db/data", Kind: "database", Path: "/data/volumes/reader-db", Node: "attic"}},
		Updated: noon, Actor: "unix:root",
	}
	f.apps["hello"] = agent.AppDetail{
		App: agent.App{Name: "hello", Entry: "whoami", Version: "1.11", State: agent.StateStopped, Reason: "stopped by its owner",
			Node: "attic", Access: "public"},
		Services: []agent.Service{{Name: "web", Image: "docker.io/traefik/whoami:v1.11", State: "dead"}},
	}
	f.apps["many"] = agent.AppDetail{
		App: agent.App{Name: "many", Entry: "whoami", Version: "1.11", State: agent.StateRunning, URL: "http://many.dcloud.localhost",
			Node: "attic, vps1", Access: "public", Replicas: 2, Running: 2},
		Services: []agent.Service{
			{Name: "web", Image: "docker.io/traefik/whoami:v1.11", State: "running", Health: "passing", Node: "attic"},
			{Name: "web", Image: "docker.io/traefik/whoami:v1.11", State: "running", Health: "passing", Node: "vps1"},
		},
	}
	f.apps["away"] = agent.AppDetail{
		App:      agent.App{Name: "away", Entry: "miniflux", Version: "2.2.15", State: agent.StateDegraded, Reason: "its data is on pi1, which is down", Access: "app", Replicas: 1},
		Services: []agent.Service{{Name: "web", State: "pending"}},
		Volumes:  []agent.Volume{{Name: "db/data", Kind: "database", Path: "/data/volumes/away-db", Node: "pi1"}},
	}
	return f
}

// called notes a call.
func (f *fakeCloud) called(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.call(method):
	default:
		close(f.call(method))
	}
}

// call is closed when the method was called. The lock must be held.
func (f *fakeCloud) call(method string) chan struct{} {
	if f.calls[method] == nil {
		f.calls[method] = make(chan struct{})
	}
	return f.calls[method]
}

func (f *fakeCloud) app(name string) (agent.AppDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, found := f.apps[name]
	if !found {
		return a, agent.Errorf(agent.CodeNotFound, "there is no app %q", name).WithHint("see which there are: dcloud app list")
	}
	return a, nil
}

// operate records an operation's events: each stage done, then the final event.
func (f *fakeCloud) operate(app string, final agent.Event, stages ...string) agent.Operation {
	f.mu.Lock()
	defer f.mu.Unlock()
	op := agent.Operation{ID: fmt.Sprintf("op-%d", len(f.events)+1), App: app}
	add := func(ev agent.Event) {
		ev.ID, ev.Op, ev.App, ev.Time = uint64(len(f.events)+1), op.ID, app, noon
		f.events = append(f.events, ev)
	}
	for i, stage := range stages {
		percent := 100 * (i + 1) / (len(stages) + 1)
		add(agent.Event{Stage: stage, State: agent.EventStarted, Percent: percent})
		add(agent.Event{Stage: stage, State: agent.EventDone, Message: stage + " is done", Percent: percent})
	}
	if final.Stage != "" {
		final.Final = true
		add(final)
	}
	return op
}

func (f *fakeCloud) Status(context.Context) (agent.Status, error) {
	return agent.Status{
		Ready: true, Domain: "dcloud.localhost", Panel: "http://panel.dcloud.localhost", HTTPPort: 80, HTTPSPort: 443,
		Version: "1.2.3", Nodes: 1, Apps: 2,
		Engines: []agent.Engine{
			{Name: "consul", Version: "1.22.7", State: agent.EngineReady, PID: 10, Since: noon},
			{Name: "nomad", Version: "1.11.2", State: agent.EngineBackoff, Reason: "exit code 1", Restarts: 3, Since: noon},
		},
	}, nil
}

func (f *fakeCloud) Nodes(context.Context) ([]agent.Node, error) {
	return []agent.Node{
		{Name: "attic", ID: "4f", Role: "server", Arch: "arm64", Address: "10.213.0.1", State: "ready", CPU: 6000, Memory: 3800, Apps: 2},
		{Name: "cellar", ID: "a0", Role: "worker", Arch: "amd64", Address: "10.213.0.2", State: "down", Reason: "not heard of since noon"},
	}, nil
}

func (f *fakeCloud) Apps(context.Context) ([]agent.App, error) {
	var out []agent.App
	for _, name := range []string{"away", "hello", "many", "reader"} {
		if a, err := f.app(name); err == nil {
			out = append(out, a.App)
		}
	}
	return out, nil
}

func (f *fakeCloud) App(_ context.Context, name string) (agent.AppDetail, error) { return f.app(name) }

func (f *fakeCloud) Plan(_ context.Context, req agent.InstallRequest) (agent.Plan, error) {
	if _, err := f.Entry(context.Background(), req.Entry); err != nil {
		return agent.Plan{}, err
	}
	nodes := []agent.NodeFit{{Name: "attic", Fits: true, Chosen: true}, {Name: "pi1", Why: []string{"300 MB of memory short"}}, {Name: "vps1", Why: []string{"no build for arm"}}}
	if req.Entry == "broken" {
		nodes = nodes[1:]
	}
	return agent.Plan{Nodes: nodes, Name: req.Entry, Entry: req.Entry, Version: "2.2.15", URL: "http://miniflux.dcloud.localhost", Node: "attic",
		Memory: 320, Images: []string{"docker.io/miniflux/miniflux:2.2.15"}, Secrets: []string{"db_password"}}, nil
}

func (f *fakeCloud) Install(_ context.Context, req agent.InstallRequest) (agent.Operation, error) {
	if _, err := f.Entry(context.Background(), req.Entry); err != nil {
		return agent.Operation{}, err
	}
	name := req.Name
	if name == "" {
		name = req.Entry[strings.LastIndex(req.Entry, "/")+1:]
	}
	if _, err := f.app(name); err == nil {
		return agent.Operation{}, agent.Errorf(agent.CodeConflict, "the name %q is taken", name).WithHint("choose another one with --name")
	}
	if v, set := req.Settings["polling_minutes"]; set && v == "often" {
		return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "polling_minutes must be a number").WithHint("see: dcloud app show %s", req.Entry)
	}
	switch req.Entry {
	case "broken":
		return f.operate(name, agent.Event{Stage: agent.StageHealthy, State: agent.EventFailed, Message: "it ended with exit code 1", Percent: 80,
			Error: agent.Errorf(agent.CodeFailed, "%s did not become healthy: it ended with exit code 1", name).WithHint("see: dcloud app show broken"),
			Logs:  []string{"FATAL: \x1b[31mno database"}},
			agent.StageResolve, agent.StageCheck), nil
	case "slow":
		return f.operate(name, agent.Event{}, agent.StageResolve), nil
	}
	f.mu.Lock()
	f.apps[name] = agent.AppDetail{App: agent.App{Name: name, Entry: req.Entry, State: agent.StateRunning}, Notes: "Sign in as " + req.Settings["admin_username"] + ".", Settings: req.Settings}
	f.mu.Unlock()
	return f.operate(name, agent.Event{Stage: agent.StageRouted, State: agent.EventDone, Message: name + " answers", Percent: 100, URL: "http://" + name + ".dcloud.localhost"},
		agent.StageResolve, agent.StageCheck, agent.StagePull), nil
}

func (f *fakeCloud) change(name, stage string) (agent.Operation, error) {
	if _, err := f.app(name); err != nil {
		return agent.Operation{}, err
	}
	return f.operate(name, agent.Event{Stage: stage, State: agent.EventDone, Message: name + ": " + stage, Percent: 100}), nil
}

func (f *fakeCloud) Start(_ context.Context, name string) (agent.Operation, error) {
	return f.change(name, agent.StageStart)
}

func (f *fakeCloud) Stop(_ context.Context, name string) (agent.Operation, error) {
	return f.change(name, agent.StageStop)
}

func (f *fakeCloud) Restart(_ context.Context, name string) (agent.Operation, error) {
	return f.change(name, agent.StageHealthy)
}

func (f *fakeCloud) Remove(_ context.Context, name string, purge bool) (agent.Operation, error) {
	op, err := f.change(name, agent.StageRemove)
	f.mu.Lock()
	delete(f.apps, name)
	f.mu.Unlock()
	if purge {
		f.called("Purge")
	}
	return op, err
}

func (f *fakeCloud) Config(_ context.Context, name string) (agent.Config, error) {
	a, err := f.app(name)
	c := agent.Config{Name: name}
	if name == "reader" {
		c.Settings = []agent.ConfigSetting{
			{Name: "admin_username", Title: "Administrator's name", Type: "string", Value: a.Settings["admin_username"], Default: "admin"},
			{Name: "smtp_password", Title: "Password of the mail server", Type: "password", Given: a.Settings["smtp_password"] != ""},
		}
	}
	return c, err
}

func (f *fakeCloud) Configure(_ context.Context, name string, set map[string]string) (agent.Operation, error) {
	a, err := f.app(name)
	if err != nil {
		return agent.Operation{}, err
	}
	a.Settings = maps.Clone(a.Settings) // others may read those before
	for _, k := range slices.Sorted(maps.Keys(set)) {
		if _, known := a.Settings[k]; !known {
			return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "%s has no setting %q", name, k).WithHint("see: dcloud app config %s", name)
		}
		if a.Settings[k] = set[k]; set[k] == agent.Unset {
			a.Settings[k] = ""
		}
	}
	f.mu.Lock()
	f.apps[name] = a
	f.mu.Unlock()
	return f.change(name, agent.StageHealthy)
}

func (f *fakeCloud) Secrets(_ context.Context, name string) (map[string]string, error) {
	_, err := f.app(name)
	if name != "reader" {
		return map[string]string{}, err
	}
	return map[string]string{"admin_password": "s3cr3t"}, err
}

func (f *fakeCloud) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	f.called("Events")
	f.mu.Lock()
	events := append([]agent.Event(nil), f.events...)
	f.mu.Unlock()
	out := make(chan agent.Event)
	go func() {
		defer close(out)
		for _, ev := range events {
			if ev.ID <= after || (app != "" && ev.App != app) {
				continue
			}
			select {
			case out <- ev:
			case <-ctx.Done():
				return
			}
		}
		<-ctx.Done()
	}()
	return out, nil
}

func (f *fakeCloud) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	a, err := f.app(name)
	if err != nil {
		return err
	}
	for _, s := range a.Services {
		if opts.Service != "" && opts.Service != s.Name {
			continue
		}
		for i := range 3 {
			if opts.Tail > 0 && i < 3-opts.Tail {
				continue
			}
			if err := emit(agent.LogLine{Service: s.Name, Node: s.Node, Stream: "stdout", Time: noon, Text: fmt.Sprintf("line %d of %s", i+1, s.Name)}); err != nil {
				return err
			}
		}
	}
	if opts.Follow {
		f.called("Follow")
		<-ctx.Done()
	}
	return nil
}

// Exec knows three commands: cat, echo WORDS… and exit N.
func (f *fakeCloud) Exec(_ context.Context, name string, req agent.ExecRequest, streams api.ExecStreams) (int, error) {
	if _, err := f.app(name); err != nil {
		return 0, err
	}
	switch req.Command[0] {
	case "cat":
		_, err := io.Copy(streams.Stdout, bufio.NewReader(streams.Stdin))
		return 0, err
	case "echo":
		fmt.Fprintln(streams.Stdout, strings.Join(req.Command[1:], " "))
		fmt.Fprintln(streams.Stderr, "in", req.Service)
		return 0, nil
	case "exit":
		var code int
		fmt.Sscan(req.Command[1], &code)
		return code, nil
	}
	return 127, nil
}

var fakeEntries = []agent.Entry{
	{Name: "miniflux", Title: "Miniflux", Tagline: "A minimalist feed reader", Category: "reading", Version: "2.2.15", License: "Apache-2.0",
		Memory: 320, Architectures: []string{"amd64", "arm64"},
		Settings: []agent.ConfigSetting{{Name: "admin_username", Title: "Administrator's name", Type: "string", Default: "admin"}}},
	{Name: "broken", Title: "Broken", Tagline: "Never gets well", Category: "test", Version: "1"},
	{Name: "slow", Title: "Slow", Tagline: "Never ends", Category: "test", Version: "1"},
	{Name: "casaos/jellyfin", Title: "Jellyfin", Tagline: "Films and series", Category: "media", Version: "10.9", Store: "casaos",
		Risks: []string{"opens port 7359/udp of the machine to its network (service web)"}, Warnings: []string{"The device /dev/dri is not passed on."}},
}

func (f *fakeCloud) Catalog(_ context.Context, words string) ([]agent.Entry, error) {
	var out []agent.Entry
	for _, en := range fakeEntries {
		if strings.Contains(strings.ToLower(en.Name+" "+en.Tagline), strings.ToLower(words)) {
			out = append(out, en)
		}
	}
	return out, nil
}

func (f *fakeCloud) Entry(_ context.Context, name string) (agent.Entry, error) {
	for _, en := range fakeEntries {
		if en.Name == name {
			return en, nil
		}
	}
	return agent.Entry{}, agent.Errorf(agent.CodeNotFound, "the catalog has no %q", name).WithHint("search it: dcloud app search %s", name)
}
