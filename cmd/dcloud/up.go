package main

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newUpCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:  "up",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return agent.Errorf(agent.CodeFailed, "dcloud up is not wired yet")
		},
	}
}
