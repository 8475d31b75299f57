package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// PowerOff cuts the host's power: all that runs on it is killed at once, Docker and
// containers too, and what a kernel forgets is forgotten: mounts, interfaces,
// firewall rules. What lies on its disk stays.
func (h *Host) PowerOff(ctx context.Context) error {
	if h.at == nil {
		return fmt.Errorf("%s is in no world", h.ID)
	}
	ctx, cancel := context.WithTimeout(ctx, destroyPatience)
	defer cancel()
	var ns unix.Stat_t
	if err := unix.Stat(h.netns(), &ns); err != nil {
		return fmt.Errorf("cut the power of %s: %w", h.ID, err)
	}
	containers, err := filepath.Glob(filepath.Join(h.dir, "docker", "containers", "*"))
	if err != nil {
		return err
	}
	err = killAll(ctx, func(proc string) bool { return isIn(proc, ns) || isOf(proc, containers) })
	if err != nil {
		return fmt.Errorf("cut the power of %s: %w", h.ID, err)
	}
	if h.daemon != nil {
		<-h.ended // reap it
		h.daemon = nil
	}
	// Those of containers that were made while the others were killed.
	if err := killContainers(ctx, h.dir); err != nil {
		return err
	}
	if err := unmount(h.dir, []string{h.Data, h.uts()}); err != nil {
		return err
	}
	for _, name := range []string{"exec", "docker.sock", "docker.pid"} {
		if err := os.RemoveAll(filepath.Join(h.dir, name)); err != nil {
			return err
		}
	}
	return doAll(ctx, [][]string{
		// By name, since a namespace's interfaces go some time after it.
		{"ip", "-n", h.at.world.ID, "link", "delete", h.port()},
		{"ip", "netns", "delete", h.ID},
	})
}

// PowerOn starts the host after PowerOff, as far as Docker; its cloud is for the
// caller to start.
func (h *Host) PowerOn(ctx context.Context) error {
	if err := h.plugWire(ctx); err != nil {
		return fmt.Errorf("start %s: %w", h.ID, err)
	}
	if err := h.startDocker(ctx); err != nil {
		return fmt.Errorf("start Docker on %s: %w", h.ID, err)
	}
	return nil
}
