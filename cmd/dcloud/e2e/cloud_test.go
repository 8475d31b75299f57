package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// Bounds of waiting. Two cores that compile something else meanwhile are slow.
const (
	commandTime = 3 * time.Minute
	healTime    = 2 * time.Minute
	pollEvery   = 100 * time.Millisecond
)

// machine is a host of the lab on which dcloud is used.
type machine struct {
	*lab.Host
	bin string
}

// answer is what a command said.
type answer struct {
	stdout, stderr string
	code           int
}

// dcloud runs a command on the machine, whatever it ends with.
func (m *machine) dcloud(t testing.TB, args ...string) answer {
	t.Helper()
	return m.dcloudWith(t, "", args...)
}

func (m *machine) dcloudWith(t testing.TB, stdin string, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	cmd := m.Command(ctx, append([]string{m.bin}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("dcloud %s: %v (%v)\n%s%s", strings.Join(args, " "), err, ctx.Err(), out.String(), errs.String())
	}
	return answer{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must runs a command that has to succeed, and returns its stdout.
func (m *machine) must(t testing.TB, args ...string) string {
	t.Helper()
	a := m.dcloud(t, args...)
	if a.code != 0 {
		t.Fatalf("dcloud %s ended with %d\n%s%s", strings.Join(args, " "), a.code, a.stdout, a.stderr)
	}
	return a.stdout
}

// refused runs a command that has to fail with a code, a sentence that holds each
// of the words, and a hint.
func (m *machine) refused(t testing.TB, code int, words []string, args ...string) {
	t.Helper()
	a := m.dcloud(t, append([]string{"--json"}, args...)...)
	if a.code != code {
		t.Errorf("dcloud %s ended with %d, want %d\n%s%s", strings.Join(args, " "), a.code, code, a.stdout, a.stderr)
	}
	lines := strings.Split(strings.TrimSpace(a.stderr), "\n")
	var told struct{ Error agent.Error }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &told); err != nil {
		t.Fatalf("the last line of stderr is no error: %v\n%s", err, a.stderr)
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

func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

func (m *machine) status(t testing.TB) agent.Status {
	t.Helper()
	return decode[agent.Status](t, m.must(t, "status", "--json"))
}

// await polls until cond returns nil.
func await(t testing.TB, what string, patience time.Duration, cond func() error) {
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
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// awaitReady waits until the cloud says that it is ready.
func (m *machine) awaitReady(t testing.TB) {
	t.Helper()
	await(t, "the cloud is ready", healTime, func() error {
		a := m.dcloud(t, "status", "--json")
		if a.code != 0 {
			return errors.New(a.stderr)
		}
		if s := decode[agent.Status](t, a.stdout); !s.Ready {
			return fmt.Errorf("%+v", s.Engines)
		}
		return nil
	})
}

// get asks the front door once.
func (m *machine) get(url string) (int, string, error) {
	res, err := m.HTTPClient().Get(url)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(body), err
}

// awaitRoute waits until a URL answers 200.
func (m *machine) awaitRoute(t testing.TB, url string) {
	t.Helper()
	await(t, url+" answers", healTime, func() error { return m.serves(url) })
}

func (m *machine) serves(url string) error {
	code, body, err := m.get(url)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("%d %s", code, clip(body))
	}
	return err
}

func clip(s string) string { return s[:min(len(s), 200)] }

// agentPID is the process that holds the lock of the data directory.
func (m *machine) agentPID(t testing.TB) int {
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

// pids are the agent's and the engines', by name.
func (m *machine) pids(t testing.TB) map[string]int {
	t.Helper()
	pids := map[string]int{"agent": m.agentPID(t)}
	for _, e := range m.status(t).Engines {
		pids[e.Name] = e.PID
	}
	return pids
}

func kill(t testing.TB, name string, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("%s has no process to kill", name)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %s: %v", name, err)
	}
}

// dump shows what the agent said, for whoever reads the failure. All the logs are
// kept in the directory that DCLOUD_E2E_LOGS names.
func (m *machine) dump() {
	if dir := os.Getenv("DCLOUD_E2E_LOGS"); dir != "" {
		err := os.CopyFS(dir, os.DirFS(filepath.Join(m.Data, "logs")))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the last test deletes them

			fmt.Fprintln(os.Stderr, "keep the logs:", err)
		}
	}
	for _, name := range []string{"agent.log", "agent.err"} {
		text, err := os.ReadFile(filepath.Join(m.Data, "logs", name))
		if err != nil || len(text) == 0 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(os.Stderr, "--- %s\n%s\n", name, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
}
