package main

import (
	"fmt"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppPlanCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "plan NAME",
		Short:             "Show what an update of an app would change",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			plan, err := client.PlanApp(cmd.Context(), args[0], agent.PlanRequest{})
			if err != nil {
				return err
			}
			if !e.json && len(plan.Changes) == 0 {
				fmt.Fprintln(e.stderr, "Nothing would change: what runs is what the intent says.")
			}
			return e.printPlan(plan)
		},
	}
}

// printPlan shows what an install or update would do.
func (e *env) printPlan(p agent.Plan) error {
	if e.json {
		return e.printJSON(p)
	}
	rows := [][]string{
		{"App", fmt.Sprintf("%s (%s %s)", p.Name, p.Entry, p.Version)},
		{"URL", dash(p.URL)},
		{"Node", dash(p.Node)},
		{"Memory", fmt.Sprintf("%d MiB", p.Memory)},
	}
	for _, list := range []struct {
		label string
		items []string
	}{
		{"Images", p.Images}, {"Data", p.Volumes}, {"Secrets", p.Secrets}, {"Take note", p.Risks}, {"Changes", p.Changes},
	} {
		for i, item := range list.items {
			rows = append(rows, []string{first(i, list.label), item})
		}
	}
	return e.table(nil, append(rows, fitRows(p.Nodes)...))
}

// fitRows says of each machine whether an app fits on it. Of a single one that it
// fits on, the plan has said so.
func fitRows(nodes []agent.NodeFit) (rows [][]string) {
	if len(nodes) == 1 && nodes[0].Fits {
		return nil
	}
	for i, n := range nodes {
		text := "fits"
		switch {
		case !n.Fits:
			text = strings.Join(n.Why, ", ")
		case n.Chosen:
			text = "fits, and is chosen"
		}
		rows = append(rows, []string{first(i, "Machines"), n.Name + ": " + text})
	}
	return rows
}
