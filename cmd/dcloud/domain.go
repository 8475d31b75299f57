package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
)

// newDomainCommand groups what is done with the cloud's name.
func newDomainCommand(e *env) *cobra.Command {
	return noun("domain", "See and change the name under which apps get theirs",
		newDomainSetCommand(e),
		newDomainShowCommand(e),
	)
}

func newDomainShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the cloud's domain",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			s, err := c.Settings(cmd.Context())
			if err != nil {
				return err
			}
			return e.printDomain(s)
		},
	}
}

func newDomainSetCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "set DOMAIN",
		Short: "Give the cloud another domain",
		Long: `Gives the cloud another domain. The agent begins anew, and the apps move to their new
names one by one, each with a restart.

The names must lead here: a record for DOMAIN and one for *.DOMAIN, both with this
cloud's address. Passkeys belong to a domain: people sign in with their passwords and
make new ones.`,
		Example: `  dcloud domain set ada.xyz`,
		Args:    exactly("DOMAIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			s, err := c.ChangeSettings(cmd.Context(), agent.SettingsChange{Domain: &args[0]})
			if err != nil {
				return err
			}
			e.note("The apps move to their new names; see them with: dcloud app list")
			return e.printDomain(s)
		},
	}
}

func (e *env) printDomain(s agent.Settings) error {
	if e.json {
		return e.printJSON(map[string]string{"domain": s.Domain})
	}
	_, err := fmt.Fprintln(e.stdout, s.Domain)
	return err
}
