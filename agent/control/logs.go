package control

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/pkg/stdcopy"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// longestLine is where a log line is cut: Docker itself splits at 16 KiB.
const longestLine = 64 << 10

// Logs reads what an app's containers wrote, from Docker, in order of time.
func (s *Service) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
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
	lines, err := s.readLogs(ctx, name, opts)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := emit(l); err != nil {
			return err
		}
	}
	return nil
}

// readLogs merges what is there by time.
func (s *Service) readLogs(ctx context.Context, name string, opts agent.LogOptions) ([]agent.LogLine, error) {
	list, err := s.containers(ctx, name, opts.Service)
	if err != nil {
		return nil, err
	}
	var lines []agent.LogLine
	for _, c := range list {
		err := s.containerLogs(ctx, c.ID, c.Labels[labelService], false, opts.Tail, time.Time{}, func(l agent.LogLine) error {
			lines = append(lines, l)
			return nil
		})
		if err != nil && ctx.Err() == nil {
			s.Log.Debug("read a container's log", "app", name, "container", c.ID[:12], "err", err) // it went away meanwhile
		}
	}
	slices.SortStableFunc(lines, func(a, b agent.LogLine) int { return a.Time.Compare(b.Time) })
	if opts.Tail > 0 && len(lines) > opts.Tail {
		lines = lines[len(lines)-opts.Tail:]
	}
	return lines, ctx.Err()
}

// lastLines is the end of an app's log as text, for telling why it failed.
func (s *Service) lastLines(ctx context.Context, name string, n int) []string {
	lines, err := s.readLogs(ctx, name, agent.LogOptions{Tail: n})
	if err != nil {
		s.Log.Warn("read the last lines", "app", name, "err", err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, l.Service+": "+l.Text)
	}
	return out
}

// followLogs goes on with the containers that are there and those that come, in
// a restart for example, until ctx ends.
func (s *Service) followLogs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	g, ctx := errgroup.WithContext(ctx)
	lines := make(chan agent.LogLine)
	begin := func(id, service string, tail int, since time.Time) {
		g.Go(func() error {
			err := s.containerLogs(ctx, id, service, true, tail, since, func(l agent.LogLine) error {
				select {
				case lines <- l:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if err != nil && ctx.Err() == nil {
				s.Log.Debug("follow a container's log", "app", name, "container", id, "err", err)
			}
			return nil
		})
	}
	f := filters.NewArgs(filters.Arg("label", labelApp+"="+name), filters.Arg("type", "container"), filters.Arg("event", "start"))
	if opts.Service != "" {
		f.Add("label", labelService+"="+opts.Service)
	}
	// Ask for the events first, so that none falls between them and the list.
	started, broken := s.Docker.Events(ctx, events.ListOptions{Filters: f})
	list, err := s.containers(ctx, name, opts.Service)
	if err != nil {
		return err
	}
	following := map[string]bool{}
	for _, c := range list {
		following[c.ID] = c.State == container.StateRunning
		begin(c.ID, c.Labels[labelService], opts.Tail, time.Time{})
	}
	g.Go(func() error {
		for {
			select {
			case e := <-started:
				if !following[e.Actor.ID] {
					following[e.Actor.ID] = true
					begin(e.Actor.ID, e.Actor.Attributes[labelService], 0, time.Time{})
				}
			case err := <-broken:
				return fmt.Errorf("follow Docker's events: %w", err)
			case <-ctx.Done():
				return nil
			}
		}
	})
	g.Go(func() error {
		for {
			select {
			case l := <-lines:
				if err := emit(l); err != nil {
					return err
				}
			case <-ctx.Done():
				return nil
			}
		}
	})
	return g.Wait()
}

// containerLogs hands on the lines of one container.
func (s *Service) containerLogs(ctx context.Context, id, service string, follow bool, tail int, since time.Time, emit func(agent.LogLine) error) error {
	o := container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: follow}
	if tail > 0 {
		o.Tail = strconv.Itoa(tail)
	}
	if !since.IsZero() {
		o.Since = since.Format(time.RFC3339Nano)
	}
	raw, err := s.Docker.ContainerLogs(ctx, id, o)
	if err != nil {
		return err
	}
	defer raw.Close()
	out, errs := &lineWriter{stream: "stdout", service: service, emit: emit}, &lineWriter{stream: "stderr", service: service, emit: emit}
	if _, err := stdcopy.StdCopy(out, errs, bufio.NewReader(raw)); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// lineWriter cuts a stream of Docker's timestamped lines.
type lineWriter struct {
	stream, service string
	emit            func(agent.LogLine) error
	rest            []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, after, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			if len(w.rest) > longestLine {
				line, after = w.rest, nil
			} else {
				return len(p), nil
			}
		}
		w.rest = after
		if err := w.emit(parseLogLine(line, w.service, w.stream)); err != nil {
			return 0, err
		}
	}
}

// parseLogLine takes Docker's timestamp (RFC 3339 with nanoseconds) off a line.
func parseLogLine(line []byte, service, stream string) agent.LogLine {
	l := agent.LogLine{Service: service, Stream: stream}
	text := strings.TrimSuffix(string(line), "\r")
	if stamp, rest, ok := strings.Cut(text, " "); ok {
		if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
			l.Time, text = at, rest
		}
	}
	l.Text = strings.ToValidUTF8(text, "\uFFFD")
	return l
}
