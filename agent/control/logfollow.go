package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// follower goes on with the logs of an app's containers: those that are there and
// those that come, in a restart for example.
type follower struct {
	s       *Service
	name    string
	service string // "" for all
	lines   chan agent.LogLine

	mu        sync.Mutex
	following map[string]bool // by container ID
	last      map[string]time.Time
}

// begin follows a container from its last known line on, unless it is followed
// already. One that is started again goes on in the same log.
func (f *follower) begin(ctx context.Context, g *errgroup.Group, c found) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.following[c.ID] {
		return
	}
	f.following[c.ID] = true
	last := f.last[c.ID]
	since := last
	if !last.IsZero() {
		since = last.Add(time.Nanosecond)
	}
	g.Go(func() error {
		err := c.logs(ctx, true, 0, since, func(l agent.LogLine) error {
			last = l.Time
			return send(ctx, f.lines, l)
		})
		if err != nil && ctx.Err() == nil {
			f.s.Log.Debug("follow a container's log", "app", f.name, "container", c.ID, "err", err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.following[c.ID], f.last[c.ID] = false, last
		return nil
	})
}

// followLogs tells what there is, in order, and then what comes, until ctx or the
// app ends.
func (s *Service) followLogs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	filter := filters.NewArgs(filters.Arg("label", labelApp+"="+name), filters.Arg("type", "container"), filters.Arg("event", "start"))
	if opts.Service != "" {
		filter.Add("label", labelService+"="+opts.Service)
	}
	// Ask for the events first, so that none falls between them and the list.
	started, broken := s.Docker.Events(ctx, events.ListOptions{Filters: filter})
	hosts, _, done := s.hosts(name)
	defer done()
	list, _, err := s.containers(ctx, hosts, name, opts.Service)
	if err != nil {
		return err
	}
	last, err := s.readLogs(ctx, list, opts.Tail, emit)
	if err != nil {
		return err
	}
	f := &follower{s: s, name: name, service: opts.Service, lines: make(chan agent.LogLine), following: map[string]bool{}, last: last}
	g, ctx := errgroup.WithContext(ctx)
	for _, c := range list {
		if c.State == container.StateRunning {
			f.begin(ctx, g, c)
		}
	}
	g.Go(func() error {
		for {
			select {
			case e := <-started:
				c := found{host: host{s.Node, s.Docker}}
				c.ID, c.Labels = e.Actor.ID, e.Actor.Attributes
				f.begin(ctx, g, c)
			case err := <-broken:
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("follow Docker's events: %w", err)
			case <-ctx.Done():
				return nil
			}
		}
	})
	if s.Members.DockerAt != nil {
		g.Go(func() error { f.elsewhere(ctx, g); return nil })
	}
	g.Go(func() error {
		for {
			select {
			case l := <-f.lines:
				if err := emit(l); err != nil {
					return err
				}
			case <-ctx.Done():
				return nil
			}
		}
	})
	g.Go(func() error {
		defer end() // nothing comes after an app
		_ = s.view.await(ctx, func() (bool, error) { return s.view.ready["intents"] && s.view.intents[name] == nil, nil })
		return nil
	})
	return g.Wait()
}

// elsewhere follows the containers on other machines. Their Dockers tell us no
// events: Nomad says when something of the app changed there.
func (f *follower) elsewhere(ctx context.Context, g *errgroup.Group) {
	seen := ""
	for {
		now := ""
		changed := f.s.view.read(func() { now = f.s.view.traceOf(f.name) })
		var again <-chan time.Time
		if now != seen {
			if f.look(ctx, g) {
				seen = now
			} else {
				again = time.After(2 * time.Second) // one did not answer
			}
		}
		select {
		case <-changed:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

// traceOf changes when something happens to an app or to a machine that it is on.
// It is called under the view's lock.
func (v *view) traceOf(app string) string {
	var parts []string
	for _, a := range v.allocs[app] {
		part := fmt.Sprint(a.ID, " ", a.ModifyIndex)
		for _, n := range v.nodes {
			if n.ID == a.NodeID {
				part += " " + n.Status
			}
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

// look begins with the containers that run on other machines, and tells whether all
// machines answered.
func (f *follower) look(ctx context.Context, g *errgroup.Group) bool {
	hosts, _, done := f.s.hosts(f.name)
	defer done()
	list, silent, err := f.s.containers(ctx, hosts[1:], f.name, f.service)
	if err != nil {
		return false
	}
	for _, c := range list {
		if c.State == container.StateRunning {
			f.begin(ctx, g, c)
		}
	}
	return len(silent) == 0 && len(hosts) == 1+f.s.placed(f.name)
}

// placed counts the other machines that an app's containers can be on.
func (s *Service) placed(app string) (n int) {
	s.view.read(func() {
		there, _ := s.view.placesOf(app, s.Node)
		n = len(there)
	})
	return n
}
