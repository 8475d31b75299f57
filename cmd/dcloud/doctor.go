package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// Levels of a finding.
const (
	findingOK   = "ok"
	findingWarn = "warn"
	findingFail = "fail"
)

// finding is one thing that the doctor looked at.
type finding struct {
	Check string `json:"check"` // a short name that stays: agent, docker, engine, ports, disk, …
	Level string `json:"level"` // ok, warn, fail
	What  string `json:"what"`  // in one sentence
	Do    string `json:"do,omitempty"`
}

func ok(check, format string, args ...any) finding {
	return finding{Check: check, Level: findingOK, What: fmt.Sprintf(format, args...)}
}

func warn(check, do, format string, args ...any) finding {
	return finding{Check: check, Level: findingWarn, What: fmt.Sprintf(format, args...), Do: do}
}

func fail(check, do, format string, args ...any) finding {
	return finding{Check: check, Level: findingFail, What: fmt.Sprintf(format, args...), Do: do}
}

// diagnosis is what `dcloud doctor --json` prints.
type diagnosis struct {
	Healthy  bool      `json:"healthy"` // nothing fails
	Findings []finding `json:"findings"`
}

func newDoctorCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong, and what to do",
		Long: `Look at this machine and its cloud, and say what is wrong and what to do.
It works when the cloud is down too. Exit code 1 if anything fails.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, args []string) error {
			// Without the rights to look, everything would seem to be down.
			if !e.remote() && os.Geteuid() != 0 {
				return notRoot("dcloud doctor")
			}
			d := diagnose(e.gatherFacts(cmd.Context(), time.Now()))
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if err := e.printDiagnosis(d); err != nil {
				return err
			}
			if !d.Healthy {
				return exitError(1) // the answer has said it all
			}
			return nil
		},
	}
}

// diagnose runs all checks over the facts.
func diagnose(f facts) diagnosis {
	d := diagnosis{Healthy: true, Findings: []finding{}}
	for _, check := range []func(facts) []finding{
		checkAgent, checkEngines, checkNodes, checkDocker, checkPorts, checkDisk,
		checkMemory, checkNames, checkClock, checkCertificates, checkDataDir,
	} {
		d.Findings = append(d.Findings, check(f)...)
	}
	for _, f := range d.Findings {
		if f.Level == findingFail {
			d.Healthy = false
		}
	}
	return d
}

func (e *env) printDiagnosis(d diagnosis) error {
	if e.json {
		return e.printJSON(d)
	}
	marks := map[string]string{
		findingOK:   e.paint(e.stdout, green, "✓"),
		findingWarn: e.paint(e.stdout, yellow, "!"),
		findingFail: e.paint(e.stdout, red, "✗"),
	}
	bad := 0
	for _, f := range d.Findings {
		fmt.Fprintf(e.stdout, "%s %-12s %s\n", marks[f.Level], f.Check, clean(f.What))
		if f.Do != "" {
			fmt.Fprintf(e.stdout, "  %-12s → %s\n", "", clean(f.Do))
		}
		if f.Level != findingOK {
			bad++
		}
	}
	if bad == 0 {
		fmt.Fprintln(e.stdout, "\nAll is well.")
	}
	return nil
}
