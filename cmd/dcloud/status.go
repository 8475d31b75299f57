package main

import (
	"fmt"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/spf13/cobra"
)

func newStatusCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show how the cloud is doing",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.connect()
			if err != nil {
				return err
			}
			status, err := client.Status(cmd.Context())
			if err != nil {
				return err
			}
			if e.json {
				status.Engines = orEmpty(status.Engines)
				return e.printJSON(status)
			}
			return e.printStatus(status, time.Now())
		},
	}
}

func (e *env) printStatus(s agent.Status, now time.Time) error {
	state := "ready"
	if !s.Ready {
		state = "not ready (what is wrong: dcloud doctor)"
	}
	err := e.table(nil, [][]string{
		{"Cloud", state},
		{"Domain", s.Domain},
		{"Panel", dash(s.Panel)},
		{"Ports", fmt.Sprintf("http %d, https %d", s.HTTPPort, s.HTTPSPort)},
		{"Version", dash(s.Version)},
		{"Nodes", fmt.Sprint(s.Nodes)},
		{"Apps", fmt.Sprint(s.Apps)},
	})
	if err != nil || len(s.Engines) == 0 {
		return err
	}
	fmt.Fprintln(e.stdout)
	var rows [][]string
	for _, en := range s.Engines {
		pid := "-"
		if en.PID > 0 {
			pid = fmt.Sprint(en.PID)
		}
		rows = append(rows, []string{en.Name, dash(en.Version), pid, since(en.Since, now), fmt.Sprint(en.Restarts), withReason(en.State, en.Reason)})
	}
	return e.table([]string{"ENGINE", "VERSION", "PID", "SINCE", "RESTARTS", "STATE"}, rows)
}

func withReason(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + " (" + reason + ")"
}

// since tells in words how long ago something was.
func since(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero() || d < 0:
		return "-"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
