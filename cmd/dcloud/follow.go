package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

// follow waits for an operation, shows its events, and returns the last one.
// What names it in a sentence: "the install of miniflux". An interrupt ends the
// waiting, not the operation, and says so.
func (e *env) follow(ctx context.Context, client *api.Client, op agent.Operation, what string) (agent.Event, error) {
	p := e.newProgress()
	last, err := client.Wait(ctx, op, func(ev agent.Event) {
		if e.json {
			e.printJSONLine(ev)
			return
		}
		p.event(ev)
	})
	p.end()
	if ctx.Err() != nil && !last.Final {
		stopped := agent.Errorf(agent.CodeFailed, "stopped waiting; %s goes on", what)
		if op.App == "" {
			return last, stopped.WithHint("Follow it with: dcloud node list")
		}
		return last, stopped.WithHint("Follow it with: dcloud app status %s", op.App)
	}
	if last.Error != nil {
		err = last.Error
	}
	if err != nil && len(last.Logs) > 0 && !e.json {
		fmt.Fprintf(e.stderr, "\nThe last lines that %s logged:\n", clean(op.App))
		for _, line := range last.Logs {
			fmt.Fprintf(e.stderr, "  %s\n", clean(line))
		}
		fmt.Fprintln(e.stderr)
	}
	return last, err
}

// change is the body of a command that asks the cloud for a change of one app
// and follows it to its end.
func (e *env) change(cmd *cobra.Command, name, verb string, ask func(context.Context, *api.Client) (agent.Operation, error)) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	op, err := ask(cmd.Context(), client)
	if err != nil {
		return err
	}
	_, err = e.follow(cmd.Context(), client, op, "the "+verb+" of "+name)
	return err
}
