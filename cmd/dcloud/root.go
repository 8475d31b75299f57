package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// newRootCommand lists all commands.
func newRootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "dcloud COMMAND",
		Short: "Apps on your own servers, as easy as on a phone",
		Long: `Dentropy Cloud installs apps on your own servers.

  dcloud up                       set this machine up and start the cloud
  dcloud app search               see what can be installed
  dcloud app install miniflux     install an app
  dcloud status                   see how it is doing

A cloud elsewhere is reached with DCLOUD_ADDR and DCLOUD_TOKEN.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict,
5 the cloud is not running.`,
		Args:                  cobra.ArbitraryArgs,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true, // printed once, by execute
		SilenceUsage:          true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args)
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), twoUsageLines, "\n  {{.UseLine}}", 1))
	root.PersistentFlags().BoolVar(&e.json, "json", false, "answer as JSON")
	root.PersistentFlags().StringVar(&e.dataDir, "data-dir", e.dataDir, "where this machine's cloud keeps its data (DCLOUD_DATA_DIR)")
	root.AddCommand(
		newUpCommand(e),
		newDownCommand(e),
		newStatusCommand(e),
		newDoctorCommand(e),
		newVersionCommand(e),
		newAppCommand(e),
		newCatalogCommand(e),
		newNodeCommand(e),
		newUserCommand(e),
		newDomainCommand(e),
		newAgentCommand(e),
		newCompletionCommand(e),
		newInternalCommand(e),
	)
	root.SetHelpCommand(newHelpCommand())
	return root
}

// twoUsageLines is where cobra's template prints a noun twice, since ours can be
// run: to say which commands they have.
const twoUsageLines = `{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [command]{{end}}`
