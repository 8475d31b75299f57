package main

import "github.com/spf13/cobra"

// newAppCommand groups what is done with apps.
func newAppCommand(e *env) *cobra.Command {
	return noun("app", "Find, install and look after apps",
		newAppSearchCommand(e),
		newAppShowCommand(e),
		newAppInstallCommand(e),
		newAppListCommand(e),
		newAppStatusCommand(e),
		newAppPlanCommand(e),
		newAppConfigCommand(e),
		newAppOverrideCommand(e),
		newAppExportCommand(e),
		newAppSecretsCommand(e),
		newAppLogsCommand(e),
		newAppExecCommand(e),
		newAppStartCommand(e),
		newAppStopCommand(e),
		newAppRestartCommand(e),
		newAppRemoveCommand(e),
	)
}
