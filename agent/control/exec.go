package control

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/dentropy/dcloud/agent"
)

// Exec runs a command in an app's container and returns its exit code.
func (s *Service) Exec(ctx context.Context, name string, req agent.ExecRequest, streams agent.ExecStreams) (_ int, err error) {
	defer s.tell(&err)
	_, entry, err := s.installed(ctx, name)
	if err != nil {
		return 0, err
	}
	if len(req.Command) == 0 {
		return 0, agent.Errorf(agent.CodeInvalid, "no command is given").
			WithHint("for example: dcloud app exec %s -- sh", name)
	}
	if req.Service == "" && len(entry.Services) > 0 {
		req.Service = entry.Services[0].Name
	}
	hosts, gone, done := s.hosts(name)
	defer done()
	in, err := s.runningContainer(ctx, hosts, gone, name, req.Service)
	if err != nil {
		return 0, err
	}
	docker := in.docker
	opts := container.ExecOptions{
		Cmd: req.Command, Tty: req.TTY, AttachStdin: streams.Stdin != nil, AttachStdout: true, AttachStderr: true,
	}
	if req.TTY && req.Width > 0 && req.Height > 0 {
		opts.ConsoleSize = &[2]uint{uint(req.Height), uint(req.Width)}
	}
	created, err := docker.ContainerExecCreate(ctx, in.ID, opts)
	if err != nil {
		return 0, fmt.Errorf("prepare the command: %w", err)
	}
	s.Log.Info("exec", "app", name, "service", req.Service, "node", in.node, "actor", agent.Actor(ctx), "command", req.Command[0])
	s.Note(ctx, agent.Activity{Action: "exec", App: name, Node: in.node, Detail: execWords(req)})
	conn, err := docker.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{Tty: req.TTY, ConsoleSize: opts.ConsoleSize})
	if err != nil {
		return 0, fmt.Errorf("start the command: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, conn.Close) // the command itself goes on: Docker has no way to end it
	defer stop()

	if streams.Stdin != nil {
		go func() {
			_, _ = io.Copy(conn.Conn, streams.Stdin) // ends when the command closes its input or the person leaves
			_ = conn.CloseWrite()
		}()
	}
	if req.TTY && streams.Resize != nil {
		over := make(chan struct{})
		defer close(over)
		go func() {
			for {
				select {
				case size, open := <-streams.Resize:
					if !open {
						return
					}
					_ = docker.ContainerExecResize(ctx, created.ID, container.ResizeOptions{Width: uint(size[0]), Height: uint(size[1])})
				case <-over:
					return
				}
			}
		}()
	}
	if req.TTY {
		_, err = io.Copy(streams.Stdout, conn.Reader)
	} else {
		_, err = stdcopy.StdCopy(streams.Stdout, streams.Stderr, conn.Reader)
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, fmt.Errorf("read what the command says: %w", err)
	}
	return exitCode(ctx, docker, created.ID)
}

// exitCode asks how a command ended that has closed its output. Docker may still call it
// running then, with 0 for the code that it does not know yet.
func exitCode(ctx context.Context, docker *client.Client, id string) (int, error) {
	for delay := 5 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		ended, err := docker.ContainerExecInspect(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("ask how the command ended: %w", err)
		}
		if !ended.Running {
			return ended.ExitCode, nil
		}
		if !pause(ctx, delay) {
			return 0, ctx.Err()
		}
	}
}

// runningContainer finds a service's container; of several copies one on this
// machine, if there is one.
func (s *Service) runningContainer(ctx context.Context, hosts []host, gone []string, app, service string) (found, error) {
	list, silent, err := s.containers(ctx, hosts, app, "")
	if err != nil {
		return found{}, err
	}
	var running []string
	var best *found
	for k, c := range list {
		if c.State != container.StateRunning {
			continue
		}
		if c.service() == service && (best == nil || c.node == s.Node && best.node != s.Node) {
			best = &list[k]
		}
		if !slices.Contains(running, c.service()) {
			running = append(running, c.service())
		}
	}
	switch gone = append(gone, silent...); {
	case best != nil:
		return *best, nil
	case len(running) == 0 && len(gone) > 0:
		return found{}, unanswered(app, gone)
	case len(running) == 0:
		return found{}, agent.Errorf(agent.CodeConflict, "%s does not run at the moment", app).
			WithHint("start it with: dcloud app start %s", app)
	}
	return found{}, agent.Errorf(agent.CodeNotFound, "%s runs no service called %q", app, clip(service, 60)).
		WithHint("it runs: %s", strings.Join(running, ", "))
}
