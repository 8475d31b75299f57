package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/spf13/cobra"
)

func newAppConfigCommand(e *env) *cobra.Command {
	var set, unset []string
	cmd := &cobra.Command{
		Use:   "config NAME",
		Short: "Show an app's settings, or change them with --set",
		Long: `Show an app's settings, or change them. The app starts anew with what was changed;
should it not come up, what was set before is put back.

A setting's value can be read from a file, or from standard input with @-, which keeps
a password off the screen and out of the list of processes:
  --set NAME=@FILE

A password is never shown, only whether there is one. One that is set to nothing stays
as it is; --unset takes it away, and any other setting back to its default.`,
		Example:           "  dcloud app config miniflux\n  dcloud app config miniflux --set polling_minutes=15\n  dcloud app config nextcloud --set smtp_password=@-\n  dcloud app config nextcloud --unset smtp_password",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeApps,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := e.parseSettings(set)
			if err != nil {
				return err
			}
			if settings, err = withUnset(settings, unset); err != nil {
				return err
			}
			if len(settings) > 0 {
				return e.change(cmd, args[0], "change", func(ctx context.Context, c *api.Client) (agent.Operation, error) {
					return c.Configure(ctx, args[0], settings)
				})
			}
			return e.showConfig(cmd.Context(), args[0])
		},
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "change a setting, NAME=VALUE or NAME=@FILE; may be repeated")
	cmd.Flags().StringArrayVar(&unset, "unset", nil, "take a setting back to what it is when nobody gives it, NAME; may be repeated")
	return cmd
}

// withUnset adds the settings that are to be taken back.
func withUnset(settings map[string]string, unset []string) (map[string]string, error) {
	for _, name := range unset {
		if _, twice := settings[name]; twice || name == "" || strings.Contains(name, "=") {
			return nil, agent.Errorf(agent.CodeInvalid, "--unset needs the NAME of a setting, which is given once").
				WithHint("For example: --unset smtp_password")
		}
		if settings == nil {
			settings = map[string]string{}
		}
		settings[name] = agent.Unset
	}
	return settings, nil
}

func (e *env) showConfig(ctx context.Context, name string) error {
	client, err := e.connect()
	if err != nil {
		return err
	}
	config, err := client.Config(ctx, name)
	if err != nil {
		return err
	}
	if e.json {
		config.Settings = orEmpty(config.Settings)
		return e.printJSON(config)
	}
	if len(config.Settings) == 0 {
		fmt.Fprintf(e.stderr, "%s has no settings.\n", clean(config.Name))
		return nil
	}
	return e.printSettings(config.Settings, true)
}
