package main

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAgentCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:  "agent",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return agent.Errorf(agent.CodeFailed, "dcloud agent is not wired yet")
		},
	}
}
