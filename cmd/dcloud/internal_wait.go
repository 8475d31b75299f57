package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

// A wait dials often at first, since most services are there within the second,
// then at most twice a second, which costs a Pi nothing.
const (
	waitFirst = 20 * time.Millisecond
	waitMost  = 500 * time.Millisecond
	waitTell  = 10 * time.Second // how often it says what it waits for
)

// newInternalWaitCommand waits until TCP addresses accept connections. It runs
// before a container whose entry says `after = […]`.
func newInternalWaitCommand(e *env) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "wait ADDRESS…",
		Short: "Wait until addresses (HOST:PORT) accept TCP connections",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "%s needs ADDRESS", cmd.CommandPath())
			}
			for _, addr := range args {
				if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
					return usagef(cmd, "%q is not HOST:PORT", addr)
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if timeout <= 0 {
				return usagef(cmd, "--timeout must be longer than %s", timeout)
			}
			return waitFor(cmd.Context(), args, timeout, e.stderr)
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "when to give up")
	return cmd
}

// waitFor returns when each of the addresses has accepted a connection once.
func waitFor(ctx context.Context, addrs []string, timeout time.Duration, out io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errWaited)
	defer cancel()
	tell := time.NewTicker(waitTell)
	defer tell.Stop()
	var dialer net.Dialer
	for pause := waitFirst; ; pause = min(2*pause, waitMost) {
		var open []string
		var last error
		for _, addr := range addrs {
			// One dial may hang where packets are dropped; it must not keep the
			// others, nor the message, waiting.
			once, done := context.WithTimeout(ctx, 2*time.Second)
			conn, err := dialer.DialContext(once, "tcp", addr)
			done()
			if err != nil {
				open, last = append(open, addr), err
				continue
			}
			conn.Close()
		}
		if len(open) == 0 {
			return nil
		}
		addrs = open
		select {
		case <-ctx.Done():
			if context.Cause(ctx) == errWaited {
				return agent.Errorf(agent.CodeFailed, "%s did not accept connections within %s: %w", strings.Join(addrs, ", "), timeout, last).
					WithHint("see what the service logged: dcloud app logs NAME")
			}
			return ctx.Err()
		case <-tell.C:
			fmt.Fprintf(out, "waiting for %s\n", strings.Join(addrs, ", "))
		case <-time.After(pause):
		}
	}
}

// errWaited tells the end of our own patience from that of whoever called.
var errWaited = fmt.Errorf("timeout: %w", context.DeadlineExceeded)
