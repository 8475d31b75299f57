// Package run executes commands. A failed command's error carries its argv and
// the end of what it printed, so that whoever reads it need not run it again.
//
// It depends on the standard library alone. Start reading at Command and Do.
package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// killDelay is how long a cancelled command's pipes may stay open, held by
// grandchildren that survived the kill, before they are closed.
const killDelay = 3 * time.Second

// Command is one program to execute.
type Command struct {
	Args []string // argv; Args[0] is looked up in PATH
	Dir  string   // "" for ours
	// Env is the whole environment, or nil for ours. See Environment.
	Env   []string
	Stdin io.Reader
	// Line gets each line of stdout and stderr as it comes, without its newline.
	Line func(line string)
	// Secrets are values that errors must not show, wherever they stand in argv
	// or in the output. Better still is to hand a secret over in Stdin.
	Secrets []string
}

// Error says which command failed, how, and what it printed last.
type Error struct {
	Args   []string // secrets replaced
	Output string   // the end of stdout and stderr together, secrets replaced
	Err    error    // *exec.ExitError, exec.ErrNotFound, the context's error…
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", strings.Join(e.Args, " "), e.Err)
	if out := strings.TrimSpace(e.Output); out != "" {
		text += ": " + out
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Do executes the command and waits for its end. When ctx ends, the command is
// killed together with the processes that it started. An error is an *Error.
func Do(ctx context.Context, c Command) error {
	_, err := c.execute(ctx, nil)
	return err
}

// Output executes the command and returns what it wrote to stdout, at most 64 MiB.
func Output(ctx context.Context, c Command) (string, error) {
	stdout := &limited{max: 64 << 20}
	_, err := c.execute(ctx, stdout)
	return stdout.String(), err
}

func (c Command) execute(ctx context.Context, stdout *limited) (*exec.Cmd, error) {
	if len(c.Args) == 0 {
		return nil, &Error{Err: errors.New("no command was given")}
	}
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin = c.Dir, c.Env, c.Stdin
	// A group of its own, so that a cancelled `go build` takes its compilers along.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay

	both := &tail{line: c.Line}
	cmd.Stdout, cmd.Stderr = io.Writer(both), io.Writer(both)
	if stdout != nil {
		cmd.Stdout = io.MultiWriter(stdout, both)
	}
	err := cmd.Run()
	both.end()
	if err == nil {
		return cmd, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return cmd, &Error{Args: c.redactAll(c.Args), Output: c.redact(both.String()), Err: err}
}

func (c Command) redactAll(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = c.redact(a)
	}
	return out
}

func (c Command) redact(s string) string {
	for _, secret := range c.Secrets {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "(secret)")
		}
	}
	return s
}

// limited keeps the first max bytes.
type limited struct {
	bytes.Buffer
	max int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > l.max {
		return 0, fmt.Errorf("it printed more than %d bytes", l.max)
	}
	return l.Buffer.Write(p)
}
