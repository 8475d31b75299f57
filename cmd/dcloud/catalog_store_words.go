package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
)

// completeStores suggests the names of stores for the first argument.
func (e *env) completeStores(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return e.complete(cmd, args, func(ctx context.Context, c *api.Client) (names []string, err error) {
		var list []agent.Store
		list, err = c.Stores(ctx)
		for _, s := range list {
			names = append(names, cobra.CompletionWithDesc(s.Name, clean(s.Source)))
		}
		return names, err
	})
}

// noteForeign tells, before an app of a store is installed, what there is to know: it is
// not of the catalog, whose entries somebody has looked at.
func (e *env) noteForeign(ctx context.Context, client *api.Client, name string) error {
	if e.json || !strings.Contains(name, "/") {
		return nil
	}
	entry, err := client.Entry(ctx, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "%s comes from the store %s, not from the catalog.\n", clean(entry.Title), clean(entry.Store))
	for _, r := range entry.Risks {
		fmt.Fprintf(e.stderr, "  Take note: this app %s\n", clean(r))
	}
	for _, w := range entry.Warnings {
		fmt.Fprintf(e.stderr, "  %s\n", clean(w))
	}
	return nil
}
