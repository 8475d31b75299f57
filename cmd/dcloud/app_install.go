package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppInstallCommand(e *env) *cobra.Command {
	var req agent.InstallRequest
	var set []string
	var plan bool
	cmd := &cobra.Command{
		Use:   "install ENTRY",
		Short: "Install an app and wait until it answers",
		Long: `Install an app from the catalog and wait until it answers at its own name.
Its URL is printed at the end. An install that fails takes back what it made.

A setting's value can be read from a file, or from standard input with @-:
  --set NAME=@FILE

With --plan nothing is installed; the exit code is then 0 if it could be placed, and 11
if it could not.

An app that keeps no data can run in several copies, which are spread over the
machines: --set replicas=3`,
		Example:           "  dcloud app install miniflux\n  dcloud app install whoami --name hello --subdomain hi --set replicas=3",
		Args:              exactly("ENTRY"),
		ValidArgsFunction: e.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Entry = args[0]
			var err error
			if req.Settings, err = e.parseSettings(set); err != nil {
				return err
			}
			if plan {
				return e.installPlan(cmd.Context(), req)
			}
			return e.install(cmd.Context(), req)
		},
	}
	f := cmd.Flags()
	f.StringVar(&req.Name, "name", "", "what to call the app (the entry's name unless said)")
	f.StringVar(&req.Subdomain, "subdomain", "", "its name below the domain (the app's name unless said)")
	f.StringVar(&req.Access, "access", "", "who passes its door: private, members, public, app")
	f.StringVar(&req.Node, "node", "", "the machine that it must run on")
	f.StringArrayVar(&set, "set", nil, "a setting, NAME=VALUE or NAME=@FILE; may be repeated")
	f.BoolVar(&plan, "plan", false, "only show what would be done, and which machines it fits on")
	cmd.RegisterFlagCompletionFunc("access", cobra.FixedCompletions([]string{"private", "members", "public", "app"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (e *env) installPlan(ctx context.Context, req agent.InstallRequest) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	plan, err := client.Plan(ctx, req)
	if err != nil {
		return err
	}
	if err := e.printPlan(plan); err != nil {
		return err
	}
	nowhere := len(plan.Nodes) > 0 && !slices.ContainsFunc(plan.Nodes, func(n agent.NodeFit) bool { return n.Fits })
	if !nowhere && plan.Verdict.Do != agent.VerdictBlocked {
		return nil
	}
	if !e.json {
		fmt.Fprintf(e.stderr, "%s fits on no machine now. Make room on one, or add a machine with: dcloud node token\n", clean(plan.Name))
	}
	return exitError(agent.ExitPlanBlocked)
}

func (e *env) install(ctx context.Context, req agent.InstallRequest) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	if err := e.noteForeign(ctx, client, req.Entry); err != nil {
		return err
	}
	op, err := client.Install(ctx, req)
	if err != nil {
		return err
	}
	last, err := e.follow(ctx, client, op, "the install of "+op.App)
	if err != nil || e.json {
		return err
	}
	detail, err := client.App(ctx, op.App)
	if err == nil && detail.Notes != "" {
		fmt.Fprintln(e.stderr)
		printText(e.stderr, detail.Notes)
	}
	if err == nil && len(detail.Secrets) > 0 {
		fmt.Fprintf(e.stderr, "\nIts passwords: dcloud app secrets %s --reveal\n", op.App)
	}
	if last.URL != "" {
		fmt.Fprintln(e.stdout, last.URL)
	}
	return nil // that it is installed is known; notes that could not be read change nothing
}
