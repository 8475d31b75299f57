package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func newAppSecretsCommand(e *env) *cobra.Command {
	var reveal bool
	cmd := &cobra.Command{
		Use:   "secrets NAME",
		Short: "List the secrets that an app made for you, or show them with --reveal",
		Long: `List the secrets that an app made for its owner, such as the first password.
Their values are only shown with --reveal.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			if reveal {
				secrets, err := client.Secrets(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return e.printSecrets(args[0], slices.Sorted(maps.Keys(secrets)), secrets)
			}
			// The names are in the app's status: no value is asked for, so none
			// travels and none is recorded as revealed.
			app, err := client.App(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return e.printSecrets(args[0], app.Secrets, nil)
		},
	}
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show the values")
	return cmd
}

func (e *env) printSecrets(app string, names []string, values map[string]string) error {
	if e.json {
		if values != nil {
			return e.printJSON(values)
		}
		return e.printJSON(orEmpty(names))
	}
	if len(names) == 0 {
		fmt.Fprintf(e.stderr, "%s has no secrets to show.\n", clean(app))
		return nil
	}
	var rows [][]string
	for _, name := range names {
		if values == nil {
			rows = append(rows, []string{name, "••••••"})
			continue
		}
		rows = append(rows, []string{name, values[name]})
	}
	if values == nil {
		defer fmt.Fprintf(e.stderr, "Show them with: dcloud app secrets %s --reveal\n", clean(app))
	}
	return e.table([]string{"NAME", "VALUE"}, rows)
}
