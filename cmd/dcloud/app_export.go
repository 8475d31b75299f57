package main

import (
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppExportCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "export NAME",
		Short: "Print an app's whole job in Nomad's language",
		Long: `Print the job that runs as an app, whole, in Nomad's language: to learn from, or to
take along. "nomad job run" accepts it. Secrets are references to Nomad's variables
in it, so it holds none.

With --json it is printed as Nomad's API takes it, too.`,
		Example:           "  dcloud app export miniflux > miniflux.nomad.hcl",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			job, err := client.Job(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(job)
			}
			if job.HCL == "" {
				return agent.Errorf(agent.CodeUnavailable, "the cloud cannot write %s in Nomad's language", args[0]).
					WithHint("its dcloud is older than this one; print it as JSON with --json")
			}
			_, err = fmt.Fprint(e.stdout, job.HCL)
			return err
		},
	}
}
