package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppStatusCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "status NAME",
		Short:             "Show how an app is doing",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			app, err := client.App(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(app)
			}
			return e.printApp(app)
		},
	}
}

func (e *env) printApp(a agent.AppDetail) error {
	rows := [][]string{
		{"App", fmt.Sprintf("%s (%s %s)", a.Name, a.Entry, a.Version)},
		{"State", a.State},
	}
	if a.Reason != "" {
		rows = append(rows, []string{"Reason", a.Reason})
	}
	rows = append(rows, []string{"URL", dash(a.URL)}, []string{"Access", dash(a.Access)}, []string{"Node", dash(a.Node)})
	if !a.Updated.IsZero() {
		rows = append(rows, []string{"Changed", a.Updated.Local().Format(time.DateTime) + " by " + dash(a.Actor)})
	}
	for i, name := range slices.Sorted(maps.Keys(a.Settings)) {
		rows = append(rows, []string{first(i, "Settings"), name + " = " + e.shownValue(name, a.Settings[name])})
	}
	for i, v := range a.Volumes {
		rows = append(rows, []string{first(i, "Data"), fmt.Sprintf("%s: %s", v.Name, v.Path)})
	}
	if len(a.Secrets) > 0 {
		rows = append(rows, []string{"Secrets", "dcloud app secrets " + a.Name + " --reveal"})
	}
	if err := e.table(nil, rows); err != nil || len(a.Services) == 0 {
		return err
	}
	fmt.Fprintln(e.stdout)
	rows = nil
	for _, s := range a.Services {
		rows = append(rows, []string{s.Name, s.State, dash(s.Health), fmt.Sprint(s.Restarts), s.Image, s.Message})
	}
	return e.table([]string{"SERVICE", "STATE", "HEALTH", "RESTARTS", "IMAGE", "LAST EVENT"}, rows)
}
