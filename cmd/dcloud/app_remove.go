package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppRemoveCommand(e *env) *cobra.Command {
	var purge, yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove an app; its data is kept unless --purge-data",
		Long: `Remove an app. Its data is kept, and found again by an install of the same name,
unless --purge-data deletes it for good.

On a terminal it asks first; --yes answers.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			client, err := e.connect()
			if err != nil {
				return err
			}
			app, err := client.App(cmd.Context(), name)
			var told *agent.Error
			removed := errors.As(err, &told) && told.Code == agent.CodeNotFound
			if err != nil && !(removed && purge) { // data of an app that was removed can still be deleted
				return err
			}
			if !yes && isTerminal(e.stdin) && !e.confirm(cmd.Context(), removeQuestion(name, purge)) {
				return agent.Errorf(agent.CodeFailed, "%s was not removed", name).
					WithHint("To remove it without a question: dcloud app remove %s --yes", name)
			}
			err = e.change(cmd, name, "removal", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
				return c.Remove(ctx, name, purge)
			})
			if err != nil || e.json || purge || len(app.Volumes) == 0 {
				return err
			}
			fmt.Fprintf(e.stderr, "Its data is kept, and an app of the same name finds it again. It lies in:\n")
			for _, v := range app.Volumes {
				fmt.Fprintf(e.stderr, "  %s on %s (%s)\n", clean(v.Path), clean(v.Node), clean(v.Name))
			}
			fmt.Fprintf(e.stderr, "To delete it for good: dcloud app remove %s --purge-data\n", name)
			return nil
		},
	}
	cmd.Flags().BoolVar(&purge, "purge-data", false, "delete its data too, for good")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func removeQuestion(name string, purge bool) string {
	if purge {
		return fmt.Sprintf("Remove %s and delete all of its data for good?", name)
	}
	return fmt.Sprintf("Remove %s? Its data is kept.", name)
}

// confirm asks on the terminal; anything but yes, the end of input and an
// interrupt mean no.
func (e *env) confirm(ctx context.Context, question string) bool {
	fmt.Fprintf(e.stderr, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(e.stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes"
	case <-ctx.Done():
		fmt.Fprintln(e.stderr)
		return false
	}
}
