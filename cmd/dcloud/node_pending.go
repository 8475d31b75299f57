package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
)

func newNodeAcceptCommand(e *env) *cobra.Command {
	return e.pendingCommand("accept", "Let a machine in that waits to be accepted",
		"%s is let in; see it with: dcloud node list", (*api.Client).Accept)
}

func newNodeRefuseCommand(e *env) *cobra.Command {
	return e.pendingCommand("refuse", "Send a machine away that waits to be accepted",
		"%s is sent away.", (*api.Client).Refuse)
}

func (e *env) pendingCommand(verb, short, said string, answer func(*api.Client, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Long: short + `: one that came with a token made by "dcloud node token --ask".
NAME is its name, or its ID where two are called the same.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completePending,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			waiting, err := c.Pending(cmd.Context())
			if err != nil {
				return err
			}
			n, err := pendingNamed(waiting, args[0])
			if err != nil {
				return err
			}
			if err := answer(c, cmd.Context(), n.ID); err != nil {
				return err
			}
			e.note(said, clean(n.Name))
			return nil
		},
	}
}

// pendingNamed finds a machine by its name or ID.
func pendingNamed(list []agent.PendingNode, name string) (agent.PendingNode, error) {
	var found []agent.PendingNode
	for _, n := range list {
		if n.ID == name {
			return n, nil
		}
		if n.Name == name {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return agent.PendingNode{}, agent.Errorf(agent.CodeNotFound, "no machine called %q waits to be accepted", clean(name)).
			WithHint("see those that do with: dcloud node list")
	case 1:
		return found[0], nil
	}
	return agent.PendingNode{}, agent.Errorf(agent.CodeConflict, "%d machines called %q wait to be accepted", len(found), clean(name)).
		WithHint("choose one by its ID: %s at %s, %s at %s", found[0].ID, found[0].Address, found[1].ID, found[1].Address)
}

// notePending tells of machines that wait, beside a list of those that are in.
func (e *env) notePending(ctx context.Context, c *api.Client) {
	if e.json {
		return
	}
	waiting, err := c.Pending(ctx)
	if err != nil {
		return // on a machine that is no server
	}
	for _, n := range waiting {
		e.note("%s (%s, %d MiB, at %s) waits to be accepted as %s: dcloud node accept %s", clean(n.Name), clean(n.Arch), n.Memory, clean(n.Address), clean(n.Role), clean(n.Name))
	}
}

func (e *env) completePending(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := e.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	waiting, err := c.Pending(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, n := range waiting {
		names = append(names, fmt.Sprintf("%s\t%s", n.Name, n.Address))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
