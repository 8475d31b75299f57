package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
)

// newNodeCommand groups what is done with machines.
func newNodeCommand(e *env) *cobra.Command {
	return noun("node", "See, add and remove the machines of the cloud",
		newNodeAcceptCommand(e),
		newNodeDrainCommand(e),
		newNodeJoinCommand(e),
		newNodeLeaveCommand(e),
		newNodeListCommand(e),
		newNodeRefuseCommand(e),
		newNodeRemoveCommand(e),
		newNodeTokenCommand(e),
		newNodeUndrainCommand(e),
	)
}

func newNodeListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the machines of the cloud",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			nodes, err := client.Nodes(cmd.Context())
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(orEmpty(nodes))
			}
			e.notePending(cmd.Context(), client)
			var rows [][]string
			for _, n := range nodes {
				rows = append(rows, []string{n.Name, n.Role, n.Arch, n.Address, fmt.Sprintf("%d MHz", n.CPU), fmt.Sprintf("%d MiB", n.Memory), fmt.Sprint(n.Apps), stateWord(n)})
			}
			return e.table([]string{"NAME", "ROLE", "ARCH", "ADDRESS", "CPU", "MEMORY", "APPS", "STATE"}, rows)
		},
	}
}

// stateWord is a machine's state with the reason for one that is not good.
func stateWord(n agent.Node) string {
	if n.Reason == "" {
		return n.State
	}
	return n.State + " (" + clean(n.Reason) + ")"
}
