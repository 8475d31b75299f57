package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// manyApps is a cloud with 100 apps.
type manyApps struct{ *fakeCloud }

func (manyApps) Apps(context.Context) ([]agent.App, error) {
	apps := make([]agent.App, 100)
	for i := range apps {
		name := fmt.Sprintf("app-%d", i)
		apps[i] = agent.App{Name: name, Entry: "miniflux", Version: "2.2.15", State: agent.StateRunning,
			URL: "http://" + name + ".dcloud.localhost", Node: "attic", Access: "app"}
	}
	return apps, nil
}

// BenchmarkAppListOf100Apps measures the whole command, the start of the process
// included; only the agent's own work is not in it.
func BenchmarkAppListOf100Apps(b *testing.B) {
	dir := serveForTest(b, manyApps{newFakeCloud()})
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		// Under this name the test binary is the program (TestMain).
		cmd := &exec.Cmd{Path: self, Args: []string{"dcloud", "app", "list"}, Env: []string{"DCLOUD_DATA_DIR=" + dir}}
		began := time.Now()
		out, err := cmd.Output()
		took = append(took, time.Since(began))
		if err != nil || len(out) == 0 {
			b.Fatalf("dcloud app list: %v: %s", err, out)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}
