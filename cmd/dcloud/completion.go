package main

import (
	"context"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

// completionTimeout is how long a press of Tab may take. Nobody waits longer for
// a suggestion.
const completionTimeout = 500 * time.Millisecond

func newCompletionCommand(e *env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print the script that completes commands in a shell",
		Long: `Print the script that completes commands, apps and entries in a shell.

  bash   source <(dcloud completion bash)
  zsh    source <(dcloud completion zsh)
  fish   dcloud completion fish | source

Put the line into the shell's start-up file to have it always.`,
		ValidArgs: shells,
		Args:      exactly("SHELL (bash, zsh or fish)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(e.stdout, true)
			case "zsh":
				return root.GenZshCompletion(e.stdout)
			case "fish":
				return root.GenFishCompletion(e.stdout, true)
			}
			return usagef(cmd, "there is no completion for %q, only for bash, zsh and fish", args[0])
		},
	}
}

// completeApps suggests the names of installed apps for the first argument.
func (e *env) completeApps(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return e.complete(cmd, args, func(ctx context.Context, c *api.Client) (names []string, err error) {
		var apps []agent.App
		apps, err = c.Apps(ctx)
		for _, a := range apps {
			names = append(names, cobra.CompletionWithDesc(a.Name, a.State))
		}
		return names, err
	})
}

// completeEntries suggests the names of catalog entries for the first argument.
func (e *env) completeEntries(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return e.complete(cmd, args, func(ctx context.Context, c *api.Client) (names []string, err error) {
		var entries []agent.Entry
		entries, err = c.Catalog(ctx, "")
		for _, en := range entries {
			names = append(names, cobra.CompletionWithDesc(en.Name, clean(en.Tagline)))
		}
		return names, err
	})
}

// complete asks the cloud for names. Where it cannot tell, there are none: a
// press of Tab is no place for an error.
func (e *env) complete(cmd *cobra.Command, args []string, ask func(context.Context, *api.Client) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	client, err := e.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
	defer cancel()
	names, err := ask(ctx, client)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
