package control

import (
	"context"
	"strings"
	"sync"
	"time"

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
	if opts.Service != "" && !s.hasService(name, entry, opts.Service) {
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
	hosts, gone, done := s.hosts(name)
	defer done()
	list, silent, err := s.containers(ctx, hosts, name, opts.Service)
	if err != nil {
		return err
	}
	if gone = append(gone, silent...); len(list) == 0 && len(gone) > 0 {
		return unanswered(name, gone)
	}
	_, err = s.readLogs(ctx, list, opts.Tail, emit)
	return err
}

// readLogs hands on what containers wrote until now, merged by time, and tells
// when each of them (by ID) wrote its last line.
func (s *Service) readLogs(ctx context.Context, list []found, tail int, emit func(agent.LogLine) error) (map[string]time.Time, error) {
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
			err := c.logs(ctx, false, tail, time.Time{}, func(l agent.LogLine) error {
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
	hosts, _, done := s.hosts(name)
	defer done()
	list, _, err := s.containers(ctx, hosts, name, "")
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
