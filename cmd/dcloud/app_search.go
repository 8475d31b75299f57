package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppSearchCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "search [WORDS…]",
		Short: "Search what can be installed",
		Long: `Search the catalog, and the stores that were added to it. The catalog's own apps come
first. The word store:NAME looks in that store alone.`,
		Example: "  dcloud app search\n  dcloud app search feed reader\n  dcloud app search store:casaos photos",
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			entries, err := client.Catalog(cmd.Context(), strings.Join(args, " "))
			if err != nil {
				return err
			}
			return e.printEntries(entries, strings.Join(args, " "))
		},
	}
}

// printEntries prints catalog entries as a list.
func (e *env) printEntries(entries []agent.Entry, words string) error {
	if e.json {
		return e.printJSON(orEmpty(entries))
	}
	if len(entries) == 0 {
		if words != "" {
			fmt.Fprintf(e.stderr, "Nothing in the catalog fits %q. See all of it with: dcloud app search\n", words)
		} else {
			fmt.Fprintln(e.stderr, "The catalog is empty.")
		}
		return nil
	}
	foreign := slices.ContainsFunc(entries, func(en agent.Entry) bool { return en.Store != "" })
	header := []string{"NAME", "VERSION", "CATEGORY", "WHAT IT IS"}
	if foreign {
		header = slices.Insert(header, 3, "FROM")
	}
	var rows [][]string
	for _, en := range entries {
		row := []string{en.Name, dash(en.Version), dash(en.Category), en.Tagline}
		if foreign {
			row = slices.Insert(row, 3, cmp.Or(en.Store, "catalog"))
		}
		rows = append(rows, row)
	}
	return e.table(header, rows)
}
