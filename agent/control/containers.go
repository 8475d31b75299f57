package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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
	list, err := s.containers(ctx, app, "")
	if err != nil {
		s.Log.Warn("dead containers stay", "app", app, "err", err)
		return
	}
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
			s.Log.Warn("a dead container stays", "app", app, "container", c.ID[:12], "err", err)
		}
	}
}
