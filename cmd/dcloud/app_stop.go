package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppStopCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "stop NAME",
		Short:             "Stop an app and keep all of it",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.change(cmd, args[0], "stop", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
				return c.Stop(ctx, args[0])
			})
		},
	}
}
