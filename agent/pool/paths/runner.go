package paths

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
)

const (
	// busy and idle are how often the device is asked: while some member is not met
	// directly, and when all are. Nothing happens in between, as WireGuard tells
	// nothing by itself.
	busy = 2 * time.Second
	idle = 10 * time.Second
	// least is between two looks, however often Wake is called.
	least = 200 * time.Millisecond
	// askTimeout bounds a question to the device. Names are resolved in it.
	askTimeout = 10 * time.Second
)

// Config is what a Runner works with.
type Config struct {
	Log    *slog.Logger
	Self   pool.Member
	Device func() overlay.Device // nil while there is none
	Roster func() pool.Roster
	Seen   func() []pool.Seen // what gossip sees; nothing before it runs
	// Store is the file in which endpoints that worked are kept, so that a pool that
	// was off as a whole finds itself again; "" for none.
	Store string
	Now   func() time.Time // nil for time.Now
	// Endpoints lists this machine's own; nil for overlay.Endpoints.
	Endpoints func() []string
}

// Runner keeps the device's peers as Choose decides.
type Runner struct {
	c    Config
	wake chan struct{}

	// Of the goroutine in Run alone.
	attempts map[string]Attempt
	pushed   []overlay.Peer
	failed   string

	mu      sync.Mutex
	learnt  map[string]string
	direct  map[string]bool
	via     map[string]string
	reach   string
	changed chan struct{}
}

// New makes a Runner, with what the store remembers.
func New(c Config) *Runner {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Endpoints == nil {
		c.Endpoints = func() []string { return overlay.Endpoints(pool.Port) }
	}
	learnt, err := load(c.Store)
	if err != nil {
		c.Log.Warn("where the others were met is forgotten", "error", err)
	}
	return &Runner{c: c, wake: make(chan struct{}, 1), learnt: learnt, direct: map[string]bool{}, changed: make(chan struct{})}
}

// Run works until ctx ends. It gives no error: what does not work is logged once and
// tried again.
func (r *Runner) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-r.wake:
		}
		timer.Reset(r.look(ctx))
		// A burst of news is one look.
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(least):
		}
	}
}

// Wake makes it look at once: the roster, what gossip sees, or an address of this
// machine has changed.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Direct tells of each other member, by its ID, whether it is met directly.
func (r *Runner) Direct() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.direct)
}

// Via tells who relays, by the ID of whom. Who is in neither Direct nor Via is not
// reached.
func (r *Runner) Via() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.via)
}

// Reach is what belongs into this machine's pool.Facts.Direct: without it no other
// asks this one to relay.
func (r *Runner) Reach() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reach
}

// Watch gives a channel that is closed at the next change of Direct, Via or Reach.
func (r *Runner) Watch() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// RelayNeeded tells whether this machine has to pass packets on.
func (r *Runner) RelayNeeded() bool {
	return RelayNeeded(r.c.Roster(), r.c.Seen(), r.Direct())
}

// look decides once, and says when to look again.
func (r *Runner) look(ctx context.Context) time.Duration {
	device := r.c.Device()
	if device == nil {
		return busy
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	status, err := device.Peers(ctx)
	if err != nil {
		r.complain("the private network does not answer", err)
		return busy
	}
	roster := r.c.Roster()
	choice := Choose(State{
		Self: r.c.Self, Roster: roster, Seen: r.c.Seen(), Status: status, Local: r.c.Endpoints(),
		Learnt: r.known(), Attempts: r.attempts, Now: r.c.Now(),
	})
	r.attempts = choice.Attempts
	if err := r.push(ctx, device, status, choice); err != nil {
		r.complain("the private network did not take all members", err)
	} else {
		r.failed = ""
	}
	r.publish(roster, choice)
	for _, direct := range choice.Direct {
		if !direct {
			return until(r.c.Now(), choice.Next, busy)
		}
	}
	return until(r.c.Now(), choice.Next, idle)
}

func until(now, next time.Time, most time.Duration) time.Duration {
	if next.IsZero() {
		return most
	}
	return max(0, min(next.Sub(now), most))
}

// push tells the device, if it is not as it should be.
func (r *Runner) push(ctx context.Context, device overlay.Device, status []overlay.PeerStatus, c Choice) error {
	if reflect.DeepEqual(c.Peers, r.pushed) && holds(status, c.Peers) {
		return nil
	}
	r.pushed = nil // until it is known that it worked
	if len(c.Renew) > 0 {
		rest := slices.DeleteFunc(slices.Clone(c.Peers), func(p overlay.Peer) bool { return slices.Contains(c.Renew, p.Key) })
		if err := device.SetPeers(ctx, rest); err != nil {
			r.complain("the private network did not take all members", err)
		}
	}
	if err := device.SetPeers(ctx, c.Peers); err != nil {
		return err
	}
	r.pushed = c.Peers
	return nil
}

// holds tells whether a device has these peers, with these addresses behind them: one
// that was started anew has none.
func holds(status []overlay.PeerStatus, peers []overlay.Peer) bool {
	if len(status) != len(peers) {
		return false
	}
	have := make(map[string]overlay.PeerStatus, len(status))
	for _, s := range status {
		have[s.Key] = s
	}
	for _, p := range peers {
		s, ok := have[p.Key]
		if !ok || len(s.Allowed) != len(p.Allowed) {
			return false
		}
		for _, a := range p.Allowed {
			if !slices.Contains(s.Allowed, a) {
				return false
			}
		}
	}
	return true
}

// publish makes a decision known, and keeps what was learnt.
func (r *Runner) publish(roster pool.Roster, c Choice) {
	now := reach(roster, c.Direct)
	r.mu.Lock()
	before, via := r.direct, r.via
	learnt := !maps.Equal(r.learnt, c.Learnt)
	changed := !maps.Equal(before, c.Direct) || !maps.Equal(via, c.Via) || r.reach != now
	r.learnt, r.direct, r.via, r.reach = c.Learnt, c.Direct, c.Via, now
	if changed {
		close(r.changed)
		r.changed = make(chan struct{})
	}
	r.mu.Unlock()
	if learnt {
		if err := save(r.c.Store, c.Learnt); err != nil {
			r.complain("where the others are met cannot be kept", err)
		}
	}
	if !changed {
		return
	}
	for _, m := range roster.Members {
		if before[m.ID] == c.Direct[m.ID] && via[m.ID] == c.Via[m.ID] {
			continue
		}
		switch relay, _ := roster.Member(c.Via[m.ID]); {
		case c.Direct[m.ID]:
			r.c.Log.Info("a member is met directly", "node", m.Name, "endpoint", c.Learnt[m.ID])
		case relay.ID != "":
			r.c.Log.Info("a member is reached through another", "node", m.Name, "relay", relay.Name)
		default:
			r.c.Log.Info("there is no way to a member", "node", m.Name)
		}
	}
}

func (r *Runner) known() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.learnt)
}

// complain logs an error once, as long as it stays the same.
func (r *Runner) complain(what string, err error) {
	if text := what + err.Error(); text != r.failed {
		r.failed = text
		r.c.Log.Warn(what, "error", err)
	}
}
