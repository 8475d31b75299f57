package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

// newAppOverrideCommand groups what is done with an app's override.
func newAppOverrideCommand(e *env) *cobra.Command {
	cmd := noun("override", "Change an app's job in the scheduler's own language",
		newAppOverrideShowCommand(e), newAppOverrideSetCommand(e), newAppOverrideClearCommand(e))
	cmd.Long = `Change the job that is made for an app, in Nomad's own language.

An override is a job with only what is to be different; it is applied again each
time that the app changes. See docs/overrides.md for what it can do.`
	return cmd
}

func newAppOverrideShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print an app's override, and what stands against it",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			o, err := client.Override(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(o)
			}
			return e.printOverride(args[0], o)
		},
	}
}

// printOverride prints the text as it was given, and the rest beside it.
func (e *env) printOverride(name string, o agent.Override) error {
	if o.Text == "" {
		fmt.Fprintf(e.stderr, "%s has no override.\n", clean(name))
		return nil
	}
	said := "Set " + o.Updated.Local().Format(time.DateTime) + " by " + dash(clean(o.Actor))
	if o.Privileged {
		said += ", with --allow-privileged"
	}
	fmt.Fprintln(e.stderr, said+".")
	for _, r := range o.Risks {
		fmt.Fprintln(e.stderr, e.paint(e.stderr, yellow, "Take note: ")+sentence(clean(r)))
	}
	if len(o.Problems) > 0 {
		e.printProblems(o.Problems)
	}
	text := o.Text
	if isTerminal(e.stdout) { // a file gets it byte by byte
		lines := strings.Split(text, "\n")
		for k := range lines {
			lines[k] = clean(strings.ReplaceAll(lines[k], "\t", "    "))
		}
		text = strings.Join(lines, "\n")
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err := fmt.Fprint(e.stdout, text)
	return err
}

// printProblems prints what is wrong with a text as compilers do: file:line,column.
func (e *env) printProblems(problems []agent.Problem) {
	for _, p := range problems {
		place := ""
		switch {
		case p.File != "" && p.Line > 0:
			place = fmt.Sprintf("%s:%d,%d: ", clean(p.File), p.Line, p.Column)
		case p.File != "":
			place = clean(p.File) + ": "
		}
		fmt.Fprintf(e.stderr, "%s%s\n", e.paint(e.stderr, dim, place), clean(p.Message))
		if p.Hint != "" {
			fmt.Fprintf(e.stderr, "    %s\n", clean(p.Hint))
		}
	}
}

func newAppOverrideSetCommand(e *env) *cobra.Command {
	var file string
	var privileged, plan bool
	cmd := &cobra.Command{
		Use:   "set NAME -f FILE",
		Short: "Replace an app's override and restart the app with it",
		Long: `Replace an app's override and restart the app with it.

The text is checked first, by the cloud and by Nomad: one that cannot be used
changes nothing. Should the app not come up with it, the override from before is put
back.

What breaks out of a container (host networking, privileged mode, paths of the
machine) is refused without --allow-privileged, and shown as a risk wherever the app
is. With --plan nothing is changed.

` + planExits,
		Example: `  dcloud app override set miniflux -f override.hcl
  dcloud app override set miniflux -f override.hcl --plan
  cat override.hcl | dcloud app override set miniflux -f -`,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usagef(cmd, "%s needs -f FILE, or -f - for standard input", cmd.CommandPath())
			}
			change, err := e.readOverride(file, privileged)
			if err != nil {
				return err
			}
			if plan {
				return e.planApp(cmd, args[0], agent.PlanRequest{Override: &change})
			}
			return e.setOverride(cmd, args[0], change)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "file", "f", "", "the file with the override, - for standard input")
	f.BoolVar(&privileged, "allow-privileged", false, "it may ask for what breaks out of a container")
	f.BoolVar(&plan, "plan", false, "only show what would change")
	return cmd
}

func newAppOverrideClearCommand(e *env) *cobra.Command {
	var plan bool
	cmd := &cobra.Command{
		Use:   "clear NAME",
		Short: "Take an app's override away and restart the app without it",
		Long: `Take an app's override away and restart the app without it. With --plan nothing is
changed.

` + planExits,
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			if plan {
				return e.planApp(cmd, args[0], agent.PlanRequest{Override: &agent.OverrideChange{}})
			}
			return e.setOverride(cmd, args[0], agent.OverrideChange{})
		},
	}
	cmd.Flags().BoolVar(&plan, "plan", false, "only show what would change")
	return cmd
}

func (e *env) setOverride(cmd *cobra.Command, name string, change agent.OverrideChange) error {
	return e.change(cmd, name, "change", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
		return c.SetOverride(ctx, name, change)
	})
}
