package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppStartCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "start NAME",
		Short:             "Start an app that was stopped",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.change(cmd, args[0], "start", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
				return c.Start(ctx, args[0])
			})
		},
	}
}
