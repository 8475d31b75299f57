package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

const planExits = `The exit code is for scripts, also with --json: 0 nothing would change, 10 something
would change, 11 it could not be placed; any other is an error's.`

func newAppPlanCommand(e *env) *cobra.Command {
	var req agent.PlanRequest
	var set []string
	var file string
	var privileged bool
	cmd := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show what a change of an app would do",
		Long: `Show what would change of an app's job and what the scheduler would do, and change
nothing: for the app as it is asked for now, or with other settings, another
override, or the catalog's version of today.

` + planExits,
		Example: `  dcloud app plan miniflux
  dcloud app plan miniflux --set polling_minutes=15
  dcloud app plan miniflux --override override.hcl`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if req.Settings, err = e.parseSettings(set); err != nil {
				return err
			}
			if cmd.Flags().Changed("override") {
				change, err := e.readOverride(file, privileged)
				if err != nil {
					return err
				}
				req.Override = &change
			} else if privileged {
				return usagef(cmd, "--allow-privileged is about an override: it needs --override FILE")
			}
			return e.planApp(cmd, args[0], req)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&set, "set", nil, "with this setting, NAME=VALUE or NAME=@FILE; may be repeated")
	f.StringVar(&file, "override", "", "with the override in this file, - for standard input")
	f.BoolVar(&privileged, "allow-privileged", false, "the override may ask for what breaks out of a container")
	f.StringVar(&req.Version, "version", "", "with the catalog's entry of today, which has to be of this version")
	return cmd
}

// planApp shows the plan and ends with the exit code that goes with it.
func (e *env) planApp(cmd *cobra.Command, name string, req agent.PlanRequest) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	plan, err := client.PlanApp(cmd.Context(), name, req)
	if err != nil {
		return err
	}
	code := planCode(plan)
	if !e.json && code == 0 {
		fmt.Fprintln(e.stderr, "Nothing would change: what runs is what is asked for.")
	}
	if err := e.printPlan(plan); err != nil {
		return err
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// planCode is what `app plan` ends with.
func planCode(p agent.Plan) int {
	switch {
	case p.Verdict.Do == agent.VerdictBlocked:
		return agent.ExitPlanBlocked
	case len(p.Diff) > 0, len(p.Changes) > 0, p.Verdict.Do != agent.VerdictNothing && p.Verdict.Do != "":
		return agent.ExitPlanChanges
	}
	return 0
}

// printPlan shows what an install or a change would do.
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
		{"Images", p.Images}, {"Data", p.Volumes}, {"Secrets", p.Secrets}, {"Take note", append(p.Risks[:len(p.Risks):len(p.Risks)], p.Warnings...)},
		{"Changes", p.Changes}, {"Result", verdictWords(p.Verdict)},
	} {
		for i, item := range list.items {
			rows = append(rows, []string{first(i, list.label), item})
		}
	}
	if err := e.table(nil, append(rows, fitRows(p.Nodes)...)); err != nil {
		return err
	}
	return e.printDiff(p.Diff)
}

// verdictWords say what the scheduler would do, and what stands against it.
func verdictWords(v agent.Verdict) []string {
	on := ""
	if v.Node != "" {
		on = " on " + v.Node
	}
	switch v.Do {
	case agent.VerdictInPlace:
		return []string{"it would be changed without a restart"}
	case agent.VerdictRestart:
		return []string{"it would be restarted: its containers are replaced"}
	case agent.VerdictPlace:
		return []string{"it would be started" + on}
	case agent.VerdictStop:
		return []string{"it would be stopped"}
	case agent.VerdictBlocked:
		return append([]string{"it could not be placed"}, v.Why...)
	}
	return nil
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

// mostOverride bounds what is read of an override's file. What the cloud takes is less,
// and it says so.
const mostOverride = 512 << 10

// readOverride reads an override from a file, or from standard input where that is -.
func (e *env) readOverride(file string, privileged bool) (agent.OverrideChange, error) {
	name, from := file, e.stdin
	switch file {
	case "":
		return agent.OverrideChange{}, agent.Errorf(agent.CodeInvalid, "which file the override is in is not said").
			WithHint("name it, or - for standard input")
	case "-":
		name = "stdin"
	default:
		f, err := os.Open(file)
		if err != nil {
			return agent.OverrideChange{}, agent.Errorf(agent.CodeInvalid, "the override cannot be read: %w", err).
				WithHint("name a file with it, or - for standard input")
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, mostOverride+1))
	switch {
	case err != nil:
		return agent.OverrideChange{}, agent.Errorf(agent.CodeInvalid, "the override cannot be read: %w", err).
			WithHint("name a file with it, or - for standard input")
	case len(text) > mostOverride:
		return agent.OverrideChange{}, agent.Errorf(agent.CodeInvalid, "%s is larger than %d KiB", name, mostOverride>>10).
			WithHint("is it the right file?")
	case strings.TrimSpace(string(text)) == "":
		return agent.OverrideChange{}, agent.Errorf(agent.CodeInvalid, "%s is empty", name).
			WithHint("take an override away with: dcloud app override clear NAME")
	}
	return agent.OverrideChange{Text: string(text), File: name, AllowPrivileged: privileged}, nil
}
