package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/provisioning/node"
)

// pausePrefix starts the names of the containers that hold the network of an app of
// several containers; the allocation's id follows (Nomad's drivers/docker).
const pausePrefix = "nomad_init_"

// dropDeadNetworks deletes pause containers that Docker itself started again, as it
// does at boot: their network namespace is a new and empty one. With CNI plugins
// older than 1.3, such as Debian 12's, Nomad does not look (networking_cni.go) and
// would start the app's containers in it, where they reach neither each other's
// port nor the front door. Where the pause container is missing, Nomad makes it and
// its network anew.
//
// It does nothing while Nomad runs: a pause container without a network may be one
// that Nomad is about to connect.
func dropDeadNetworks(ctx context.Context, log *slog.Logger) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", loopback(node.NomadHTTPPort))
	if err == nil {
		return conn.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // a Docker that hangs must not keep the engines from starting
	defer cancel()
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return fmt.Errorf("prepare to speak to Docker: %w", err)
	}
	defer docker.Close()
	list, err := docker.ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(filters.Arg("name", "^/"+pausePrefix))})
	if err != nil {
		return fmt.Errorf("list the apps' networks: %w", err)
	}
	for _, c := range list {
		found, err := docker.ContainerInspect(ctx, c.ID)
		if errdefs.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at container %s: %w", c.ID[:12], err)
		}
		// /proc/PID/net is what that process sees.
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/dev", found.State.Pid))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has ended
		}
		if err != nil {
			return fmt.Errorf("look at the network of container %s: %w", c.ID[:12], err)
		}
		if !onlyLoopback(string(text)) {
			continue
		}
		log.Info("an app's network was lost, Nomad makes it anew", "container", strings.TrimPrefix(found.Name, "/"))
		if err := docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
			return fmt.Errorf("delete container %s: %w", c.ID[:12], err)
		}
	}
	return nil
}

// onlyLoopback reads /proc/PID/net/dev: two lines of headings, then "NAME: COUNTERS".
func onlyLoopback(dev string) bool {
	for line := range strings.Lines(dev) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && name != "lo" {
			return false
		}
	}
	return true
}
