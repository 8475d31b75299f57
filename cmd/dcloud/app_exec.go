package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func newAppExecCommand(e *env) *cobra.Command {
	var service string
	cmd := &cobra.Command{
		Use:               "exec NAME -- COMMAND…",
		Short:             "Run a command inside an app",
		Long:              "Run a command in an app's container. Its exit code becomes ours.",
		Example:           "  dcloud app exec miniflux --service db -- psql -U miniflux\n  echo 'select 1' | dcloud app exec miniflux --service db -- psql -U miniflux",
		ValidArgsFunction: e.completeApps,
		Args: func(cmd *cobra.Command, args []string) error {
			switch dash := cmd.ArgsLenAtDash(); {
			case len(args) == 0 || dash == 0:
				return usagef(cmd, "%s needs NAME", cmd.CommandPath())
			case dash < 0:
				return usagef(cmd, "%s needs -- before the command", cmd.CommandPath())
			case dash > 1:
				return usagef(cmd, "%s takes no argument %q before the --", cmd.CommandPath(), args[1])
			case len(args) == dash:
				return usagef(cmd, "%s needs a command after the --", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.exec(cmd.Context(), args[0], agent.ExecRequest{Service: service, Command: args[1:]})
		},
	}
	cmd.Flags().StringVar(&service, "service", "", "the service to run it in (the app's first unless said)")
	return cmd
}

func (e *env) exec(ctx context.Context, name string, req agent.ExecRequest) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	streams := api.ExecStreams{Stdin: e.stdin, Stdout: e.stdout, Stderr: e.stderr}
	code, err := 0, error(nil)
	if isTerminal(e.stdin) && isTerminal(e.stdout) {
		code, err = e.execTTY(ctx, client, name, req, streams)
	} else {
		code, err = client.Exec(ctx, name, req, streams)
	}
	if err != nil {
		return err
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// execTTY gives the command a terminal: ours passes keys through as they are
// (so Ctrl-C reaches the command), and its size follows ours.
func (e *env) execTTY(ctx context.Context, client *api.Client, name string, req agent.ExecRequest, streams api.ExecStreams) (int, error) {
	fd := int(e.stdin.(*os.File).Fd())
	req.TTY = true
	req.Width, req.Height, _ = term.GetSize(fd)
	old, err := term.MakeRaw(fd)
	if err != nil {
		return 0, err
	}
	defer term.Restore(fd, old)

	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	defer signal.Stop(changed)
	resize := make(chan [2]int, 1)
	streams.Resize = resize
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			width, height, err := term.GetSize(fd)
			if err != nil {
				continue
			}
			select {
			case resize <- [2]int{width, height}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return client.Exec(ctx, name, req, streams)
}
