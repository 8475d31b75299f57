package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/run"
)

// agentBinary is where the agent runs from: a copy of its own, so that a checkout
// can be deleted and a download be replaced.
func agentBinary(l node.Layout) string { return filepath.Join(l.Data, "bin", "dcloud") }

// ownBinary copies this program to where the agent runs from.
func ownBinary(l node.Layout) provisioning.Action {
	to := agentBinary(l)
	return provisioning.Action{
		Name: "dcloud " + version,
		Check: func(context.Context) (bool, string, error) {
			from, err := os.Executable()
			if err != nil {
				return false, "", fmt.Errorf("find this program: %w", err)
			}
			same, err := sameContent(from, to)
			if errors.Is(err, fs.ErrNotExist) {
				return false, "not installed", nil
			}
			if !same {
				return false, "another version is installed", err
			}
			return true, to, err
		},
		Apply: func(context.Context, func(provisioning.Progress)) error {
			from, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			return copyProgram(from, to)
		},
	}
}

func sameContent(a, b string) (bool, error) {
	sa, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	sb, err := os.Stat(b)
	if err != nil {
		return false, err
	}
	if os.SameFile(sa, sb) {
		return true, nil
	}
	if sa.Size() != sb.Size() {
		return false, nil
	}
	ha, err := fileSum(a)
	if err != nil {
		return false, err
	}
	hb, err := fileSum(b)
	return ha == hb, err
}

func fileSum(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// copyProgram puts a program in place by a rename: a running agent keeps the old
// one until it is restarted.
func copyProgram(from, to string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(filepath.Dir(to), ".dcloud-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err := io.Copy(tmp, src); err != nil {
		return fmt.Errorf("copy dcloud: %w", err)
	}
	if err := errors.Join(tmp.Chmod(0o755), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("copy dcloud: %w", err)
	}
	return os.Rename(tmp.Name(), to)
}

// agentPID finds the agent of a data directory: the process that holds its lock.
// It is 0 where none does.
func agentPID(l node.Layout) (int, error) {
	text, err := os.ReadFile(l.Lock())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find the agent: %w", err)
	}
	lock, err := tryLock(l)
	if err != nil {
		return 0, err
	}
	if lock != nil {
		return 0, lock.Close()
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0, fmt.Errorf("the agent's lock %s names no process", l.Lock())
	}
	return pid, nil
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

// agentRuns starts the agent, replaces one that is outdated, and waits until the
// cloud is ready.
func (e *env) agentRuns(l node.Layout) provisioning.Action {
	return provisioning.Action{
		Name: "Agent",
		Check: func(ctx context.Context) (bool, string, error) {
			pid, err := agentPID(l)
			switch {
			case err != nil:
				return false, "", err
			case pid == 0:
				return false, "does not run", nil
			case !current(pid, agentBinary(l)):
				return false, "runs another version", nil
			}
			status, err := e.askStatus(ctx)
			if err != nil {
				return false, "does not answer", nil
			}
			n, err := node.Load(l)
			if err != nil {
				return false, "", err
			}
			if status.Domain != n.Domain || status.HTTPPort != n.HTTPPort || status.HTTPSPort != n.HTTPSPort {
				return false, "runs with other settings", nil
			}
			if !status.Ready {
				return false, notReady(status), nil
			}
			return true, fmt.Sprintf("process %d", pid), nil
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			if err := e.replaceAgent(ctx, l); err != nil {
				return err
			}
			return e.awaitCloud(ctx, l, progress)
		},
	}
}

func (e *env) askStatus(ctx context.Context) (agent.Status, error) {
	c, err := e.connect()
	if err != nil {
		return agent.Status{}, err
	}
	return c.Status(ctx)
}

func notReady(s agent.Status) string {
	var waits []string
	for _, x := range s.Engines {
		if x.State != agent.EngineReady {
			text := x.Name + " is " + x.State
			if x.Reason != "" {
				text += " (" + x.Reason + ")"
			}
			waits = append(waits, text)
		}
	}
	if len(waits) == 0 {
		return "waiting for this machine to join"
	}
	return strings.Join(waits, ", ")
}

// replaceAgent ends an agent that is outdated and starts the installed one. An
// agent that runs as it should is left alone, even if the cloud is not ready yet.
func (e *env) replaceAgent(ctx context.Context, l node.Layout) error {
	pid, err := agentPID(l)
	if err != nil {
		return err
	}
	if pid != 0 && current(pid, agentBinary(l)) {
		status, err := e.askStatus(ctx)
		n, loadErr := node.Load(l)
		if err == nil && loadErr == nil && status.Domain == n.Domain && status.HTTPPort == n.HTTPPort && status.HTTPSPort == n.HTTPSPort {
			return nil
		}
	}
	if onSystemd() {
		return startUnit(ctx, l)
	}
	if pid != 0 {
		if err := endProcess(ctx, pid); err != nil {
			return err
		}
	}
	return e.startBackground(l)
}

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
	for end := time.Now().Add(30 * time.Second); ctx.Err() == nil; {
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
const keeper = `trap '' HUP INT
delay=1
while :; do
  began=$(date +%s)
  "$0" agent --data-dir "$1"
  case $? in 0|4) exit ;; esac
  [ $(($(date +%s) - began)) -lt 60 ] || delay=1
  sleep $delay
  [ $delay -ge 30 ] || delay=$((delay * 2))
done`

// startBackground starts the agent, and what keeps it running, in a session of its
// own, which no terminal and no end of ours reaches.
func (e *env) startBackground(l node.Layout) error {
	if err := os.MkdirAll(l.Logs(), 0o700); err != nil {
		return err
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
	return cmd.Process.Release()
}

// cloudPatience is how long engines may take to be ready: a Pi with a slow card
// and a long raft log needs its time.
const cloudPatience = 3 * time.Minute

// awaitCloud asks the agent until the cloud is ready.
func (e *env) awaitCloud(ctx context.Context, l node.Layout, progress func(provisioning.Progress)) error {
	ctx, cancel := context.WithTimeout(ctx, cloudPatience)
	defer cancel()
	said, last := "", "the agent does not answer yet"
	for delay := 50 * time.Millisecond; ; delay = min(delay*3/2, time.Second) {
		status, err := e.askStatus(ctx)
		switch {
		case err == nil && status.Ready:
			return nil
		case err == nil:
			last = notReady(status)
		}
		if last != said {
			said = last
			progress(provisioning.Progress{Message: last, Percent: -1})
		}
		// An agent that ended at once has said why; it would not come up by waiting.
		if text, err := os.ReadFile(l.Output("agent")); err == nil && len(text) > 0 && !onSystemd() {
			if pid, err := agentPID(l); err == nil && pid == 0 {
				return agent.Errorf(agent.CodeFailed, "the agent ended: %s", strings.TrimPrefix(strings.TrimSpace(string(text)), "Error: ")).
					WithHint("find out more with: dcloud doctor")
			}
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return agent.Errorf(agent.CodeUnavailable, "the cloud was not ready in time: %s", last).
				WithHint("find out why with: dcloud doctor; the logs are in %s", l.Logs())
		}
	}
}
