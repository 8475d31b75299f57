package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/provisioning/appnet"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/run"
)

func newDownCommand(e *env) *cobra.Command {
	var purge, yes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Stop the cloud on this machine",
		Long: `Stops the cloud on this machine: the agent, the engines and all apps. Data and
settings stay, and "dcloud up" brings everything back.

With --purge this machine's cloud is deleted: apps, their data, its identity.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := e.layout()
			if err != nil {
				return err
			}
			if purge && !yes {
				if err := e.confirmPurge(l); err != nil {
					return err
				}
			}
			return e.down(cmd.Context(), l, purge)
		},
	}
	cmd.Flags().BoolVar(&purge, "purge", false, "delete everything: apps, their data, this machine's identity")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// down stops the agent before the rest, so that it does not start anything again, then the
// engines, then the apps' containers.
func (e *env) down(ctx context.Context, l node.Layout, purge bool) error {
	if os.Geteuid() != 0 {
		return notRoot("dcloud down")
	}
	if _, err := os.Stat(l.Data); os.IsNotExist(err) {
		e.note("There is no cloud on this machine.")
		return nil
	}
	unlock, err := lockSetup(l)
	if err != nil {
		return err
	}
	defer unlock()
	return e.downLocked(ctx, l, purge)
}

// downLocked is down for who holds the lock of setting up.
func (e *env) downLocked(ctx context.Context, l node.Layout, purge bool) error {
	if purge {
		e.removeApps(ctx, l)
	}
	if err := markDown(l); err != nil {
		return err
	}
	if onSystemd() {
		if unitIs(l) {
			if _, err := run.Output(ctx, run.Command{Args: []string{"systemctl", "disable", "--now", "dcloud.service"}}); err != nil {
				return err
			}
		}
	}
	if err := e.keeper.end(ctx); err != nil {
		return err
	}
	pid, err := agentPID(l)
	if err != nil {
		return err
	}
	if pid != 0 {
		if err := endProcess(ctx, pid); err != nil {
			return err
		}
	}
	e.note("Agent stopped.")
	if err := stopEngines(ctx, l); err != nil {
		return err
	}
	e.note("Engines stopped.")
	n, err := e.stopApps(ctx, l, purge)
	if err != nil {
		return err
	}
	e.note("Apps stopped (%d containers).", n)
	if purge {
		if err := purgeMachine(ctx, l); err != nil {
			return err
		}
		e.note("Everything that this machine's cloud had is deleted.")
	}
	return nil
}

// stopEngines ends the engines of a data directory, whoever started them.
func stopEngines(ctx context.Context, l node.Layout) error {
	// Only their names and order are needed: what runs is found by its marker.
	var specs []engine.Spec
	for _, b := range []engines.Engine{engines.Consul, engines.Nomad, engines.Traefik} {
		specs = append(specs, engine.Spec{
			Name: b.Name, Version: b.Version, Path: "/" + b.Name, OutputPath: l.Output(b.Name), StopTimeout: 30 * time.Second,
		})
	}
	discard := slog.New(slog.DiscardHandler)
	sup, err := engine.New(discard, l.Run(), specs)
	if err != nil {
		return err
	}
	// The engines say goodbye over the private network, which therefore ends last.
	overlay, err := engine.New(discard, member.OverlayDir(l), []engine.Spec{member.OverlaySpec(l, "/overlay", "", 0)})
	if err != nil {
		return err
	}
	return errors.Join(sup.Stop(ctx), overlay.Stop(ctx))
}

// ourContainer tells whether a container that Nomad started is of this data
// directory: another Nomad may use the same Docker. Its allocation lies there, or
// something of that is mounted into it.
func ourContainer(l node.Layout, c container.Summary) bool {
	nomad := l.EngineData(node.Nomad)
	for _, m := range c.Mounts {
		if strings.HasPrefix(m.Source, nomad+"/") {
			return true
		}
	}
	alloc := c.Labels[labelAlloc]
	if alloc == "" || !filepath.IsLocal(alloc) {
		return false
	}
	_, err := os.Stat(filepath.Join(nomad, "alloc", alloc))
	return err == nil
}

// labelAlloc is what Nomad's Docker driver puts on every container.
const labelAlloc = "com.hashicorp.nomad.alloc_id"

// stopApps stops the containers of apps, and deletes them if they are not to come
// back. Their own stop signal and time are in the container's configuration.
func (e *env) stopApps(ctx context.Context, l node.Layout, remove bool) (int, error) {
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return 0, fmt.Errorf("prepare to speak to Docker: %w", err)
	}
	defer docker.Close()
	if _, err := docker.Ping(ctx); err != nil {
		return 0, nil // no Docker, no containers
	}
	list, err := docker.ContainerList(ctx, container.ListOptions{All: remove, Filters: filters.NewArgs(filters.Arg("label", labelAlloc))})
	if err != nil {
		return 0, fmt.Errorf("list the apps' containers: %w", err)
	}
	list = slices.DeleteFunc(list, func(c container.Summary) bool { return !ourContainer(l, c) })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	grace := 10 // seconds; databases end well within
	for _, c := range list {
		g.Go(func() error {
			if c.State == container.StateRunning {
				if err := docker.ContainerStop(ctx, c.ID, container.StopOptions{Timeout: &grace}); err != nil && !errdefs.IsNotFound(err) {
					return fmt.Errorf("stop container %s: %w", c.ID[:12], err)
				}
			}
			if !remove {
				return nil
			}
			if err := removeContainer(ctx, docker, c.ID); err != nil {
				return fmt.Errorf("delete container %s: %w", c.ID[:12], err)
			}
			return nil
		})
	}
	return len(list), g.Wait()
}

// removePatience is how long Docker may take with a removal that somebody else asked for.
const removePatience = 2 * time.Minute

// removeContainer deletes a container. The agent or Nomad may have asked for that before
// they ended; Docker then refuses to do it again, and it is waited for.
func removeContainer(ctx context.Context, docker *client.Client, id string) error {
	err := docker.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if !errdefs.IsConflict(err) {
		return ignoreGone(err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, removePatience, err)
	defer cancel()
	gone, failed := docker.ContainerWait(ctx, id, container.WaitConditionRemoved)
	select {
	case <-gone:
		return nil
	case err := <-failed:
		return ignoreGone(err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func ignoreGone(err error) error {
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}

func (e *env) confirmPurge(l node.Layout) error {
	if !isTerminal(e.stdin) {
		return agent.Errorf(agent.CodeInvalid, "this would delete all apps and their data in %s", l.Data).
			WithHint("if that is meant: dcloud down --purge --yes")
	}
	e.note("This deletes all apps and their data in %s. There is no way back.", l.Data)
	fmt.Fprint(e.stderr, "Type delete to go on: ")
	var answer string
	if _, err := fmt.Fscanln(e.stdin, &answer); err != nil || answer != "delete" {
		return agent.Errorf(agent.CodeFailed, "nothing was deleted")
	}
	return nil
}

// nomadBridge is what joins the apps of several containers (Nomad's
// bridge_network_name). CNI makes it, and nobody else takes it away.
const nomadBridge = "nomad"

// purgeMachine deletes a data directory and what hangs on it. Docker, packages and
// the cache of engines stay.
func purgeMachine(ctx context.Context, l node.Layout) error {
	if err := unmountBeneath(l.Data); err != nil {
		return err
	}
	if unitIs(l) {
		if err := os.Remove(unitPath); err != nil {
			return fmt.Errorf("delete the agent's unit: %w", err)
		}
	}
	if err := appnet.Remove(ctx, ""); err != nil {
		return err
	}
	if err := node.RemoveFirewall(ctx); err != nil {
		return err
	}
	for _, name := range []string{node.Interface, nomadBridge} {
		if err := node.RemoveInterface(name); err != nil {
			return err
		}
	}
	return removeData(l)
}
