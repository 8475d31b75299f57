package main

import "github.com/spf13/cobra"

// newCatalogCommand groups what is done with the catalog itself.
func newCatalogCommand(e *env) *cobra.Command {
	return noun("catalog", "Look at the catalog, add stores, and check entries of your own",
		newCatalogListCommand(e),
		newCatalogLintCommand(e),
		newCatalogImportCommand(e),
		newCatalogStoreCommand(e),
	)
}
