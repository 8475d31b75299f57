package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/provisioning/run"
)

// destroyPatience bounds the removal of one host, and containersPatience that of its
// containers through Docker.
const (
	destroyPatience    = 5 * time.Minute
	containersPatience = time.Minute
)

// destroy removes a host, however much of it there is. It knows no more than the
// host's directory, so it serves for hosts whose makers were killed as well.
func destroy(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), destroyPatience)
	defer cancel()
	id := filepath.Base(dir)
	// First whoever starts things anew: the agent and the engines; then containers
	// through Docker, which takes their networks and mounts along; then the rest.
	docker := func(comm string) bool {
		return strings.HasPrefix(comm, "docker") || strings.HasPrefix(comm, "containerd")
	}
	if err := killIn(ctx, id, func(comm string) bool { return !docker(comm) }); err != nil {
		return err
	}
	if answers(dir) {
		removeContainers(ctx, dir)
	}
	if err := killIn(ctx, id, func(string) bool { return true }); err != nil {
		return err
	}
	if err := killContainers(ctx, dir); err != nil {
		return err
	}
	if err := unmount(dir, nil); err != nil {
		return err
	}
	if _, err := os.Stat(netnsFile(id)); err == nil {
		if err := run.Do(ctx, run.Command{Args: []string{"ip", "netns", "delete", id}, Env: run.Environment()}); err != nil {
			return fmt.Errorf("remove the network of %s: %w", id, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the files of %s: %w", id, err)
	}
	return nil
}

// removeContainers is an attempt only: what it leaves is killed and unmounted.
func removeContainers(ctx context.Context, dir string) {
	ctx, cancel := context.WithTimeout(ctx, containersPatience)
	defer cancel()
	list, err := dockerOutput(ctx, dir, "ps", "--all", "--quiet", "--no-trunc")
	if err != nil || strings.TrimSpace(list) == "" {
		return
	}
	_ = docker(ctx, dir, append([]string{"rm", "--force", "--volumes"}, strings.Fields(list)...)...)
}

// killIn kills the processes in a host's network namespace that fit, until none is
// left. Those of containers are in namespaces of their own.
func killIn(ctx context.Context, id string, fits func(comm string) bool) error {
	var ns unix.Stat_t
	if err := unix.Stat(netnsFile(id), &ns); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("find the network of %s: %w", id, err)
	}
	return killAll(ctx, func(proc string) bool {
		if !isIn(proc, ns) {
			return false
		}
		comm, err := os.ReadFile(proc + "/comm")
		return err == nil && fits(strings.TrimSpace(string(comm)))
	})
}

// isIn tells whether a process is in a network namespace.
func isIn(proc string, ns unix.Stat_t) bool {
	var st unix.Stat_t
	return unix.Stat(proc+"/ns/net", &st) == nil && st.Dev == ns.Dev && st.Ino == ns.Ino
}

// killContainers kills what containers of the host's Docker still run. Their control
// groups are named after them, and they after their directories.
func killContainers(ctx context.Context, dir string) error {
	found, err := filepath.Glob(filepath.Join(dir, "docker", "containers", "*"))
	if err != nil || len(found) == 0 {
		return err
	}
	if err := killAll(ctx, func(proc string) bool { return isOf(proc, found) }); err != nil {
		return err
	}
	removeGroups(found)
	return nil
}

// isOf tells whether a process is one of containers, given as their directories.
func isOf(proc string, containers []string) bool {
	group, err := os.ReadFile(proc + "/cgroup")
	return err == nil && slices.ContainsFunc(containers, func(c string) bool { return bytes.Contains(group, []byte(filepath.Base(c))) })
}

// removeGroups removes the control groups of containers that are gone.
func removeGroups(containers []string) {
	for _, c := range containers {
		// Docker's control groups, in both versions' layouts; empty ones cost nothing
		// but are ours to clean up.
		for _, pattern := range []string{"/sys/fs/cgroup/*/docker/", "/sys/fs/cgroup/docker/"} {
			groups, _ := filepath.Glob(pattern + filepath.Base(c))
			for _, g := range groups {
				_ = os.Remove(g)
			}
		}
	}
}

// killAll kills the processes that fit (given as /proc/PID), and those that they
// started meanwhile, and returns when they are gone.
func killAll(ctx context.Context, fits func(proc string) bool) error {
	for {
		procs, err := filepath.Glob("/proc/[0-9]*")
		if err != nil {
			return err
		}
		var waits []int
		for _, proc := range procs {
			pid, err := strconv.Atoi(filepath.Base(proc))
			if err != nil || pid == os.Getpid() || ended(proc) || !fits(proc) {
				continue
			}
			fd, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				continue // gone
			}
			// Looked at again with the handle in hand: the number may be another's by now.
			if !fits(proc) || unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) != nil {
				unix.Close(fd)
				continue
			}
			waits = append(waits, fd)
		}
		if len(waits) == 0 {
			return nil
		}
		for _, fd := range waits {
			err = errors.Join(err, awaitExit(ctx, fd))
			unix.Close(fd)
		}
		if err != nil {
			return err
		}
	}
}

// ended tells whether a process is only waiting for its parent to notice its end.
func ended(proc string) bool {
	stat, err := os.ReadFile(proc + "/stat")
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return err != nil || ok && len(rest) > 0 && (rest[0] == 'Z' || rest[0] == 'X')
}

// awaitExit waits until the process of a handle has ended (pidfd_open(2)).
func awaitExit(ctx context.Context, fd int) error {
	for ctx.Err() == nil {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 500)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return fmt.Errorf("a process does not end although it was killed: %w", ctx.Err())
}

// unmount takes off all that is mounted beneath a directory, the latest first, but
// for what is to be kept.
func unmount(dir string, keep []string) error {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for n := len(lines) - 1; n >= 0; n-- {
		fields := strings.Fields(lines[n])
		if len(fields) < 5 || !strings.HasPrefix(fields[4], dir+"/") || slices.Contains(keep, fields[4]) {
			continue
		}
		if err := unix.Unmount(fields[4], unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("unmount %s: %w", fields[4], err)
		}
	}
	return nil
}
