package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/run"
)

// lockPatience is how long the lock of an agent may be somebody's whose number is not
// written: an agent's that has just taken it, or for a moment that of who asks whether
// one runs. On a machine that does much else, moments are seconds.
var lockPatience = 15 * time.Second

// agentPID finds the agent of a data directory: the process that holds its lock.
// It is 0 where none does.
func agentPID(l node.Layout) (int, error) {
	for end := time.Now().Add(lockPatience); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(l.Lock()); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		free, err := lockIsFree(l)
		if err != nil || free {
			return 0, err
		}
		pid, err := writtenPID(l)
		if err != nil {
			return 0, fmt.Errorf("find the agent: %w", err)
		}
		if pid != 0 {
			return pid, nil
		}
		if time.Now().After(end) {
			return 0, agent.Errorf(agent.CodeFailed, "somebody holds the agent's lock %s, and it is not the agent", l.Lock()).
				WithHint("see who with: fuser %s", l.Lock())
		}
	}
}

// writtenPID is the process whose number stands in the lock, 0 where that is nobody who
// has it open: an agent that has just taken the lock has not written its number yet, and
// the one that is there may by now be a stranger's.
func writtenPID(l node.Layout) (int, error) {
	text, err := os.ReadFile(l.Lock())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 || !hasOpen(pid, l.Lock()) {
		return 0, nil
	}
	return pid, nil
}

// lockIsFree asks with a shared lock, which keeps no other who asks from it.
func lockIsFree(l node.Layout) (bool, error) {
	lock := flock.New(l.Lock(), flock.SetFlag(os.O_RDONLY))
	defer lock.Close()
	free, err := lock.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("find the agent: %w", err)
	}
	return free, nil
}

// hasOpen tells whether a process has a file open.
func hasOpen(pid int, path string) bool {
	want, err := os.Stat(path)
	if err != nil {
		return false
	}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	fds, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, fd := range fds {
		if have, err := os.Stat(filepath.Join(dir, fd.Name())); err == nil && os.SameFile(want, have) {
			return true
		}
	}
	return false
}

// current tells whether a process runs the program that lies at a path now.
func current(pid int, path string) bool {
	running, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	installed, err := os.Stat(path)
	return err == nil && os.SameFile(running, installed)
}

// endPatience is how long an agent may take to end: it lets requests come to their end.
const endPatience = 2 * time.Minute

// endProcess asks a process to end and waits until it has.
func endProcess(ctx context.Context, pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("watch process %d: %w", pid, err)
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("end process %d: %w", pid, err)
	}
	for end := time.Now().Add(endPatience); ctx.Err() == nil; {
		left := time.Until(end)
		if left <= 0 {
			return fmt.Errorf("process %d does not end", pid)
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(min(left, time.Second).Milliseconds())+1)
		if n > 0 || err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return ctx.Err()
}

// onSystemd tells whether systemd runs this machine (sd_booted(3)).
func onSystemd() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

const unitPath = "/etc/systemd/system/dcloud.service"

// unitIs tells whether the unit that is installed is that of a data directory.
func unitIs(l node.Layout) bool {
	text, err := os.ReadFile(unitPath)
	return err == nil && strings.Contains(string(text), agentBinary(l))
}

// startUnit installs the agent's unit and (re)starts it.
func startUnit(ctx context.Context, l node.Layout) error {
	text, err := node.SystemdUnit(l, agentBinary(l))
	if err != nil {
		return err
	}
	if err := os.WriteFile(unitPath, []byte(text), 0o644); err != nil {
		return fmt.Errorf("install the agent's unit: %w", err)
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", "dcloud.service"}, {"restart", "dcloud.service"}} {
		if _, err := run.Output(ctx, run.Command{Args: append([]string{"systemctl"}, args...)}); err != nil {
			return err
		}
	}
	return nil
}

// keeper starts the agent again when it was killed or failed, and ends with it when
// it was told to end (0) or another agent runs (4). A shell is half a megabyte; a
// second process of ours would be ten times that.
//
// It ends too when `down` has been here, or the program is gone: both may happen
// while it waits.
const keeper = `trap '' HUP INT
delay=1
while [ -x "$0" ] && [ ! -e "$1/run/down" ]; do
  began=$(date +%s)
  "$0" agent --data-dir "$1"
  case $? in 0|4) exit ;; esac
  [ $(($(date +%s) - began)) -lt 60 ] || delay=1
  sleep $delay
  [ $delay -ge 30 ] || delay=$((delay * 2))
done`

// downMark is there from `down` to the next `up`, for the keeper; keeper spells it too.
func downMark(l node.Layout) string { return filepath.Join(l.Run(), "down") }

func markDown(l node.Layout) error {
	if err := os.MkdirAll(l.Run(), 0o700); err != nil {
		return fmt.Errorf("note that the cloud is to be down: %w", err)
	}
	if err := os.WriteFile(downMark(l), nil, 0o600); err != nil && !errors.Is(err, unix.ENOSPC) {
		return fmt.Errorf("note that the cloud is to be down: %w", err)
	}
	return nil
}

// startBackground starts the agent, and what keeps it running, in a session of its
// own, which no terminal and no end of ours reaches.
func (e *env) startBackground(l node.Layout) error {
	if err := os.MkdirAll(l.Logs(), 0o700); err != nil {
		return err
	}
	if err := os.Remove(downMark(l)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("start the agent: %w", err)
	}
	out, err := os.OpenFile(l.Output("agent"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("start the agent: %w", err)
	}
	defer out.Close()
	cmd := exec.Command("/bin/sh", "-c", keeper, agentBinary(l), l.Data)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DCLOUD_CACHE=" + l.Cache}
	for _, name := range []string{"DOCKER_HOST", "DCLOUD_LOG"} {
		if v := e.getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the agent: %w", err)
	}
	e.keeper = &background{pid: cmd.Process.Pid, ended: make(chan struct{})}
	go func(b *background) {
		cmd.Wait()
		close(b.ended)
	}(e.keeper)
	return nil
}

// background is the keeper that this command started.
type background struct {
	pid   int
	ended chan struct{}
}

// end ends it with an agent that it has just started, which holds no lock yet by
// which it could be found, and waits until the keeper is gone.
func (b *background) end(ctx context.Context) error {
	if b == nil {
		return nil
	}
	if err := syscall.Kill(-b.pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end what keeps the agent: %w", err)
	}
	select {
	case <-b.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
