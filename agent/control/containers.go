package control

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/jobs"
)

// How dead containers are tidied up. Nomad leaves them, so that the last words of
// one that crashed can still be read.
const (
	tending = time.Minute
	// forgotten is how long the last words of an app are kept that runs here no more:
	// it was removed, stopped, or went to another machine.
	forgotten = 7 * 24 * time.Hour
)

// TendContainers deletes the dead containers of apps on this machine, but for the
// newest of each service, until ctx ends. Every machine does it for itself: the
// control service where it runs (Service.Run), the agent elsewhere.
func TendContainers(ctx context.Context, log *slog.Logger, docker *client.Client) {
	tendContainers(ctx, log, docker, func(string) bool { return false })
}

// tendContainers keeps the last words of apps that are installed for ever.
func tendContainers(ctx context.Context, log *slog.Logger, docker *client.Client, installed func(app string) bool) {
	tick := time.NewTicker(tending)
	defer tick.Stop()
	for {
		tend(ctx, log, docker, installed, time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func tend(ctx context.Context, log *slog.Logger, docker *client.Client, installed func(string) bool, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // Docker may be stuck; it is only tidying
	defer cancel()
	list, err := host{docker: docker}.list(ctx, "", "")
	if err != nil {
		if ctx.Err() == nil {
			log.Warn("dead containers stay", "err", err)
		}
		return
	}
	byApp := map[string][]found{}
	for _, c := range list {
		byApp[c.Labels[labelApp]] = append(byApp[c.Labels[labelApp]], c)
	}
	for app, mine := range byApp {
		keep := 1
		if !installed(app) && old(ctx, mine, now) {
			keep = 0
		}
		removeAll(ctx, log, dead(mine, keep))
	}
}

// old tells whether nothing of an app ran here for so long that its last words are
// of no interest.
func old(ctx context.Context, list []found, now time.Time) bool {
	for _, c := range list {
		if isAlive(c) || now.Sub(time.Unix(c.Created, 0)) < forgotten {
			return false
		}
	}
	for _, c := range dead(list, 0) { // the list does not tell when one ended
		full, err := c.docker.ContainerInspect(ctx, c.ID)
		if err != nil || full.State == nil {
			return false
		}
		ended, err := time.Parse(time.RFC3339Nano, full.State.FinishedAt)
		if err != nil || now.Sub(ended) < forgotten {
			return false
		}
	}
	return true
}

func isAlive(c found) bool {
	return c.State == container.StateRunning || c.State == container.StateRestarting || c.State == container.StatePaused || c.State == container.StateCreated
}

// dead lists one app's dead containers but for the newest `keep` of each service.
// Those of tasks that only run before the others are not kept: they have nothing to
// say. list is sorted by age, oldest first.
func dead(list []found, keep int) []found {
	var out []found
	seen := map[string]int{}
	for _, c := range slices.Backward(list) {
		if isAlive(c) {
			continue
		}
		if seen[c.service()]++; seen[c.service()] <= keep && c.service() != jobs.WaitTask {
			continue
		}
		out = append(out, c)
	}
	return out
}

func removeAll(ctx context.Context, log *slog.Logger, list []found) {
	for _, c := range list {
		if err := c.docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{RemoveVolumes: true}); err != nil && ctx.Err() == nil {
			log.Warn("a dead container stays", "app", c.Labels[labelApp], "container", c.ID[:12], "err", err)
		}
	}
}

// tendOwn is TendContainers where the control service runs.
func (s *Service) tendOwn(ctx context.Context) error {
	tendContainers(ctx, s.Log, s.Docker, func(app string) (there bool) {
		s.view.read(func() { there = !s.view.ready["intents"] || s.view.intents[app] != nil })
		return there
	})
	return nil
}

// sweep deletes an app's dead containers on this machine but for the newest `keep`
// of each service. Other machines do it for themselves.
func (s *Service) sweep(ctx context.Context, app string, keep int) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	list, err := host{s.Node, s.Docker}.list(ctx, app, "")
	if err != nil {
		s.Log.Warn("dead containers stay", "app", app, "err", err)
		return
	}
	removeAll(ctx, s.Log, dead(list, keep))
}

// removeContainers deletes an app's dead containers on this machine.
func (s *Service) removeContainers(ctx context.Context, app string) {
	s.sweep(ctx, app, 0)
}
