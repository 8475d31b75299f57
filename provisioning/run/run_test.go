package run

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestErrorCarriesArgvAndTheEndOfTheOutput(t *testing.T) {
	err := Do(t.Context(), Command{Args: []string{"sh", "-c", "seq 1 20000; echo why it failed >&2; exit 7"}})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T: %v", err, err)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("the exit code is lost: %v", e.Err)
	}
	if e.Args[0] != "sh" || !strings.HasSuffix(strings.TrimSpace(e.Output), "why it failed") {
		t.Errorf("args %q, output ends %q", e.Args, e.Output[max(0, len(e.Output)-40):])
	}
	if len(e.Output) > tailSize+10 || !strings.HasPrefix(e.Output, "…\n") {
		t.Errorf("the output is not cut to its end: %d bytes, begins %q", len(e.Output), e.Output[:10])
	}
}

func TestSecretsAreNotShownInErrors(t *testing.T) {
	err := Do(t.Context(), Command{
		Args:    []string{"sh", "-c", "echo hunter2 is wrong; exit 1", "hunter2"},
		Secrets: []string{"hunter2", ""},
	})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "(secret) is wrong") {
		t.Errorf("got %v", err)
	}
}

func TestMissingProgramIsNamed(t *testing.T) {
	err := Do(t.Context(), Command{Args: []string{"no-such-program-here"}})
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "no-such-program-here") {
		t.Errorf("got %v", err)
	}
	if Do(t.Context(), Command{}) == nil {
		t.Error("an empty command is no error")
	}
}

func TestCancelKillsGrandchildrenToo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	grandchild := -1 // a handle of its process, which no later one can be taken for
	err := Do(ctx, Command{
		Args: []string{"sh", "-c", "sleep 600 & echo $!; wait"},
		Line: func(line string) {
			defer cancel()
			pid, err := strconv.Atoi(line)
			if err == nil {
				grandchild, err = unix.PidfdOpen(pid, 0)
			}
			if err != nil {
				t.Errorf("the grandchild says %q: %v", line, err)
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if grandchild < 0 {
		t.Fatal("there was no grandchild")
	}
	defer unix.Close(grandchild)
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(grandchild), Events: unix.POLLIN}}, 60_000)
	for errors.Is(err, unix.EINTR) { // signals of Go's own come at any time
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(grandchild), Events: unix.POLLIN}}, 60_000)
	}
	if n != 1 {
		t.Errorf("the grandchild was left alive (%v)", err)
		unix.PidfdSendSignal(grandchild, unix.SIGKILL, nil, 0)
	}
}

func TestLinesComeOneByOne(t *testing.T) {
	var lines []string
	err := Do(t.Context(), Command{
		Args: []string{"printf", `one\r\ntwo\n\nlast`},
		Line: func(l string) { lines = append(lines, l) },
	})
	if err != nil || !slices.Equal(lines, []string{"one", "two", "", "last"}) {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestOutputIsStdoutAlone(t *testing.T) {
	out, err := Output(t.Context(), Command{Args: []string{"sh", "-c", "echo answer; echo noise >&2"}})
	if err != nil || out != "answer\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCleanEnvironmentLeavesTheRestOut(t *testing.T) {
	got := clean([]string{"PATH=/bin", "AWS_CA_BUNDLE=/x", "GOPROXY=off", "GOFLAGS=-v", "HOME=/root", "LC_ALL=de_DE", "broken"}, []string{"GO*"})
	want := []string{"LC_ALL=C.UTF-8", "PATH=/bin", "GOPROXY=off", "GOFLAGS=-v", "HOME=/root"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := clean([]string{"PATH="}, nil); !slices.Contains(got, "PATH="+fallbackPath) {
		t.Errorf("no path: %q", got)
	}
}
