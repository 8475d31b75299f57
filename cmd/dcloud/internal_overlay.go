package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent/pool/overlay"
)

// newInternalOverlayCommand is the private network's process, which the agent starts
// and which outlives it.
func newInternalOverlayCommand(e *env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "overlay",
		Short: "Run this machine's part of the private network",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			debug.SetGCPercent(30)
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			var c overlay.Config
			if err := json.Unmarshal(text, &c); err != nil {
				return fmt.Errorf("read %s: %w", file, err)
			}
			return overlay.Run(cmd.Context(), slog.New(slog.NewTextHandler(e.stderr, nil)), c)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "its configuration")
	return cmd
}
