package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
)

func newNodeDrainCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "drain NAME",
		Short: "Move what runs on a machine elsewhere, before it is switched off",
		Long: `Moves the apps that run on a machine to the others, and lets it start none. Apps that
cannot move, such as those whose data lies there, are named and stopped; they come
back with "dcloud node undrain".`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			c, err := e.connect()
			if err != nil {
				return err
			}
			if err := e.tellPlan(cmd.Context(), c, name); err != nil {
				return err
			}
			return e.changeNode(cmd, "drain", name, func(ctx context.Context) (agent.Operation, error) { return c.Drain(ctx, name) }, c)
		},
	}
}

func newNodeUndrainCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "undrain NAME",
		Short:             "Let a drained machine run apps again",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			return e.changeNode(cmd, "undrain", args[0], func(ctx context.Context) (agent.Operation, error) { return c.Undrain(ctx, args[0]) }, c)
		},
	}
}

func newNodeRemoveCommand(e *env) *cobra.Command {
	var how agent.NodeRemove
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take a machine out of the cloud",
		Long: `Moves what can move, takes the machine out of the cloud and replaces the keys that it
knew: nothing that it has opens anything any more. It may be switched off or lost.

A machine that holds apps' data stays, unless --abandon gives that data up.`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			c, err := e.connect()
			if err != nil {
				return err
			}
			if err := e.tellPlan(cmd.Context(), c, name); err != nil {
				return err
			}
			question := fmt.Sprintf("Remove %s from the cloud?", name)
			if how.Abandon {
				question = fmt.Sprintf("Remove %s from the cloud and give up the data on it for good?", name)
			}
			if !yes && isTerminal(e.stdin) && !e.confirm(cmd.Context(), question) {
				return agent.Errorf(agent.CodeFailed, "%s was not removed", name).
					WithHint("to remove it without a question: dcloud node remove %s --yes", name)
			}
			return e.changeNode(cmd, "removal", name, func(ctx context.Context) (agent.Operation, error) { return c.RemoveNode(ctx, name, how) }, c)
		},
	}
	cmd.Flags().BoolVar(&how.Abandon, "abandon", false, "give up the apps' data that lies there")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// tellPlan says what can leave a machine and what cannot, before anything happens.
func (e *env) tellPlan(ctx context.Context, c *api.Client, name string) error {
	plan, err := c.NodePlan(ctx, name)
	if err != nil || e.json {
		return err
	}
	if len(plan.Moves) > 0 {
		e.note("These move: %s.", clean(strings.Join(plan.Moves, ", ")))
	}
	for _, s := range plan.Stays {
		e.note("%s stays: %s.", clean(s.App), clean(s.Reason))
	}
	return nil
}

// changeNode asks for a change of one machine and follows it to its end.
func (e *env) changeNode(cmd *cobra.Command, verb, name string, ask func(context.Context) (agent.Operation, error), c *api.Client) error {
	op, err := ask(cmd.Context())
	if err != nil {
		return err
	}
	_, err = e.follow(cmd.Context(), c, op, "the "+verb+" of "+name)
	return err
}

// completeNodes completes the names of machines.
func (e *env) completeNodes(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := e.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	nodes, err := c.Nodes(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
