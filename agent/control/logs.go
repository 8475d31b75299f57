package control

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// Logs reads what an app's containers wrote, from Docker, in order of time. When
// following it ends when the app is removed.
func (s *Service) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) (err error) {
	defer s.tell(&err)
	_, entry, err := s.installed(ctx, name)
	if err != nil {
		return err
	}
	if opts.Service != "" && entry.Service(opts.Service) == nil {
		var have []string
		for _, svc := range entry.Services {
			have = append(have, svc.Name)
		}
		return agent.Errorf(agent.CodeNotFound, "%s has no service called %q", name, clip(opts.Service, 60)).
			WithHint("it has: %s", strings.Join(have, ", "))
	}
	if opts.Follow {
		return s.followLogs(ctx, name, opts, emit)
	}
	list, err := s.containers(ctx, name, opts.Service)
	if err != nil {
		return err
	}
	_, err = s.readLogs(ctx, list, opts.Tail, emit)
	return err
}

// readLogs hands on what containers wrote until now, merged by time, and tells
// when each of them (by ID) wrote its last line.
func (s *Service) readLogs(ctx context.Context, list []container.Summary, tail int, emit func(agent.LogLine) error) (map[string]time.Time, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	var sources []<-chan agent.LogLine
	ends := make([]time.Time, len(list))
	for k, c := range list {
		lines := make(chan agent.LogLine, 64) // some, so that Docker is read ahead of whoever reads us
		sources = append(sources, lines)
		wg.Go(func() {
			defer close(lines)
			err := s.containerLogs(ctx, c.ID, c.Labels[labelService], false, tail, time.Time{}, func(l agent.LogLine) error {
				ends[k] = l.Time
				return send(ctx, lines, l)
			})
			if err != nil && ctx.Err() == nil {
				s.Log.Debug("read a container's log", "container", c.ID[:12], "err", err) // it went away meanwhile
			}
		})
	}
	if err := lastOf(tail, emit, func(emit func(agent.LogLine) error) error { return merge(sources, emit) }); err != nil {
		return nil, err
	}
	wg.Wait()
	last := map[string]time.Time{}
	for k, c := range list {
		last[c.ID] = ends[k]
	}
	return last, ctx.Err()
}

func send(ctx context.Context, to chan<- agent.LogLine, l agent.LogLine) error {
	select {
	case to <- l:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lastLines is the end of an app's log as text, for telling why it failed.
func (s *Service) lastLines(ctx context.Context, name string, n int) []string {
	var out []string
	list, err := s.containers(ctx, name, "")
	if err == nil {
		_, err = s.readLogs(ctx, list, n, func(l agent.LogLine) error {
			out = append(out, l.Service+": "+clip(l.Text, 1000))
			return nil
		})
	}
	if err != nil {
		s.Log.Warn("read the last lines", "app", name, "err", err)
	}
	return out
}

// follower goes on with the logs of an app's containers: those that are there and
// those that come, in a restart for example.
type follower struct {
	s     *Service
	name  string
	lines chan agent.LogLine

	mu        sync.Mutex
	following map[string]bool // by container ID
	last      map[string]time.Time
}

// begin follows a container from its last known line on, unless it is followed
// already. One that is started again goes on in the same log.
func (f *follower) begin(ctx context.Context, g *errgroup.Group, id, service string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.following[id] {
		return
	}
	f.following[id] = true
	last := f.last[id]
	since := last
	if !last.IsZero() {
		since = last.Add(time.Nanosecond)
	}
	g.Go(func() error {
		err := f.s.containerLogs(ctx, id, service, true, 0, since, func(l agent.LogLine) error {
			last = l.Time
			return send(ctx, f.lines, l)
		})
		if err != nil && ctx.Err() == nil {
			f.s.Log.Debug("follow a container's log", "app", f.name, "container", id, "err", err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.following[id], f.last[id] = false, last
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
	list, err := s.containers(ctx, name, opts.Service)
	if err != nil {
		return err
	}
	last, err := s.readLogs(ctx, list, opts.Tail, emit)
	if err != nil {
		return err
	}
	f := &follower{s: s, name: name, lines: make(chan agent.LogLine), following: map[string]bool{}, last: last}
	g, ctx := errgroup.WithContext(ctx)
	for _, c := range list {
		if c.State == container.StateRunning {
			f.begin(ctx, g, c.ID, c.Labels[labelService])
		}
	}
	g.Go(func() error {
		for {
			select {
			case e := <-started:
				f.begin(ctx, g, e.Actor.ID, e.Actor.Attributes[labelService])
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
