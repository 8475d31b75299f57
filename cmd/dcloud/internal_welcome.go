package main

import (
	"github.com/dentropy/dcloud/ui/welcome"
	"github.com/spf13/cobra"
)

// newInternalWelcomeCommand serves the welcome page: the first app of a new cloud.
func newInternalWelcomeCommand(e *env) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "welcome",
		Short: "Serve the welcome page",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return welcome.ListenAndServe(cmd.Context(), listen, welcome.Welcome(welcome.WelcomeFromEnv(e.getenv)))
		},
	}
	cmd.Flags().StringVar(&listen, "listen", ":8080", "the address to serve at")
	return cmd
}
