package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppConfigCommand(e *env) *cobra.Command {
	var set []string
	cmd := &cobra.Command{
		Use:               "config NAME",
		Short:             "Show an app's settings, or change them with --set",
		Example:           "  dcloud app config miniflux\n  dcloud app config miniflux --set polling_minutes=15",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := e.parseSettings(set)
			if err != nil {
				return err
			}
			if len(settings) > 0 {
				return e.change(cmd, args[0], "change", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
					return c.Configure(ctx, args[0], settings)
				})
			}
			return e.showConfig(cmd.Context(), args[0])
		},
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "change a setting, NAME=VALUE or NAME=@FILE; may be repeated")
	return cmd
}

func (e *env) showConfig(ctx context.Context, name string) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	config, err := client.Config(ctx, name)
	if err != nil {
		return err
	}
	if e.json {
		config.Settings = orEmpty(config.Settings)
		return e.printJSON(config)
	}
	if len(config.Settings) == 0 {
		fmt.Fprintf(e.stderr, "%s has no settings.\n", clean(config.Name))
		return nil
	}
	return e.printSettings(config.Settings, true)
}
