package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/stores"
)

// newCatalogStoreCommand groups what is done with other people's stores.
func newCatalogStoreCommand(e *env) *cobra.Command {
	return noun("store", "Add and remove other people's app stores",
		newStoreAddCommand(e),
		newStoreListCommand(e),
		newStoreRemoveCommand(e),
		newStoreShowCommand(e),
		newStoreSyncCommand(e),
	)
}

// isAddress tells an address, which the cloud fetches, from a path of this machine.
func isAddress(source string) bool { return strings.Contains(source, "://") }

func newStoreAddCommand(e *env) *cobra.Command {
	var req agent.StoreAdd
	cmd := &cobra.Command{
		Use:   "add URL-or-PATH",
		Short: "Make a store part of the search",
		Long: `Make an app store part of the search. Its apps are called STORE/APP; they never take
the place of an app of the catalog, and nothing of them runs before you install one.

A URL leads to an archive (.tar.gz or .zip) or a git repository, of which #BRANCH
names a branch. The cloud fetches it, at this moment and whenever you say so (sync).
A PATH is a folder or an archive of this machine, whose manifests are sent.`,
		Example: `  dcloud catalog store add https://github.com/IceWhaleTech/CasaOS-AppStore --name casaos
  dcloud catalog store add https://git.example.org/me/apps.git#stable
  dcloud catalog store add ./my-apps --name mine`,
		Args: exactly("URL-or-PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			if req.Name == "" {
				req.Name = stores.Name(args[0])
			}
			if isAddress(args[0]) {
				if _, err := stores.ParseSource(args[0]); err != nil {
					return err
				}
				req.URL = args[0]
			} else if req.Archive, err = stores.Pack(args[0], stores.Defaults()); err != nil {
				return err
			}
			if !e.json {
				fmt.Fprintln(e.stderr, "Reading the store; a large one takes a minute.")
			}
			d, err := client.AddStore(cmd.Context(), req)
			if err != nil {
				return err
			}
			return e.printTaken(d)
		},
	}
	cmd.Flags().StringVar(&req.Name, "name", "", "what to call it (made from the URL or PATH unless said)")
	cmd.Flags().StringVar(&req.Format, "format", "", "which form it has: "+strings.Join(agent.StoreFormats(), ", ")+" (found out unless said)")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(agent.StoreFormats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// printTaken says what came of a store that was read.
func (e *env) printTaken(d agent.StoreDetail) error {
	if e.json {
		return e.printJSON(d)
	}
	fmt.Fprintf(e.stdout, "%s: %s (%s)\n", d.Name, apps(d.Entries), d.Format)
	if d.Refused > 0 {
		fmt.Fprintf(e.stderr, "%s could not be taken over; see why with: dcloud catalog store show %s\n", apps(d.Refused), d.Name)
	}
	fmt.Fprintf(e.stderr, "Search it with: dcloud app search store:%s WORDS\n", d.Name)
	return nil
}

func apps(n int) string {
	if n == 1 {
		return "1 app"
	}
	return fmt.Sprintf("%d apps", n)
}

func newStoreListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the stores beside the catalog",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			list, err := client.Stores(cmd.Context())
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(orEmpty(list))
			}
			if len(list) == 0 {
				fmt.Fprintln(e.stderr, "There are no stores beside the catalog. Add one with: dcloud catalog store add URL-or-PATH")
				return nil
			}
			var rows [][]string
			for _, s := range list {
				state := day(s.Synced)
				if s.Failure != "" {
					state += " (since then: " + s.Failure + ")"
				}
				rows = append(rows, []string{s.Name, s.Format, fmt.Sprint(s.Entries), fmt.Sprint(s.Refused), s.Source, state})
			}
			return e.table([]string{"NAME", "FORM", "APPS", "REFUSED", "FROM", "READ"}, rows)
		},
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func newStoreShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Show what became of a store's apps, and why some were refused",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeStores,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			d, err := client.Store(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if e.json {
				d.Apps = orEmpty(d.Apps)
				return e.printJSON(d)
			}
			return e.printStore(d)
		},
	}
}

func (e *env) printStore(d agent.StoreDetail) error {
	rows := [][]string{
		{"From", d.Source}, {"Form", d.Format}, {"Revision", dash(d.Revision)}, {"Added", day(d.Added) + " by " + d.Actor}, {"Read", day(d.Synced)},
		{"Apps", fmt.Sprint(d.Entries)}, {"Refused", fmt.Sprint(d.Refused)},
	}
	if d.Failure != "" {
		rows = append(rows, []string{"Take note", "it could not be read anew: " + d.Failure})
	}
	for i, note := range d.Notes {
		rows = append(rows, []string{first(i, "Left out"), note})
	}
	if err := e.table(nil, rows); err != nil {
		return err
	}
	for _, part := range []struct {
		title   string
		refused bool
	}{{"Refused:", true}, {"Taken over:", false}} {
		title := part.title
		for _, a := range d.Apps {
			if (a.Refused != "") != part.refused {
				continue
			}
			if title != "" {
				fmt.Fprintf(e.stdout, "\n%s\n", title)
				title = ""
			}
			fmt.Fprintf(e.stdout, "  %s\n", clean(a.Name))
			if a.Refused != "" {
				fmt.Fprintf(e.stdout, "    %s\n", clean(a.Refused))
			}
			for _, n := range a.Notes {
				fmt.Fprintf(e.stdout, "    %s: %s\n", clean(n.Kind), noteText(n))
			}
		}
	}
	return nil
}

// noteText is a note with the service that it is about.
func noteText(n agent.StoreNote) string {
	if n.Service == "" {
		return clean(n.Text)
	}
	return clean(n.Service + ": " + n.Text)
}

func newStoreSyncCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "sync [NAME [PATH]]",
		Short: "Read a store anew, or all that can be fetched",
		Long: `Read a store anew from where it came. One whose files were sent needs them again:
give the PATH. Without a name, all stores that the cloud fetches itself are read.
Where that fails, what was there stays. Installed apps are left alone.`,
		Example:           "  dcloud catalog store sync\n  dcloud catalog store sync casaos\n  dcloud catalog store sync mine ./my-apps",
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: e.completeStores,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return e.syncAll(cmd)
			}
			var req agent.StoreSync
			if len(args) == 2 {
				if req.Archive, err = stores.Pack(args[1], stores.Defaults()); err != nil {
					return err
				}
			}
			d, err := client.SyncStore(cmd.Context(), args[0], req)
			if err != nil {
				return err
			}
			return e.printTaken(d)
		},
	}
}

// syncAll reads every store anew that is fetched; one that fails does not keep the
// others from it.
func (e *env) syncAll(cmd *cobra.Command) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	list, err := client.Stores(cmd.Context())
	if err != nil {
		return err
	}
	read := []agent.StoreDetail{}
	var failed error
	for _, s := range list {
		if !isAddress(s.Source) {
			continue
		}
		d, err := client.SyncStore(cmd.Context(), s.Name, agent.StoreSync{})
		if err != nil {
			failed = err
			if !e.json {
				fmt.Fprintf(e.stderr, "%s: %s\n", s.Name, clean(agent.AsError(err).Message))
			}
			continue
		}
		read = append(read, d)
		if !e.json {
			fmt.Fprintf(e.stdout, "%s: %s\n", d.Name, apps(d.Entries))
		}
	}
	if e.json {
		if err := e.printJSON(read); err != nil {
			return err
		}
	} else if len(read) == 0 && failed == nil {
		fmt.Fprintln(e.stderr, "There is no store that the cloud fetches itself. Add one with: dcloud catalog store add URL")
	}
	return failed
}

func newStoreRemoveCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "remove NAME",
		Short:             "Remove a store; apps that were installed from it stay",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeStores,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			if err := client.RemoveStore(cmd.Context(), args[0]); err != nil {
				return err
			}
			if !e.json {
				fmt.Fprintf(e.stderr, "The store %s is removed. Apps that were installed from it stay as they are.\n", args[0])
			}
			return nil
		},
	}
}
