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
	if a.Replicas > 1 {
		rows = append(rows, []string{"Copies", fmt.Sprintf("%d of %d run", a.Running, a.Replicas)})
	}
	rows = append(rows, []string{"URL", dash(a.URL)}, []string{"Access", dash(a.Access)}, []string{"Node", dash(a.Node)})
	if !a.Updated.IsZero() {
		rows = append(rows, []string{"Changed", a.Updated.Local().Format(time.DateTime) + " by " + dash(a.Actor)})
	}
	for i, name := range slices.Sorted(maps.Keys(a.Settings)) {
		rows = append(rows, []string{first(i, "Settings"), name + " = " + e.shownValue(name, a.Settings[name])})
	}
	for i, v := range a.Volumes {
		place := v.Path
		if v.Node != "" && v.Node != a.Node { // its machine is away, or it is stopped
			place += " on " + v.Node
		}
		rows = append(rows, []string{first(i, "Data"), fmt.Sprintf("%s: %s", v.Name, place)})
	}
	if a.Override {
		rows = append(rows, []string{"Override", "dcloud app override show " + a.Name})
	}
	for i, r := range a.Risks {
		rows = append(rows, []string{first(i, "Take note"), r})
	}
	if len(a.Secrets) > 0 {
		rows = append(rows, []string{"Secrets", "dcloud app secrets " + a.Name + " --reveal"})
	}
	if err := e.table(nil, rows); err != nil || len(a.Services) == 0 {
		return err
	}
	fmt.Fprintln(e.stdout)
	return e.table(serviceTable(a.Services))
}

// serviceTable has a row for each container. Which machine it is on is told where
// there are several copies; otherwise it is the app's.
func serviceTable(services []agent.Service) (header []string, rows [][]string) {
	copies := severalCopies(services)
	header = []string{"SERVICE", "STATE", "HEALTH", "RESTARTS", "IMAGE", "LAST EVENT"}
	if copies {
		header = slices.Insert(header, 1, "NODE")
	}
	for _, s := range services {
		row := []string{s.Name, s.State, dash(s.Health), fmt.Sprint(s.Restarts), s.Image, s.Message}
		if copies {
			row = slices.Insert(row, 1, dash(s.Node))
		}
		rows = append(rows, row)
	}
	return header, rows
}

// severalCopies tells whether some service runs more than once.
func severalCopies(services []agent.Service) bool {
	return serviceNames(services) < len(services)
}

// serviceNames counts the services, however often they run.
func serviceNames(services []agent.Service) int {
	names := map[string]bool{}
	for _, s := range services {
		names[s.Name] = true
	}
	return len(names)
}
