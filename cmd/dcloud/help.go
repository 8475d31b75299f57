package main

import "github.com/spf13/cobra"

// newHelpCommand is cobra's help command, but an unknown topic is wrong usage.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]…",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(target, rest)
			}
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}
