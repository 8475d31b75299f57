package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppLogsCommand(e *env) *cobra.Command {
	var opts agent.LogOptions
	cmd := &cobra.Command{
		Use:               "logs NAME",
		Short:             "Show what an app logged",
		Example:           "  dcloud app logs miniflux -f\n  dcloud app logs miniflux --service db --tail 20",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			if opts.Tail < 0 {
				return usagef(cmd, "--tail is a number of lines, 0 for all; %d is not", opts.Tail)
			}
			return e.logs(cmd.Context(), args[0], opts)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&opts.Follow, "follow", "f", false, "go on as lines are written, until interrupted")
	f.StringVar(&opts.Service, "service", "", "only this service's")
	f.IntVar(&opts.Tail, "tail", 200, "lines from the end of each service, 0 for all")
	return cmd
}

func (e *env) logs(ctx context.Context, name string, opts agent.LogOptions) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	// Which service wrote a line, and on which machine, is only worth saying where
	// there are several.
	var prefix logPrefix
	if !e.json {
		app, err := client.App(ctx, name)
		if err != nil {
			return err
		}
		prefix.service = opts.Service == "" && serviceNames(app.Services) > 1
		prefix.node = app.Replicas > 1 || severalCopies(app.Services)
	}
	err = client.Logs(ctx, name, opts, func(line agent.LogLine) error {
		if e.json {
			return e.printJSONLine(line)
		}
		return e.printLogLine(line, prefix)
	})
	if opts.Follow && ctx.Err() != nil {
		return nil // an interrupt is how following ends
	}
	return err
}

// logPrefix is what is told of where a line comes from.
type logPrefix struct{ service, node bool }

func (p logPrefix) of(line agent.LogLine) string {
	switch {
	case p.service && p.node && line.Node != "":
		return "[" + line.Service + " on " + line.Node + "]"
	case p.node && line.Node != "":
		return "[" + line.Node + "]"
	case p.service:
		return "[" + line.Service + "]"
	}
	return ""
}

// printLogLine prints a line as the app wrote it. On a terminal it loses its
// control characters: what an app logs may come from a stranger.
func (e *env) printLogLine(line agent.LogLine, prefix logPrefix) error {
	text := line.Text
	if isTerminal(e.stdout) {
		text = clean(text)
	}
	if from := prefix.of(line); from != "" {
		text = e.paint(e.stdout, dim, clean(from)) + " " + text
	}
	_, err := fmt.Fprintln(e.stdout, text)
	return err
}
