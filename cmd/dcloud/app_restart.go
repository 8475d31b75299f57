package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppRestartCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "restart NAME",
		Short:             "Restart an app",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.change(cmd, args[0], "restart", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
				return c.Restart(ctx, args[0])
			})
		},
	}
}
