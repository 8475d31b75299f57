// Package sample is a cloud that is not there: it answers as the control service and
// the accounts do, out of memory, and holds an app, a machine and a person in every
// state. It is for development (ui/gallery) and for unit tests alone; no program that
// people use may import it, which a test here holds.
//
// It depends on the words in agent and on what ui/web asks of a cloud. Nothing in it
// moves by itself: Step tells the next event of what is under way. Start reading at
// New, then Cloud.Step, then NewAccounts.
package sample

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Cloud is a control service out of memory.
type Cloud struct {
	now    func() time.Time
	people *people

	mu       sync.Mutex
	apps     map[string]*app
	nodes    []agent.Node
	pending  []agent.PendingNode
	entries  []agent.Entry
	activity []agent.Activity // oldest first
	stores   []agent.StoreDetail
	settings agent.Settings
	away     *agent.Error
	failing  map[string]*agent.Error // by the name of the call
	ops      []*operation            // under way
	count    int                     // of IDs that were given out

	next  uint64 // the last event's ID
	ring  []agent.Event
	wake  chan struct{} // closed and replaced at each event
	dirty chan struct{} // likewise, at each change
	beat  chan struct{} // likewise, at each step
}

var _ web.Cloud = (*Cloud)(nil)

// app is an app with all that is told of it.
type app struct {
	agent.AppDetail
	entry    agent.Entry
	override agent.Override
}

// Option changes a sample.
type Option func(*Cloud)

// At makes the sample's clock stand still.
func At(t time.Time) Option { return func(c *Cloud) { c.now = func() time.Time { return t } } }

// Clock gives the sample a clock.
func Clock(now func() time.Time) Option { return func(c *Cloud) { c.now = now } }

// Empty leaves out apps, what was done, and all machines but the first.
func Empty() Option {
	return func(c *Cloud) {
		if c.nodes == nil {
			return // options are gone through twice: for the clock, and at the end
		}
		c.apps, c.ops, c.pending, c.activity = map[string]*app{}, nil, nil, nil
		c.nodes = c.nodes[:1]
		c.nodes[0].Apps = 0
		c.ring = nil
	}
}

// New returns a sample with its apps, three machines and their past.
func New(options ...Option) *Cloud {
	c := &Cloud{now: time.Now, apps: map[string]*app{}, failing: map[string]*agent.Error{},
		wake: make(chan struct{}), dirty: make(chan struct{}), beat: make(chan struct{})}
	for _, o := range options {
		o(c) // for the clock, which the rest is made with
	}
	now := c.now()
	c.next = uint64(now.UnixMicro())
	c.people = newPeople(now)
	c.entries = slices.Concat(known(), foreign())
	c.stores = stores(now)
	c.nodes, c.pending = nodes(), pending(now)
	c.settings = agent.Settings{Name: "Ada's cloud", Accent: agent.Accents()[0], Domain: "ada.xyz",
		Notify: agent.Notify{Ntfy: "https://ntfy.example/adas-cloud"}}
	for _, a := range apps(now) {
		entry, _ := c.find(a.Entry)
		d := detail(a, entry, now)
		c.apps[a.Name] = &app{AppDetail: d, entry: entry}
	}
	c.override(now)
	c.activity = past(now)
	c.begin(now)
	for _, o := range options {
		o(c)
	}
	return c
}

// Accounts are those of the people of this cloud.
func (c *Cloud) Accounts() *Accounts { return newAccounts(c.people, c.now) }

// Away makes every call fail, or (nil) work again.
func (c *Cloud) Away(why *agent.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = why
	c.changed()
}

// Fail makes one call fail, by its name ("Drain"), or (nil) work again.
func (c *Cloud) Fail(call string, why *agent.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing[call] = why
	c.changed()
}

// ok locks the sample and says whether a call may go on. The caller unlocks.
func (c *Cloud) ok(ctx context.Context, call string) error {
	c.mu.Lock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.away != nil {
		return c.away
	}
	if e := c.failing[call]; e != nil {
		return e
	}
	return nil
}

// changed wakes who watches. mu is held.
func (c *Cloud) changed() {
	close(c.dirty)
	c.dirty = make(chan struct{})
}

func (c *Cloud) id() string {
	c.count++
	return c.now().UTC().Format("20060102T150405") + "-" + string(rune('a'+c.count/676%26)) + string(rune('a'+c.count/26%26)) + string(rune('a'+c.count%26))
}

// Watch sends at the beginning and whenever something changed.
func (c *Cloud) Watch(ctx context.Context) (<-chan struct{}, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Watch"); err != nil {
		return nil, err
	}
	out := make(chan struct{}, 1)
	out <- struct{}{}
	dirty := c.dirty
	go func() {
		defer close(out)
		for {
			select {
			case <-dirty:
			case <-ctx.Done():
				return
			}
			c.mu.Lock()
			dirty = c.dirty
			c.mu.Unlock()
			select {
			case out <- struct{}{}:
			default: // it knows already
			}
		}
	}()
	return out, nil
}

// Events sends what is remembered and then what happens.
func (c *Cloud) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Events"); err != nil {
		return nil, err
	}
	out := make(chan agent.Event)
	go func() {
		defer close(out)
		for {
			c.mu.Lock()
			wake := c.wake
			var news []agent.Event
			for _, e := range c.ring {
				if e.ID > after && (app == "" || e.App == app) {
					news = append(news, e)
				}
			}
			c.mu.Unlock()
			for _, e := range news {
				select {
				case out <- e:
					after = e.ID
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// tell stamps an event and sends it. mu is held.
func (c *Cloud) tell(e agent.Event) {
	c.next++
	e.ID, e.Time = c.next, c.now()
	c.ring = append(c.ring, e)
	if len(c.ring) > 2048 {
		c.ring = slices.Clone(c.ring[512:])
	}
	close(c.wake)
	c.wake = make(chan struct{})
}

// Status is the state of the cloud.
func (c *Cloud) Status(ctx context.Context) (agent.Status, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Status"); err != nil {
		return agent.Status{}, err
	}
	since := c.now().Add(-9 * 24 * time.Hour)
	return agent.Status{Ready: true, Domain: c.settings.Domain, Panel: "https://panel." + c.settings.Domain, HTTPPort: 80, HTTPSPort: 443,
		Version: "0.4.0", Nodes: len(c.nodes), Apps: len(c.apps), Engines: []agent.Engine{
			{Name: "consul", Version: "1.22.1", State: agent.EngineReady, PID: 811, Since: since},
			{Name: "nomad", Version: "1.11.0", State: agent.EngineReady, PID: 812, Since: since},
			{Name: "traefik", Version: "3.6.2", State: agent.EngineBackoff, Reason: "port 443 is taken", PID: 0, Restarts: 3, Since: since},
		}}, nil
}

// Settings are the cloud's own.
func (c *Cloud) Settings(ctx context.Context) (agent.Settings, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Settings"); err != nil {
		return agent.Settings{}, err
	}
	return c.settings, nil
}

// ChangeSettings changes what is not nil.
func (c *Cloud) ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "ChangeSettings"); err != nil {
		return agent.Settings{}, err
	}
	s := c.settings
	if change.Name != nil {
		s.Name = *change.Name
	}
	if change.Accent != nil {
		if !slices.Contains(agent.Accents(), *change.Accent) {
			return agent.Settings{}, agent.Errorf(agent.CodeInvalid, "%q is none of the colours", *change.Accent).
				WithHint("there are %s", strings.Join(agent.Accents(), ", "))
		}
		s.Accent = *change.Accent
	}
	if change.Domain != nil {
		if !strings.Contains(*change.Domain, ".") || strings.ContainsAny(*change.Domain, " /:@") {
			return agent.Settings{}, agent.Errorf(agent.CodeInvalid, "%q is no domain", *change.Domain).WithHint("one looks like ada.xyz")
		}
		s.Domain = *change.Domain
	}
	if change.Notify != nil {
		had := s.Notify.HasPassword
		s.Notify = *change.Notify
		s.Notify.HasPassword = s.Notify.SMTPPassword != "" || had && s.Notify.SMTP != ""
		s.Notify.SMTPPassword = ""
	}
	c.settings = s
	c.note(ctx, agent.Activity{Action: "settings", Detail: "changed the settings"})
	return s, nil
}

// TestNotify fails where nothing is set, and where the address says fail.
func (c *Cloud) TestNotify(ctx context.Context) error {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "TestNotify"); err != nil {
		return err
	}
	n := c.settings.Notify
	if n.Webhook == "" && n.Ntfy == "" && n.Email == "" {
		return agent.Errorf(agent.CodeInvalid, "there is nowhere to tell it").WithHint("fill in a webhook, an ntfy topic or an e-mail address first")
	}
	if strings.Contains(n.Webhook+n.Ntfy+n.Email, "fail") {
		return agent.Errorf(agent.CodeFailed, "the webhook did not take it: 404 Not Found").WithHint("look whether the address is right")
	}
	return nil
}

// note adds to the history something that is done. mu is held.
func (c *Cloud) note(ctx context.Context, a agent.Activity) {
	a.ID, a.Actor, a.Started, a.Ended = c.id(), agent.Actor(ctx), c.now(), c.now()
	if a.Outcome == "" {
		a.Outcome = agent.OutcomeDone
	}
	c.activity = append(c.activity, a)
	c.changed()
}
