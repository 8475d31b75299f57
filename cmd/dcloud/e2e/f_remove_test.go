package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestAnInstallIsFinishedByTheNextAgentWhenTheFirstIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), CommandTime)
	defer cancel()
	cmd := cloud.Command(ctx, cloud.Bin, "app", "install", "miniflux", "--name", "second", "--json")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	pid := cloud.AgentPID(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begun := false
	for lines := bufio.NewScanner(out); !begun && lines.Scan(); {
		var ev agent.Event
		if err := json.Unmarshal(lines.Bytes(), &ev); err != nil {
			t.Fatal(err)
		}
		if ev.Final {
			t.Fatalf("the install ended before the agent could be killed: %+v", ev)
		}
		begun = ev.Stage == agent.StageVolumes
	}
	killAgent(t, pid)
	cancel() // whoever waited at the terminal is of no interest any more
	cmd.Wait()
	if !begun {
		t.Fatalf("the install told of no folder for its data, and said: %s", errs.String())
	}
	cloud.Must(t, "up")
	cloud.AwaitRoute(t, "http://second.dcloud.localhost/healthcheck")
	Await(t, "the install is over", HealTime, func() error {
		if app := Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", "second", "--json")); app.State != agent.StateRunning {
			return fmt.Errorf("it is %s", app.State)
		}
		return nil
	})
}

// secondData is where the app keeps its database, "" where it is gone.
func secondData(t *testing.T) string {
	t.Helper()
	for _, v := range Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", "second", "--json")).Volumes {
		return v.Path
	}
	t.Fatal("the app has no volume")
	return ""
}

func TestRemovingKeepsTheDataAndAReinstallFindsIt(t *testing.T) {
	password := cloud.Must(t, "app", "secrets", "second", "--reveal", "--json")
	cloud.Must(t, "app", "exec", "second", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "create table kept (x int)")
	dir := secondData(t)
	cloud.Must(t, "app", "remove", "second")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the data is gone: %v", err)
	}
	cloud.Refused(t, 3, []string{"second"}, "app", "status", "second")
	cloud.Must(t, "app", "install", "miniflux", "--name", "second")
	if got := cloud.Must(t, "app", "secrets", "second", "--reveal", "--json"); got != password {
		t.Error("the reinstalled app has another password")
	}
	cloud.Must(t, "app", "exec", "second", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "select x from kept")
}

func TestPurgingDeletesDataAndSecrets(t *testing.T) {
	dir := secondData(t)
	cloud.Must(t, "app", "remove", "second", "--purge-data")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the data is still at %s (%v)", dir, err)
	}
	if code := cloud.Nomad(t, "GET", "/v1/var/nomad/jobs/second", nil, nil); code != 404 {
		t.Errorf("asking for the secrets is answered with %d, want 404", code)
	}
}

func TestPurgingWorksAfterARemovalToo(t *testing.T) {
	cloud.Must(t, "app", "install", "miniflux", "--name", "second")
	dir := secondData(t)
	cloud.Must(t, "app", "remove", "second")
	cloud.Must(t, "app", "remove", "second", "--purge-data")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the data is still at %s (%v)", dir, err)
	}
}

// ours lists the processes on the host that are the cloud's: all but Docker's.
func ours(t *testing.T) (list []string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		text, err := os.ReadFile(p)
		if err == nil && strings.Contains(string(text), cloud.Data) {
			list = append(list, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return list
}

// awaitNone waits until no process is left: the shell that keeps the agent running ends
// a moment after it.
func awaitNone(t *testing.T) {
	t.Helper()
	Await(t, "all processes of the cloud end", HealTime, func() error {
		if list := ours(t); len(list) > 0 {
			return fmt.Errorf("still running: %q", list)
		}
		return nil
	})
}

func containers(t *testing.T, args ...string) []string {
	t.Helper()
	a := cloud.Run(t, "", append([]string{"docker", "ps", "--quiet"}, args...)...)
	if a.Code != 0 {
		t.Fatalf("docker ps ended with %d: %s", a.Code, a.Stderr)
	}
	return strings.Fields(a.Stdout)
}

func TestDownStopsEverythingAndUpBringsItBackWithItsData(t *testing.T) {
	password := adminPassword(t)
	cloud.Must(t, "down")
	awaitNone(t)
	if list := containers(t); len(list) > 0 {
		t.Errorf("containers still running: %q", list)
	}
	if a := cloud.Dcloud(t, "status"); a.Code != 5 {
		t.Errorf("status after down ended with %d, want 5", a.Code)
	}
	cloud.Must(t, "up")
	cloud.AwaitRoute(t, miniflux+"/healthcheck")
	cloud.AwaitRoute(t, "http://welcome.dcloud.localhost/")
	Await(t, "the feed is found", HealTime, func() error { return findsFeed(password) })
}

// The last: nothing is left of the cloud.
func TestPurgingTheCloudLeavesNothing(t *testing.T) {
	cloud.Refused(t, 2, []string{"--yes"}, "down", "--purge")
	cloud.Must(t, "down", "--purge", "--yes")
	if _, err := os.Stat(cloud.Data); !os.IsNotExist(err) {
		t.Errorf("the data directory is still there (%v)", err)
	}
	awaitNone(t)
	if list := containers(t, "--all"); len(list) > 0 {
		t.Errorf("containers are left: %q", list)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), cloud.Data) {
		t.Errorf("mounts are left (%v)", err)
	}
	err = cloud.Inside(func() error {
		if _, err := net.InterfaceByName(node.Interface); err == nil {
			return fmt.Errorf("the interface is left")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
