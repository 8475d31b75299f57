package main

import (
	"fmt"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newAppShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "show ENTRY",
		Short:             "Show what an entry of the catalog is and asks",
		Args:              exactly("ENTRY"),
		ValidArgsFunction: e.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			entry, err := client.Entry(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(entry)
			}
			return e.printEntry(entry)
		},
	}
}

func (e *env) printEntry(en agent.Entry) error {
	fmt.Fprintf(e.stdout, "%s: %s\n\n", clean(en.Title), clean(en.Tagline))
	if en.Description != "" {
		printText(e.stdout, en.Description)
		fmt.Fprintln(e.stdout)
	}
	rows := [][]string{
		{"Version", dash(en.Version)},
		{"Category", dash(en.Category)},
		{"License", dash(en.License)},
		{"Website", dash(en.Website)},
		{"Runs on", dash(strings.Join(en.Architectures, ", "))},
		{"Memory", fmt.Sprintf("%d MiB", en.Memory)},
	}
	if en.Store != "" {
		rows = append(rows, []string{"From", "the store " + en.Store + ", not the catalog"})
	}
	for i, image := range en.Images {
		rows = append(rows, []string{first(i, "Images"), image})
	}
	for i, risk := range en.Risks {
		rows = append(rows, []string{first(i, "Take note"), risk})
	}
	for i, warning := range en.Warnings {
		rows = append(rows, []string{first(i, "Taken over"), warning})
	}
	if err := e.table(nil, rows); err != nil {
		return err
	}
	if len(en.Settings) > 0 {
		fmt.Fprintln(e.stdout, "\nSettings (--set NAME=VALUE):")
		if err := e.printSettings(en.Settings, false); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.stdout, "\nInstall it with: dcloud app install %s\n", clean(en.Name))
	return nil
}

// printSettings prints settings as a table, with their values or (for an entry)
// only what they would be.
func (e *env) printSettings(settings []agent.ConfigSetting, values bool) error {
	header := []string{"NAME", "TYPE", "DEFAULT", "WHAT IT IS"}
	if values {
		header = []string{"NAME", "VALUE", "DEFAULT", "WHAT IT IS"}
	}
	var rows [][]string
	for _, s := range settings {
		kind := s.Type
		if len(s.Choices) > 0 {
			kind = strings.Join(s.Choices, "|")
		}
		if values {
			kind = dash(e.shownValue(s.Name, s.Value))
			if s.Given {
				kind = "(given)"
			}
		}
		def := dash(s.Default)
		if s.Required {
			def = "(required)"
		}
		rows = append(rows, []string{s.Name, kind, def, s.Title})
	}
	return e.table(header, rows)
}

// first returns the label for the first line of several, "" for the others.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}
