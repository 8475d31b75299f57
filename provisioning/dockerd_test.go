package provisioning

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// ownNetwork moves the test's thread, and what it starts, into a network
// namespace of its own. The thread ends with the test.
func ownNetwork(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatalf("a network namespace needs root: %v", err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		t.Fatal(err)
	}
}

// privateDaemon is a dockerd that shares nothing with the machine's.
func privateDaemon(t *testing.T, more ...string) Daemon {
	t.Helper()
	dir := t.TempDir()
	// A killed dockerd leaves a mount of its data on itself.
	t.Cleanup(func() { _ = unix.Unmount(dir+"/data", unix.MNT_DETACH) })
	guard(t, dir+"/pid")
	return Daemon{
		Host: "unix://" + dir + "/docker.sock", Log: dir + "/logs/dockerd.log", PIDFile: dir + "/pid",
		ExecRoot: dir + "/exec", Args: append([]string{"--data-root", dir + "/data"}, more...),
	}
}

// guard ends the daemon of a pid file once the test has ended, also where that was killed:
// nothing else would, since a daemon is made to outlive who started it.
func guard(t *testing.T, pidFile string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", `read end; pid=$(cat "$1" 2>/dev/null) && [ "$(cat "/proc/$pid/comm")" = dockerd ] && kill "$pid"`, "sh", pidFile)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ours, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ours.Close()
		_ = cmd.Wait() // it fails where there is nothing left to do
	})
}

// stop ends the daemon of a test by its own process id, and waits for its end.
func stop(t *testing.T, d Daemon) {
	t.Helper()
	if pid := runningDaemon(d.PIDFile); pid != 0 {
		end(t, pid, syscall.SIGTERM)
	}
}

// end ends a process by a signal, and waits for its end.
func end(t *testing.T, pid int, by syscall.Signal) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, by, nil, 0); err != nil {
		t.Error(err)
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 180_000)
	for errors.Is(err, unix.EINTR) { // signals of Go's own come at any time
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 180_000)
	}
	if n != 1 {
		t.Errorf("dockerd (process %d) did not end: %v", pid, err)
	}
}

func TestDockerIsStartedAndOnTheSecondRunLeftAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Docker daemon")
	}
	ownNetwork(t)
	for _, a := range Kernel()[:1] { // a kernel without cgroups runs no container
		if done, detail, err := a.Check(t.Context()); !done || err != nil {
			t.Fatalf("%s: %s %v", a.Name, detail, err)
		}
	}
	d := privateDaemon(t)
	t.Cleanup(func() { stop(t, d) })
	n, err := Run(t.Context(), []Action{d.Action()}, nil)
	if n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	pid := runningDaemon(d.PIDFile)
	if sid, err := unix.Getsid(pid); err != nil || sid != pid {
		t.Errorf("dockerd (%d) is in the session %d, not in its own: %v", pid, sid, err)
	}
	if info, err := os.Stat(d.Log); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its log: %v %v", info, err)
	}
	if n, err := Run(t.Context(), []Action{d.Action()}, nil); n != 0 || err != nil || runningDaemon(d.PIDFile) != pid {
		t.Errorf("the second run: %d %v", n, err)
	}
	// Killed, it is started again over what it left behind.
	end(t, pid, syscall.SIGKILL)
	if n, err := Run(t.Context(), []Action{d.Action()}, nil); n != 1 || err != nil || runningDaemon(d.PIDFile) == pid {
		t.Errorf("after a kill: %d %v", n, err)
	}
}

func TestDockerThatCannotStartIsToldAtOnceWithItsLog(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Docker daemon")
	}
	d := privateDaemon(t, "--no-such-option")
	_, err := Run(t.Context(), []Action{d.Action()}, nil)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "no-such-option") || !strings.Contains(e.Hint, filepath.Base(d.Log)) {
		t.Errorf("%v", err)
	}
	// That it does not answer would be said only after all of the time that it has.
	if err == nil || !strings.Contains(err.Error(), "it ended while it started") {
		t.Errorf("its end was not noticed: %v", err)
	}
}
