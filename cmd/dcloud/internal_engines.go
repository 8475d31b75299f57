package main

import (
	"path/filepath"

	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/spf13/cobra"
)

// newInternalEnginesCommand fetches the engines into the cache, so that tests and
// images of machines have them before anything starts.
func newInternalEnginesCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "engines",
		Short: "Fetch the engines into the cache (DCLOUD_CACHE)",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := filepath.Abs(e.cacheDir())
			if err != nil {
				return err
			}
			cache := engines.Cache{Dir: dir}
			_, err = e.runActions(cmd.Context(), engines.Actions(cache, engines.All()))
			return err
		},
	}
}
