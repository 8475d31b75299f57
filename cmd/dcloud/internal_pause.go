package main

import "github.com/spf13/cobra"

// newInternalPauseCommand holds the network namespace of an app's containers: it
// does nothing until it is told to end.
func newInternalPauseCommand(*env) *cobra.Command {
	return &cobra.Command{
		Use:   "pause",
		Short: "Wait for a signal",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			<-cmd.Context().Done()
			return nil
		},
	}
}
