package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/node"
)

// ownNames are what a data directory holds of ours: nothing else in it is ever
// deleted.
func ownNames(l node.Layout) []string {
	names := []string{filepath.Base(l.NodeFile()), filepath.Base(filepath.Dir(agentBinary(l))), filepath.Base(welcomeMark(l)),
		filepath.Base(l.Pool()), filepath.Base(l.Joining())}
	for _, dir := range l.Dirs() {
		if rel, err := filepath.Rel(l.Data, dir); err == nil && filepath.IsLocal(rel) && rel != "." && dir != l.Cache {
			names = append(names, strings.Split(rel, string(filepath.Separator))[0])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// welcomeMark is there once the first app was installed.
func welcomeMark(l node.Layout) string { return filepath.Join(l.Data, "welcomed") }

// refuseForeign refuses a directory that holds other things and no cloud: it would
// be changed by `up` and emptied by `down --purge`.
func refuseForeign(l node.Layout) error {
	if _, err := os.Stat(l.NodeFile()); err == nil {
		return nil
	}
	entries, err := os.ReadDir(l.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the data directory: %w", err)
	}
	own := append(ownNames(l), filepath.Base(l.Cache), "lost+found")
	for _, e := range entries {
		// A dot: what writing node.json left when it was broken off.
		if !slices.Contains(own, e.Name()) && !strings.HasPrefix(e.Name(), ".node.json.") {
			return agent.Errorf(agent.CodeInvalid, "%s holds other things (%s) and no cloud", l.Data, e.Name()).
				WithHint("name a directory for the cloud alone with --data-dir, such as %s", node.DefaultDataDir)
		}
	}
	return nil
}

// lockSetup lets one `up` or `down` work on a data directory at a time. It locks
// the directory itself, so that nothing is left behind; the kernel gives the lock
// back however the process ends. Without root's rights it does nothing: the
// command is refused for that.
func lockSetup(l node.Layout) (unlock func(), err error) {
	if os.Geteuid() != 0 {
		return func() {}, nil
	}
	if err := refuseForeign(l); err != nil {
		return nil, err
	}
	_, err = os.Stat(l.Data)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(l.Data, 0o700); err != nil {
		return nil, agent.Errorf(agent.CodeFailed, "the data directory cannot be made: %w", err).
			WithHint("name another one with --data-dir")
	}
	fd, err := unix.Open(l.Data, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.Data, err)
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, agent.Errorf(agent.CodeConflict, "another dcloud up or down works on %s", l.Data).
				WithHint("wait until it ends, then look with: dcloud status")
		}
		return nil, fmt.Errorf("lock %s: %w", l.Data, err)
	}
	return func() {
		if fresh {
			os.Remove(l.Data) // goes only if nothing came of it
		}
		unix.Close(fd)
	}, nil
}

// removeData deletes what a data directory holds of ours, and the directory too if
// nothing else is in it.
func removeData(l node.Layout) error {
	for _, name := range ownNames(l) {
		if err := os.RemoveAll(filepath.Join(l.Data, name)); err != nil {
			return fmt.Errorf("delete the data: %w", err)
		}
	}
	err := os.Remove(l.Data)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EBUSY) {
		return nil // EBUSY: somebody mounted a disk there
	}
	return fmt.Errorf("delete the data: %w", err)
}

// mountsBeneath lists the mount points under a directory in the order in which they
// can be taken off: mounted last, first. info is proc_pid_mountinfo(5).
func mountsBeneath(dir, info string) []string {
	var points []string
	for _, line := range slices.Backward(strings.Split(info, "\n")) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		at := unescapeMount(fields[4])
		if rel, err := filepath.Rel(dir, at); err != nil || rel == "." || !filepath.IsLocal(rel) {
			continue
		}
		points = append(points, at)
	}
	return points
}

// unmountBeneath takes off the mounts under a directory: the memory in which Nomad
// keeps an app's secrets stays mounted when Nomad is killed.
func unmountBeneath(dir string) error {
	dir, err := filepath.EvalSymlinks(dir) // the kernel knows the real path
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the data directory: %w", err)
	}
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("list what is mounted: %w", err)
	}
	for _, at := range mountsBeneath(dir, string(info)) {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", at, err)
		}
	}
	return nil
}

// unescapeMount undoes mountinfo's octal escapes (proc_pid_mountinfo(5)).
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
