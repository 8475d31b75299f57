package main

import "github.com/spf13/cobra"

// newInternalCommand groups what the cloud runs of itself, in containers and in
// builds. Nobody needs to type it, and it may change at any time.
func newInternalCommand(e *env) *cobra.Command {
	cmd := noun("internal", "What the cloud runs of itself",
		newInternalEnginesCommand(e),
		newInternalOverlayCommand(e),
		newInternalPauseCommand(e),
		newInternalWaitCommand(e),
		newInternalWelcomeCommand(e),
	)
	cmd.Hidden = true
	return cmd
}
