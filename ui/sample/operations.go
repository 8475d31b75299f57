package sample

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// operation is one under way, with what it has yet to tell.
type operation struct {
	activity int // its place in the history
	app      string
	node     string
	id       string
	left     []agent.Event
	end      func(last agent.Event)
}

// start begins an operation, which tells its first event at the next step. mu is held.
func (c *Cloud) start(ctx context.Context, a agent.Activity, events []agent.Event, end func(agent.Event)) agent.Operation {
	a.Op, a.ID, a.Actor, a.Started, a.Outcome = c.id(), c.id(), agent.Actor(ctx), c.now(), agent.OutcomeRunning
	c.activity = append(c.activity, a)
	c.ops = append(c.ops, &operation{activity: len(c.activity) - 1, app: a.App, node: a.Node, id: a.Op, left: events, end: end})
	c.changed()
	return agent.Operation{ID: a.Op, App: a.App, Node: a.Node}
}

// Step lets every operation tell its next event.
func (c *Cloud) Step() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var going []*operation
	for _, o := range c.ops {
		e := o.left[0]
		o.left = o.left[1:]
		e.Op, e.App, e.Node = o.id, o.app, o.node
		if !e.Final {
			c.tell(e)
			going = append(going, o)
			continue
		}
		a := &c.activity[o.activity]
		a.Ended, a.Outcome = c.now(), agent.OutcomeDone
		if e.State == agent.EventFailed {
			a.Outcome, a.Stage, a.Error, a.Logs = agent.OutcomeFailed, e.Stage, e.Error, e.Logs
		}
		o.end(e)
		c.tell(e)
	}
	c.ops = going
	close(c.beat)
	c.beat = make(chan struct{})
	c.changed()
}

// Finish steps until nothing is under way.
func (c *Cloud) Finish() {
	for {
		c.mu.Lock()
		left := len(c.ops)
		c.mu.Unlock()
		if left == 0 {
			return
		}
		c.Step()
	}
}

// Run steps at a pace until the context ends.
func (c *Cloud) Run(ctx context.Context, pace time.Duration) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.Step()
		case <-ctx.Done():
			return
		}
	}
}

// begin leaves the installation of nextcloud under way.
func (c *Cloud) begin(now time.Time) {
	a := c.apps["nextcloud"]
	events := installing(a.AppDetail, "")
	c.start(agent.WithActor(context.Background(), "owner"),
		agent.Activity{Action: "install", App: "nextcloud", Detail: "version 34.0.2 on pi1", Request: &agent.InstallRequest{Entry: "nextcloud"}}, events, c.installed("nextcloud"))
	o := c.ops[len(c.ops)-1]
	for o.left[0].Percent < 40 {
		e := o.left[0]
		o.left = o.left[1:]
		e.Op, e.App = o.id, o.app
		c.tell(e)
	}
}

const megabyte = 1 << 20

// installing are the events of an installation, which fails at a stage if one is named.
func installing(a agent.AppDetail, failAt string) []agent.Event {
	const total = 512 * megabyte
	out := []agent.Event{
		{Stage: agent.StageResolve, State: agent.EventDone, Message: a.Title + " " + a.Version},
		{Stage: agent.StageCheck, State: agent.EventDone, Message: "fits " + a.Node, Percent: 2},
		{Stage: agent.StageSecrets, State: agent.EventStarted, Message: "making passwords", Percent: 4},
		{Stage: agent.StageSecrets, State: agent.EventDone, Message: "2 passwords made", Percent: 4},
		{Stage: agent.StageVolumes, State: agent.EventDone, Message: "2 folders made", Percent: 6},
		{Stage: agent.StagePlan, State: agent.EventDone, Message: "placed", Percent: 8},
		{Stage: agent.StagePull, State: agent.EventStarted, Message: "fetching what it needs", Percent: 10},
	}
	const parts = 32
	for k := 1; k <= parts; k++ {
		out = append(out, agent.Event{Stage: agent.StagePull, State: agent.EventProgress, Percent: 10 + 65*k/parts,
			Message: fmt.Sprintf("downloading, %d of %d MB", (total/parts*k+500_000)/1_000_000, (total+500_000)/1_000_000), Bytes: int64(total / parts * k), Total: total, Left: parts - k})
	}
	out = append(out,
		agent.Event{Stage: agent.StagePull, State: agent.EventDone, Message: "fetched", Percent: 75},
		agent.Event{Stage: agent.StageStart, State: agent.EventStarted, Message: "starting", Percent: 75},
		agent.Event{Stage: agent.StageStart, State: agent.EventDone, Message: "all its parts run", Percent: 80},
		agent.Event{Stage: agent.StageHealthy, State: agent.EventStarted, Message: "waiting for its answer", Percent: 85})
	if failAt != "" {
		e := agent.Errorf(agent.CodeFailed, "%s did not become healthy within 5 minutes", a.Name).WithHint("its last lines say more; try again with other settings")
		return append(out, agent.Event{Stage: failAt, State: agent.EventFailed, Message: e.Message, Percent: 85, Final: true, Error: e, Logs: lastWords})
	}
	return append(out,
		agent.Event{Stage: agent.StageRouted, State: agent.EventStarted, Message: "waiting for the front door", Percent: 95},
		agent.Event{Stage: agent.StageRouted, State: agent.EventDone, Message: "it is at " + a.URL, Percent: 100, Final: true, URL: a.URL})
}

func (c *Cloud) installed(name string) func(agent.Event) {
	return func(last agent.Event) {
		a := c.apps[name]
		switch {
		case a == nil:
		case last.State == agent.EventFailed:
			delete(c.apps, name) // as the control service takes a failed install back
		default:
			a.State, a.Running = agent.StateRunning, a.Replicas
			a.AppDetail = detail(a.App, a.entry, c.now())
		}
	}
}

// Plan says what an install would do.
func (c *Cloud) Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Plan"); err != nil {
		return agent.Plan{}, err
	}
	return c.plan(req)
}

func (c *Cloud) plan(req agent.InstallRequest) (agent.Plan, error) {
	e, ok := c.find(req.Entry)
	if !ok {
		return agent.Plan{}, agent.Errorf(agent.CodeNotFound, "the catalog has no app called %q", clip(req.Entry))
	}
	if req.Name == "" {
		req.Name = e.Name[strings.LastIndexByte(e.Name, '/')+1:]
	}
	if req.Subdomain == "" {
		req.Subdomain = req.Name
	}
	if strings.ContainsAny(req.Name, " /._") || req.Name != strings.ToLower(req.Name) || len(req.Name) > 40 {
		return agent.Plan{}, agent.Errorf(agent.CodeInvalid, "%q cannot be an app's name", clip(req.Name)).WithHint("use lower-case letters, digits and dashes")
	}
	if c.apps[req.Name] != nil {
		return agent.Plan{}, agent.Errorf(agent.CodeConflict, "there is an app called %s already", req.Name).WithHint("choose another name")
	}
	for _, s := range e.Settings {
		if s.Required && req.Settings[s.Name] == "" {
			return agent.Plan{}, agent.Errorf(agent.CodeInvalid, "a setting is not right: %s: must be given", s.Name)
		}
	}
	names, all := c.fits(e, req.Node)
	p := agent.Plan{Name: req.Name, Entry: e.Name, Version: e.Version, URL: "https://" + req.Subdomain + "." + c.settings.Domain, Memory: e.Memory,
		Images: e.Images, Volumes: e.Data, Secrets: []string{"admin_password"}, Risks: e.Risks, Nodes: all}
	p.Store, p.Warnings = e.Store, e.Warnings
	if len(names) == 0 {
		p.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: whys(all)}
		return p, nil
	}
	p.Node, p.Verdict = names[0], agent.Verdict{Do: agent.VerdictPlace, Node: names[0]}
	return p, nil
}

// Install begins an installation. One of a name that begins with "fail" fails.
func (c *Cloud) Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Install"); err != nil {
		return agent.Operation{}, err
	}
	p, err := c.plan(req)
	if err != nil {
		return agent.Operation{}, err
	}
	e, _ := c.find(req.Entry)
	if p.Verdict.Do == agent.VerdictBlocked {
		return agent.Operation{}, agent.Errorf(agent.CodeFailed, "%s fits on no machine", e.Title).WithHint("stop an app, or let another machine join")
	}
	a := agent.App{Name: p.Name, Entry: e.Name, Version: e.Version, State: agent.StateInstalling, URL: p.URL, Node: p.Node, Access: e.Access, Replicas: 1}
	d := detail(a, e, c.now())
	maps.Copy(d.Settings, req.Settings)
	d.Created, d.Updated, d.Actor = c.now(), c.now(), agent.Actor(ctx)
	c.apps[p.Name] = &app{AppDetail: d, entry: e}
	failAt := ""
	if strings.HasPrefix(p.Name, "fail") {
		failAt = agent.StageHealthy
	}
	return c.start(ctx, agent.Activity{Action: "install", App: p.Name, Detail: "version " + e.Version + " on " + p.Node, Request: &req}, installing(d, failAt), c.installed(p.Name)), nil
}

// Start, Stop and Restart do so at the next steps.
func (c *Cloud) Start(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, "Start", name, "start", "", agent.StageStart, "starting", agent.StateRunning)
}
func (c *Cloud) Stop(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, "Stop", name, "stop", "", agent.StageStop, "stopping", agent.StateStopped)
}
func (c *Cloud) Restart(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, "Restart", name, "restart", "", agent.StageStart, "starting", agent.StateRunning)
}

// Remove takes an app away.
func (c *Cloud) Remove(ctx context.Context, name string, purgeData bool) (agent.Operation, error) {
	detail := "its data is kept"
	if purgeData {
		detail = "with its data"
	}
	return c.change(ctx, "Remove", name, "remove", detail, agent.StageRemove, "removing", "")
}

// Configure changes settings.
func (c *Cloud) Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error) {
	op, err := c.change(ctx, "Configure", name, "configure", fmt.Sprintf("changed %d settings", len(set)), agent.StageStart, "starting with other settings", agent.StateRunning)
	if err == nil {
		c.mu.Lock()
		maps.Copy(c.apps[name].Settings, set)
		c.mu.Unlock()
	}
	return op, err
}

func (c *Cloud) change(ctx context.Context, call, name, kind, detailText, stage, message, after string) (agent.Operation, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, call); err != nil {
		return agent.Operation{}, err
	}
	if _, err := c.app(name); err != nil {
		return agent.Operation{}, err
	}
	for _, o := range c.ops {
		if o.app == name {
			return agent.Operation{}, agent.Errorf(agent.CodeConflict, "%s is busy", name).WithHint("wait until it is done")
		}
	}
	return c.start(ctx, agent.Activity{Action: kind, App: name, Detail: detailText}, []agent.Event{
		{Stage: stage, State: agent.EventStarted, Message: message, Percent: 20},
		{Stage: stage, State: agent.EventProgress, Message: message, Percent: 60},
		{Stage: stage, State: agent.EventDone, Message: "done", Percent: 100, Final: true},
	}, func(agent.Event) {
		a := c.apps[name]
		if after == "" {
			delete(c.apps, name)
			return
		}
		settings, override, risks := a.Settings, a.Override, a.Risks
		a.State, a.Reason, a.Running = after, "", 0
		if after == agent.StateRunning {
			a.Running = a.Replicas
		}
		a.AppDetail = detail(a.App, a.entry, c.now())
		a.Settings, a.Override, a.Risks = settings, override, risks
	}), nil
}
