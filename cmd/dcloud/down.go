package main

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newDownCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:  "down",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return agent.Errorf(agent.CodeFailed, "dcloud down is not wired yet")
		},
	}
}
