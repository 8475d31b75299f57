package main

import "github.com/spf13/cobra"

func newCatalogListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all entries of the catalog",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			entries, err := client.Catalog(cmd.Context(), "")
			if err != nil {
				return err
			}
			return e.printEntries(entries, "")
		},
	}
}
