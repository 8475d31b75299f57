package main

import (
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the installed apps",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			apps, err := client.Apps(cmd.Context())
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(orEmpty(apps))
			}
			if len(apps) == 0 {
				fmt.Fprintln(e.stderr, "No apps yet. See what there is with: dcloud app search")
				return nil
			}
			var rows [][]string
			for _, a := range apps {
				rows = append(rows, []string{a.Name, a.Entry, dash(a.Version), dash(a.Node), dash(a.Access), dash(a.URL), withReason(a.State, reasonOf(a))})
			}
			if err := e.table([]string{"NAME", "ENTRY", "VERSION", "NODE", "ACCESS", "URL", "STATE"}, rows); err != nil {
				return err
			}
			for _, a := range apps {
				if a.Privileged {
					fmt.Fprintf(e.stderr, "Take note: the override of %s may break out of its containers; see dcloud app override show %s\n", a.Name, a.Name)
				}
			}
			return nil
		},
	}
}

// reasonOf says why an app does not run, or in how many copies it does.
func reasonOf(a agent.App) string {
	if a.Reason == "" && a.State == agent.StateRunning && a.Replicas > 1 {
		return fmt.Sprintf("%d copies", a.Replicas)
	}
	return a.Reason
}
