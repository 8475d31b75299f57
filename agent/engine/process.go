package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a running engine, started by us or adopted.
type process struct {
	found
	pidfd   *os.File      // nil where the kernel has none: then pid and start time must do
	done    chan struct{} // closed when the process has ended and, if ours, is reaped
	reason  string        // how it ended, valid once done is closed
	release func()        // ends the watching, not the process
	fat     bool          // started by us and not slimmed yet; see slim
}

// start runs an engine in a session of its own, with nothing of ours but /dev/null
// and its output file.
func start(s Spec, state string, t Timing) (*process, error) {
	if err := s.startable(); err != nil {
		return nil, err
	}
	out, err := openOutput(s.OutputPath)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	closeOnExec()
	p := &process{fat: true}
	p.marker = newMarker(s, state, outputSize(s.OutputPath))
	env := append(append([]string{}, s.Env...), p.marker.env()...)
	// No death signal and no process group that is shared: the engine must not notice
	// that we end.
	p.pid, err = syscall.ForkExec(s.Path, s.argv(), &syscall.ProcAttr{
		Dir: s.Dir, Env: env,
		Files: []uintptr{null.Fd(), out.Fd(), out.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("its program %s cannot be started: %w", s.Path, err)
	}
	// It is our child and not reaped yet, so its pid cannot be another's.
	p.stat, _ = readStat(p.pid)
	p.pidfd = openPidfd(p.pid)
	p.watch(t)
	return p, nil
}

// adopt takes over an engine that scan has found. False means that it has ended since.
func adopt(f found, t Timing) (*process, bool) {
	p := &process{found: f, pidfd: openPidfd(f.pid)}
	// Once more, now that the descriptor holds on to one process: if the pid still
	// shows the same engine, then the descriptor is that engine's.
	if now, ok, err := identify(f.pid); err != nil || !ok || now.start != f.start || now.marker != f.marker {
		if p.pidfd != nil {
			p.pidfd.Close()
		}
		return nil, false
	}
	p.watch(t)
	return p, true
}

// closeOnExec keeps descriptors that we were started with away from the engines. Go
// opens its own with O_CLOEXEC.
func closeOnExec() {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	fds, _ := os.ReadDir("/proc/self/fd") // kernels before 5.11
	for _, e := range fds {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// noPidfd makes tests take the way of old kernels.
var noPidfd = false

// openPidfd returns nil where the kernel (before 5.3) or a seccomp filter refuses.
// Non-blocking, it is waited for by Go's poller and costs no thread.
func openPidfd(pid int) *os.File {
	if noPidfd {
		return nil
	}
	fd, err := unix.PidfdOpen(pid, 0) // is O_CLOEXEC
	if err != nil {
		return nil
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil
	}
	f := os.NewFile(uintptr(fd), "pidfd")
	if f.SetReadDeadline(time.Time{}) != nil { // not known to the poller
		f.Close()
		return nil
	}
	return f
}

// watch closes done when the process has ended.
func (p *process) watch(t Timing) {
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	p.done = make(chan struct{})
	p.release = func() { cancel(); <-over }
	go func() {
		defer close(over)
		ended := p.pidfd != nil && p.waitPidfd(ctx)
		for !ended && ctx.Err() == nil {
			ended = p.pollOnce(ctx, t.ExitPoll)
		}
		if p.pidfd != nil {
			defer p.pidfd.Close()
		}
		if ended {
			p.reason = p.reap()
			close(p.done)
		}
	}()
}

// waitPidfd blocks until the process has ended (true) or the context has (false).
func (p *process) waitPidfd(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() { _ = p.pidfd.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	conn, err := p.pidfd.SyscallConn()
	if err != nil {
		return false
	}
	ended := false
	_ = conn.Read(func(fd uintptr) bool {
		// A pidfd is readable once its process has ended (pidfd_open(2)).
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		ended = err == nil && n > 0
		return ended
	})
	return ended
}

// pollOnce looks at /proc after a while: true if the process has ended.
func (p *process) pollOnce(ctx context.Context, every time.Duration) bool {
	if now, err := readStat(p.pid); err != nil || now.start != p.start || !now.alive() {
		return true
	}
	select {
	case <-ctx.Done():
	case <-time.After(every):
	}
	return false
}

// reap takes the exit status if the process is our child; otherwise whoever adopted
// it (usually init) reaps it and the status is not to be had.
func (p *process) reap() string {
	var ws unix.WaitStatus
	// What /proc shows as a zombie may still have threads that are ending. Then it is
	// our child, and to be waited for: not to hang on another's, the first look does
	// not wait.
	for options := unix.WNOHANG; ; {
		pid, err := unix.Wait4(p.pid, &ws, options, nil)
		switch {
		case err == nil && pid == 0:
			options = 0
			continue
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil || pid != p.pid:
			return "it ended"
		case ws.Signaled():
			return fmt.Sprintf("it was ended by signal %d (%s)", int(ws.Signal()), ws.Signal())
		}
		return fmt.Sprintf("it ended with exit status %d", ws.ExitStatus())
	}
}

// signal reaches this process only: not its group, since what an engine started for
// an app must go on, and never another process with the same pid.
func (p *process) signal(sig syscall.Signal) error {
	var err error
	if p.pidfd != nil {
		conn, cerr := p.pidfd.SyscallConn()
		if cerr != nil {
			return nil // closed: it has ended
		}
		if cerr := conn.Control(func(fd uintptr) { err = unix.PidfdSendSignal(int(fd), sig, nil, 0) }); cerr != nil {
			return nil
		}
	} else {
		now, serr := readStat(p.pid)
		if serr != nil || now.start != p.start {
			return nil
		}
		err = unix.Kill(p.pid, sig)
	}
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// terminate ends the process: politely, and after the timeout for good. It returns
// false if the context ended first; the process may then still be there.
func (p *process) terminate(ctx context.Context, sig syscall.Signal, timeout time.Duration) bool {
	_ = p.signal(sig)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		select {
		case <-p.done:
			return true
		case <-ctx.Done():
			return false
		case <-timer.C:
			_ = p.signal(syscall.SIGKILL)
		}
	}
}
