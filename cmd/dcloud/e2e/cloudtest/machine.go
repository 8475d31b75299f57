// Package cloudtest is what the end-to-end tests share: a machine of the lab on
// which dcloud is used, waiting, and building what they try.
//
// It depends on provisioning/lab and on agent for what commands answer. Start
// reading at Machine.
package cloudtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// Bounds of waiting, which only end what hangs: two cores that compile something else
// meanwhile are slow, and a command that gives up by itself is to say so first.
const (
	CommandTime = 10 * time.Minute
	HealTime    = 5 * time.Minute
	pollEvery   = 100 * time.Millisecond
)

// Machine is a host of the lab on which dcloud is used.
type Machine struct {
	*lab.Host
	Bin string // dcloud
}

// Answer is what a command said.
type Answer struct {
	Stdout, Stderr string
	Code           int
}

// Dcloud runs a command on the machine, whatever it ends with.
func (m *Machine) Dcloud(t testing.TB, args ...string) Answer {
	t.Helper()
	return m.Run(t, "", append([]string{m.Bin}, args...)...)
}

// DcloudWith runs a command with something on its stdin.
func (m *Machine) DcloudWith(t testing.TB, stdin string, args ...string) Answer {
	t.Helper()
	return m.Run(t, stdin, append([]string{m.Bin}, args...)...)
}

// Shell runs a line of shell on the machine, as somebody pastes it.
func (m *Machine) Shell(t testing.TB, line string) Answer {
	t.Helper()
	return m.Run(t, "", "sh", "-c", line)
}

// Run runs a program on the machine, whatever it ends with. It serves at the end of a
// test too (t.Cleanup), when the test's own context is over.
func (m *Machine) Run(t testing.TB, stdin string, argv ...string) Answer {
	t.Helper()
	m.watch(t)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), CommandTime)
	defer cancel()
	cmd := m.Command(ctx, argv...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("on %s: %s: %v (%v)\n%s%s", m.Name, strings.Join(argv, " "), err, ctx.Err(), out.String(), errs.String())
	}
	return Answer{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// Must runs a command that has to succeed, and returns its stdout.
func (m *Machine) Must(t testing.TB, args ...string) string {
	t.Helper()
	a := m.Dcloud(t, args...)
	if a.Code != 0 {
		t.Fatalf("on %s: dcloud %s ended with %d\n%s%s", m.Name, strings.Join(args, " "), a.Code, a.Stdout, a.Stderr)
	}
	return a.Stdout
}

// Refused runs a command that has to fail with a code, a sentence and hint that hold
// each of the words.
func (m *Machine) Refused(t testing.TB, code int, words []string, args ...string) {
	t.Helper()
	a := m.Dcloud(t, append([]string{"--json"}, args...)...)
	if a.Code != code {
		t.Errorf("dcloud %s ended with %d, want %d\n%s%s", strings.Join(args, " "), a.Code, code, a.Stdout, a.Stderr)
	}
	lines := strings.Split(strings.TrimSpace(a.Stderr), "\n")
	var told struct{ Error agent.Error }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &told); err != nil {
		t.Fatalf("the last line of stderr is no error: %v\n%s", err, a.Stderr)
	}
	for _, w := range words {
		if !strings.Contains(told.Error.Message+" "+told.Error.Hint, w) {
			t.Errorf("dcloud %s: the error does not mention %q: %q, hint %q", strings.Join(args, " "), w, told.Error.Message, told.Error.Hint)
		}
	}
	if told.Error.Hint == "" {
		t.Errorf("dcloud %s: %q has no hint", strings.Join(args, " "), told.Error.Message)
	}
}

// Decode reads JSON that a command answered.
func Decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// Status is what `dcloud status` says.
func (m *Machine) Status(t testing.TB) agent.Status {
	t.Helper()
	return Decode[agent.Status](t, m.Must(t, "status", "--json"))
}

// Nodes is what `dcloud node list` says, by name.
func (m *Machine) Nodes(t testing.TB) map[string]agent.Node {
	t.Helper()
	nodes := map[string]agent.Node{}
	for _, n := range Decode[[]agent.Node](t, m.Must(t, "node", "list", "--json")) {
		nodes[n.Name] = n
	}
	return nodes
}

// App is what `dcloud app status` says.
func (m *Machine) App(t testing.TB, name string) agent.AppDetail {
	t.Helper()
	return Decode[agent.AppDetail](t, m.Must(t, "app", "status", name, "--json"))
}

// Await polls until cond returns nil.
func Await(t testing.TB, what string, patience time.Duration, cond func() error) {
	t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		err := cond()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: not within %s: %v", what, patience, err)
		}
	}
}

// AwaitReady waits until the cloud says that it is ready.
func (m *Machine) AwaitReady(t testing.TB) {
	t.Helper()
	Await(t, "the cloud is ready", HealTime, func() error {
		a := m.Dcloud(t, "status", "--json")
		if a.Code != 0 {
			return errors.New(a.Stderr)
		}
		if s := Decode[agent.Status](t, a.Stdout); !s.Ready {
			return fmt.Errorf("%+v", s.Engines)
		}
		return nil
	})
}

// Get asks once. Names below localhost are the machine's own front door.
func (m *Machine) Get(url string) (int, string, error) {
	return read(m.HTTPClient().Get(url))
}

// GetAt asks the front door at an address for what a host name stands for.
func (m *Machine) GetAt(address, host, path string) (int, string, error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return 0, "", err
	}
	req.Host = host
	return read(m.HTTPClient().Do(req))
}

func read(res *http.Response, err error) (int, string, error) {
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(body), err
}

// AwaitRoute waits until a URL answers 200.
func (m *Machine) AwaitRoute(t testing.TB, url string) {
	t.Helper()
	Await(t, url+" answers on "+m.Name, HealTime, func() error { return m.Serves(url) })
}

// Serves returns nil where a URL answers 200.
func (m *Machine) Serves(url string) error { return OK(m.Get(url)) }

// OK makes an error of an answer that is not 200.
func OK(code int, body string, err error) error {
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("%d %s", code, Clip(body))
	}
	return err
}

// Clip shortens what is shown of a page.
func Clip(s string) string { return s[:min(len(s), 200)] }

// AgentPID is the process that holds the lock of the data directory.
func (m *Machine) AgentPID(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.Data, "run", "agent.lock"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// PIDs are the agent's and the engines', by name.
func (m *Machine) PIDs(t testing.TB) map[string]int {
	t.Helper()
	pids := map[string]int{"agent": m.AgentPID(t)}
	for _, e := range m.Status(t).Engines {
		pids[e.Name] = e.PID
	}
	return pids
}

// Kill kills a process by force. AwaitEnd waits for its end.
func Kill(t testing.TB, name string, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("%s has no process to kill", name)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %s: %v", name, err)
	}
}

// AwaitEnd waits until a process is gone, or a zombie that its new parent has not
// noticed.
func AwaitEnd(t testing.TB, pid int) {
	t.Helper()
	Await(t, fmt.Sprintf("process %d ends", pid), HealTime, func() error {
		if _, err := os.Readlink(filepath.Join("/proc", fmt.Sprint(pid), "exe")); err == nil {
			return errors.New("it lives")
		}
		return nil
	})
}
