package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/dentropy/dcloud/jobs"
)

// Labels that jobs puts on containers: how one finds an app's in Docker.
const (
	labelApp     = jobs.LabelApp
	labelService = jobs.LabelService
)

// containers lists an app's containers in Docker, dead ones too, oldest first.
func (s *Service) containers(ctx context.Context, app, service string) ([]container.Summary, error) {
	f := filters.NewArgs(filters.Arg("label", labelApp+"="+app))
	if service != "" {
		f.Add("label", labelService+"="+service)
	}
	list, err := s.Docker.ContainerList(ctx, container.ListOptions{All: true, Filters: f})
	if err != nil {
		return nil, fmt.Errorf("list the containers of %s: %w", app, err)
	}
	slices.SortFunc(list, func(a, b container.Summary) int { return cmp.Compare(a.Created, b.Created) })
	return list, nil
}

// removeContainers deletes an app's dead containers. Nomad leaves them, so that
// the last words of one that crashed can still be read.
func (s *Service) removeContainers(ctx context.Context, app string) {
	s.sweep(ctx, app, 0)
}

// sweep deletes dead containers but for the newest `keep` of each service. Those
// of tasks that only run before the others are not kept: they have nothing to say.
func (s *Service) sweep(ctx context.Context, app string, keep int) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // Docker may be stuck; it is only tidying
	defer cancel()
	list, err := s.containers(ctx, app, "")
	if err != nil {
		s.Log.Warn("dead containers stay", "app", app, "err", err)
		return
	}
	s.sweepList(ctx, list, keep)
}

// sweepAll is sweep for all apps that there are.
func (s *Service) sweepAll(ctx context.Context, keep int) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	list, err := s.Docker.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelApp))})
	if err != nil {
		s.Log.Warn("dead containers stay", "err", err)
		return
	}
	slices.SortFunc(list, func(a, b container.Summary) int { return cmp.Compare(a.Created, b.Created) })
	installed := map[string]bool{}
	s.view.read(func() {
		for name := range s.view.intents {
			installed[name] = true
		}
	})
	byApp := map[string][]container.Summary{}
	for _, c := range list {
		if app := c.Labels[labelApp]; installed[app] {
			byApp[app] = append(byApp[app], c)
		}
	}
	for _, mine := range byApp {
		s.sweepList(ctx, mine, keep)
	}
}

// sweepList sweeps one app's containers, oldest first.
func (s *Service) sweepList(ctx context.Context, list []container.Summary, keep int) {
	seen := map[string]int{}
	for _, c := range slices.Backward(list) {
		if c.State == container.StateRunning || c.State == container.StateRestarting || c.State == container.StatePaused || c.State == container.StateCreated {
			continue
		}
		service := c.Labels[labelService]
		if seen[service]++; seen[service] <= keep && service != jobs.WaitTask {
			continue
		}
		if err := s.Docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{RemoveVolumes: true}); err != nil {
			s.Log.Warn("a dead container stays", "app", c.Labels[labelApp], "container", c.ID[:12], "err", err)
		}
	}
}
