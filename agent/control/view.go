package control

import (
	"context"
	"strings"
	"sync"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// view is what the engines last told us, kept fresh by blocking queries. It is a
// cache of their state and never its source: anything that is written is decided
// on what is read from them.
type view struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change

	intents       map[string]*Intent
	intentIndex   uint64
	damaged       []string                               // names whose record cannot be used
	allocs        map[string][]*nomad.AllocationListStub // by job
	checks        map[string]consul.HealthChecks         // by allocation
	nodes         []*nomad.NodeListStub                  // with all their attributes
	volumes       map[string]string                      // by name: the ID of the node that it is on
	members       []*nodeRecord                          // by name
	activity      []*agent.Activity                      // the newest first
	activityIndex uint64
	settings      settingsRecord
	ready         map[string]bool // which of the above have been read at all
}

func newView() *view {
	return &view{changed: make(chan struct{}), ready: map[string]bool{}}
}

// set changes the view under its lock and wakes who waits.
func (v *view) set(what string, change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
	v.ready[what] = true
	close(v.changed)
	v.changed = make(chan struct{})
}

// read runs f under the lock and returns a channel that closes at the next change.
func (v *view) read(f func()) <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
	return v.changed
}

// await calls cond after each change until it says true or fails.
func (v *view) await(ctx context.Context, cond func() (bool, error)) error {
	for {
		var ok bool
		var err error
		more := v.read(func() { ok, err = cond() })
		if ok || err != nil {
			return err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lateView is how long who changed something waits until the view shows it. It shows
// it at once where the machine does nothing else; a later one is no failure.
const lateView = 15 * time.Second

// awaitIntents waits until the view shows the KV store as of an index, so that
// who wrote something finds it in what it reads next.
func (s *Service) awaitIntents(ctx context.Context, index uint64) {
	ctx, cancel := context.WithTimeout(ctx, lateView)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) { return s.view.intentIndex >= index, nil })
}

// pollWait bounds one blocking query; engines answer earlier when something changes.
const pollWait = 5 * time.Minute

// follow repeats a blocking query for ever, handing on each answer that is new.
func follow(ctx context.Context, query func(index uint64) (uint64, error)) error {
	var index uint64
	delay := 50 * time.Millisecond
	for {
		next, err := query(index)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || next == 0 {
			// The engine is away or being restarted: ask again soon, and for everything.
			index = 0
			select {
			case <-time.After(delay):
			case <-ctx.Done():
				return nil
			}
			delay = min(2*delay, 2*time.Second)
			continue
		}
		delay = 50 * time.Millisecond
		if next < index {
			next = 0 // the engine's state was restored: start over
		}
		index = next
	}
}

// watchAll keeps the view fresh until ctx ends.
func (s *Service) watchAll(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { return follow(ctx, s.watchIntents(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchAllocs(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchChecks(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchNodes(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchVolumes(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchMembers(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchActivity(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchSettings(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchPending(ctx)) })
	g.Go(func() error { return follow(ctx, s.watchStores(ctx)) })
}

func (s *Service) watchIntents(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		pairs, meta, err := s.Consul.KV().List(prefixApps, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		intents := make(map[string]*Intent, len(pairs))
		var damaged []string
		for _, p := range pairs {
			i, err := decodeIntent(p)
			if err != nil {
				s.Log.Error("a record is damaged and left alone", "key", p.Key, "err", err)
				damaged = append(damaged, strings.TrimPrefix(p.Key, prefixApps))
				continue
			}
			intents[i.Name] = i
		}
		s.view.set("intents", func() { s.view.intents, s.view.damaged, s.view.intentIndex = intents, damaged, meta.LastIndex })
		s.work.wake()
		return meta.LastIndex, nil
	}
}

func (s *Service) watchAllocs(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		q := (&nomad.QueryOptions{WaitIndex: index, WaitTime: pollWait, Params: map[string]string{"resources": "true"}}).WithContext(ctx)
		list, meta, err := s.Nomad.Allocations().List(q)
		if err != nil {
			return 0, err
		}
		allocs := map[string][]*nomad.AllocationListStub{}
		for _, a := range list {
			allocs[a.JobID] = append(allocs[a.JobID], a)
		}
		s.view.set("allocs", func() { s.view.allocs = allocs })
		return meta.LastIndex, nil
	}
}

func (s *Service) watchChecks(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		list, meta, err := s.Consul.Health().State(consul.HealthAny, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		checks := map[string]consul.HealthChecks{}
		for _, c := range list {
			if id := allocOf(c.ServiceID); id != "" {
				checks[id] = append(checks[id], c)
			}
		}
		s.view.set("checks", func() { s.view.checks = checks })
		return meta.LastIndex, nil
	}
}

// allocOf finds the allocation in the ID of a service that Nomad registered:
// "_nomad-task-<36 characters>-…" (Nomad's command/agent/consul.MakeAllocServiceID).
func allocOf(serviceID string) string {
	const prefix = "_nomad-task-"
	if len(serviceID) < len(prefix)+36 || serviceID[:len(prefix)] != prefix {
		return ""
	}
	return serviceID[len(prefix) : len(prefix)+36]
}
