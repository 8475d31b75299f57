package engine

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// forgotten is how long what a test started lives on where nobody ended it, because the
// test itself was killed: far longer than any test, and not for ever.
const forgotten = 20 * time.Minute

// The test binary plays the engines, and the agent that is killed, by itself.
func TestMain(m *testing.M) {
	switch os.Getenv("ROLE") {
	case "engine":
		playEngine()
	case "child":
		signal.Ignore(syscall.SIGTERM)
		<-time.After(forgotten)
	case "supervisor":
		playSupervisor()
	default:
		os.Exit(m.Run())
	}
	os.Exit(0)
}

// playEngine listens on DIR/NAME.sock until SIGTERM. Files in DIR change its ways.
func playEngine() {
	dir, name := os.Getenv("DIR"), os.Getenv("NAME")
	at := func(suffix string) string { return filepath.Join(dir, name+suffix) }
	has := func(suffix string) bool { _, err := os.Stat(at(suffix)); return err == nil }
	note(filepath.Join(dir, "log"), fmt.Sprintf("start %s %d", name, os.Getpid()))
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	if has(".crash") {
		fmt.Fprintln(os.Stderr, "\x1b[31mcannot bind port 8500\x1b[0m")
		os.Exit(3)
	}
	if has(".child") {
		c := exec.Command(os.Args[0], "helper")
		c.Env = append(os.Environ(), "ROLE=child")
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := c.Start(); err != nil {
			panic(err)
		}
		note(at(".childpid"), strconv.Itoa(c.Process.Pid))
	}
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		target, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		note(at(".fds"), fd.Name()+" "+target)
	}
	os.Remove(at(".sock"))
	l, err := net.Listen("unix", at(".sock"))
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	tooLate := time.After(forgotten)
	for {
		select {
		case <-term:
		case <-tooLate:
			return
		}
		note(filepath.Join(dir, "log"), fmt.Sprintf("stop %s %d %s", name, os.Getpid(), othersAlive(dir, name)))
		if !has(".stubborn") {
			return
		}
	}
}

// othersAlive lists the other engines that noted their start and still run.
func othersAlive(dir, name string) string {
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		panic(err)
	}
	var alive []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if pid, _ := strconv.Atoi(f[2]); f[0] == "start" && f[1] != name && isAlive(pid) {
			alive = append(alive, f[1])
		}
	}
	slices.Sort(alive)
	return strings.Join(alive, "+")
}

func note(path, line string) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

func playSupervisor() {
	s, err := New(slog.New(slog.DiscardHandler), os.Getenv("DIR")+"/state", specsFor(os.Getenv("DIR"), "consul", "nomad"), WithTiming(quick))
	if err != nil {
		panic(err)
	}
	fmt.Println("running")
	if err := s.Run(context.Background()); err != nil {
		panic(err)
	}
}

// quick is DefaultTiming for engines that start in no time.
var quick = func() Timing {
	t := DefaultTiming
	t.BackoffMin, t.BackoffMax = 10*time.Millisecond, 80*time.Millisecond
	t.ProbeMin, t.ProbeMax, t.ProbeEvery = 5*time.Millisecond, 20*time.Millisecond, 20*time.Millisecond
	t.ExitPoll = 10 * time.Millisecond
	return t
}()

func specsFor(dir string, names ...string) (specs []Spec) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		sock := filepath.Join(dir, name+".sock")
		specs = append(specs, Spec{
			Name: name, Version: "1.0", Path: self, Args: []string{"agent", "-name", name},
			Env:        []string{"ROLE=engine", "DIR=" + dir, "NAME=" + name},
			OutputPath: filepath.Join(dir, name+".out"), StopTimeout: 5 * time.Second,
			Ready: func(ctx context.Context) error {
				if _, err := os.Stat(filepath.Join(dir, name+".mute")); err == nil {
					return fmt.Errorf("does not answer")
				}
				c, err := (&net.Dialer{}).DialContext(ctx, "unix", sock)
				if err == nil {
					c.Close()
				}
				return err
			},
		})
	}
	return specs
}

// room is a directory with engines in it, all of which are gone after the test.
func room(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "eng") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		running, _ := scan(filepath.Join(dir, "state"))
		for _, f := range running {
			_ = syscall.Kill(f.pid, syscall.SIGKILL)
		}
		os.RemoveAll(dir)
	})
	return dir
}

// running is a Supervisor at work in this process.
type running struct {
	*Supervisor
	t   *testing.T
	end func() // as if the agent was stopped
}

func run(t *testing.T, dir string, specs []Spec, opts ...Option) running {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := New(log, filepath.Join(dir, "state"), specs, append([]Option{WithTiming(quick)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx); close(over) }()
	end := func() {
		cancel()
		if err := <-over; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(end)
	return running{s, t, end}
}

// patient is how long what takes moments may take on a busy machine.
const patient = 3 * time.Minute

// until waits for a state of affairs; it looks whenever an engine changes.
func (r running) until(what string, ok func([]agent.Engine) bool) []agent.Engine {
	r.t.Helper()
	changes, done := r.Subscribe()
	defer done()
	deadline := time.After(patient)
	for {
		st := r.Status()
		if ok(st) {
			return st
		}
		select {
		case <-changes:
		case <-deadline:
			r.t.Fatalf("not %s: %+v", what, r.Status())
		}
	}
}

func (r running) ready() []agent.Engine {
	r.t.Helper()
	return r.until("ready", func(all []agent.Engine) bool { return len(r.notReady(nil)) == 0 })
}

func (r running) pids() (pids []int) {
	r.t.Helper()
	for _, st := range r.ready() {
		pids = append(pids, st.PID)
	}
	return pids
}

func set(t *testing.T, dir, file string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func isAlive(pid int) bool {
	st, err := readStat(pid)
	return err == nil && st.alive()
}

// aliveOf counts the processes that ever noted their start and still run.
func aliveOf(t *testing.T, dir, name string) (n int) {
	for line := range strings.Lines(read(t, dir, "log")) {
		f := strings.Fields(line)
		if f[0] == "start" && f[1] == name {
			if pid, _ := strconv.Atoi(f[2]); isAlive(pid) {
				n++
			}
		}
	}
	return n
}
