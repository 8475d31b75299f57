package cloudtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/provisioning/lab"
)

func TestAReportTellsTheNewestAllocationsWithTheLastEventsOfTheirTasks(t *testing.T) {
	var list []allocation
	err := json.Unmarshal([]byte(`[
		{"ID": "bbbbbbbb-1", "JobID": "miniflux", "NodeName": "pi", "JobVersion": 3, "ClientStatus": "failed", "DesiredStatus": "run", "CreateTime": 2000000000,
		 "TaskStates": {"web": {"State": "dead", "Failed": true, "Restarts": 2, "Events": [
			{"Type": "Received", "Time": 1}, {"Type": "Task Setup", "Time": 2}, {"Type": "Started", "DisplayMessage": "by client", "Time": 3},
			{"Type": "Terminated", "DisplayMessage": "Exit Code: 1\nand more", "Time": 4}]}, "db": {"State": "running"}}},
		{"ID": "aaaaaaaa-1", "JobID": "whoami", "NodeName": "pi", "ClientStatus": "running", "DesiredStatus": "run", "CreateTime": 1000000000}
	]`), &list)
	if err != nil {
		t.Fatal(err)
	}
	text := allocationLines(list)
	if a, b := strings.Index(text, "whoami v0 aaaaaaaa on pi"), strings.Index(text, "miniflux v3 bbbbbbbb on pi"); a < 0 || b < a {
		t.Errorf("the newest is not the last:\n%s", text)
	}
	for _, want := range []string{"failed, should run", "web dead, failed, 2 restarts", "Started: by client", "Terminated: Exit Code: 1 and more", "db running\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Received") {
		t.Errorf("all events are told:\n%s", text)
	}
	if n := strings.Count(allocationLines(make([]allocation, 100)), "\n"); n != allocationsTold {
		t.Errorf("%d lines of 100 allocations", n)
	}
}

func TestAReportIsShortAndOfWhatAnEngineComplained(t *testing.T) {
	log := "2026 [INFO]  agent: all well\n2026 [WARN]  agent: slow\n2026-01-01T00:00:00Z ERR no route\n2026 [WARN]  x: error creating task api socket: as always\n2026 [WARN]  agent: slow\n"
	if got := complaints(log); got != "2026 [WARN]  agent: slow\n2026-01-01T00:00:00Z ERR no route\n" {
		t.Errorf("complaints: %q", got)
	}
	var b strings.Builder
	section(&b, "log", lastLines(strings.Repeat("x\n", 10)+strings.Repeat("ü", longestLine), 3))
	if lines := strings.Split(strings.TrimSpace(b.String()), "\n"); len(lines) != 4 || lines[0] != "-- log" || len(lines[3]) > longestLine+10 {
		t.Errorf("the section is %q", b.String())
	}
	section(&b, "nothing", " \n")
	if strings.Contains(b.String(), "nothing") {
		t.Error("an empty section is told")
	}
}

// A machine on which nothing answers is when a report is needed.
func TestAReportOfAMachineThatIsGoneTellsItsLogs(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"agent.log": "level=ERROR msg=lost", "nomad.log": "x [ERROR] client: no disk\n"} {
		if err := os.WriteFile(filepath.Join(dir, "logs", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := &Machine{Host: &lab.Host{ID: "dclab-gone-000000", Name: "gone", Data: dir}, Bin: "/nowhere"}
	text := m.logs() + m.containers() + m.cloud()
	for _, want := range []string{"msg=lost", "no disk", "Nomad answers 0", "apps"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
