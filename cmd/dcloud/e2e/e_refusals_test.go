package e2e

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

func TestRefusedAndFailedInstallsSayWhyAndLeaveNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		words []string
		args  []string
	}{
		{"a taken name", 4, []string{"whoami", "--name"}, []string{"whoami"}},
		{"a taken subdomain", 4, []string{"whoami.dcloud.localhost", "--subdomain"}, []string{"whoami", "--name", "other", "--subdomain", "whoami"}},
		{"the cloud's own subdomain", 4, []string{"panel"}, []string{"whoami", "--name", "panel"}},
		{"an entry that does not exist", 3, []string{"minifluy", "miniflux"}, []string{"minifluy"}},
		{"a bad setting", 2, []string{"polling_minutes"}, []string{"miniflux", "--name", "second", "--set", "polling_minutes=often"}},
		{"a setting that does not exist", 2, []string{"nosuch"}, []string{"whoami", "--name", "second", "--set", "nosuch=1"}},
		{"a name that cannot be", 2, []string{"Über"}, []string{"whoami", "--name", "Über"}},
		{"a machine that does not exist", 3, []string{"attic"}, []string{"whoami", "--name", "second", "--node", "attic"}},
		{"an image that cannot be had", 1, []string{"image", "gitea"}, []string{"gitea"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			changesNothing(t, func() {
				cloud.Refused(t, c.code, c.words, append([]string{"app", "install"}, c.args...)...)
			})
		})
	}
}

func TestAnInstallThatCannotFitIsRefusedAndAStrangersJobIsLeftAlone(t *testing.T) {
	awaitSettled(t) // what is about to end would leave room behind
	type memory struct{ Memory struct{ MemoryMB int64 } }
	var nodes []struct{ NodeResources, ReservedResources memory }
	cloud.Nomad(t, "GET", "/v1/nodes?resources=true", nil, &nodes)
	free := nodes[0].NodeResources.Memory.MemoryMB - nodes[0].ReservedResources.Memory.MemoryMB
	for _, a := range allocations(t) {
		for _, task := range a.AllocatedResources.Tasks {
			if !a.over() {
				free -= task.Memory.MemoryMB
			}
		}
	}
	// Reserved, not used: a program of a few megabytes takes all but 100 MiB.
	job := map[string]any{"ID": "stranger", "Type": "service", "Datacenters": []string{"*"}, "TaskGroups": []any{map[string]any{
		"Name": "main", "Tasks": []any{map[string]any{
			"Name": "main", "Driver": "docker", "Config": map[string]any{"image": "docker.io/traefik/whoami:v1.12.0"},
			"Resources": map[string]any{"CPU": 10, "MemoryMB": free - 100},
		}},
	}}}
	if code := cloud.Nomad(t, "PUT", "/v1/jobs", map[string]any{"Job": job}, nil); code != 200 {
		t.Fatalf("Nomad answers %d to the job", code)
	}
	t.Cleanup(func() { endStranger(t) })
	Await(t, "the stranger's job runs", HealTime, func() error {
		var list []allocation
		cloud.Nomad(t, "GET", "/v1/job/stranger/allocations", nil, &list)
		if len(list) != 1 || list[0].ClientStatus != "running" {
			return fmt.Errorf("%+v", list)
		}
		return nil
	})
	changesNothing(t, func() {
		cloud.Refused(t, 1, []string{"memory", "second"}, "app", "install", "miniflux", "--name", "second")
		cloud.Refused(t, 4, []string{"stranger"}, "app", "install", "whoami", "--name", "stranger")
		cloud.Refused(t, 3, []string{"stranger"}, "app", "remove", "stranger")
	})
}

// endStranger removes the stranger's job, and waits until its memory is free again.
func endStranger(t *testing.T) {
	cloud.Nomad(t, "DELETE", "/v1/job/stranger", nil, nil)
	Await(t, "the stranger's job ends", HealTime, func() error {
		var list []allocation
		cloud.Nomad(t, "GET", "/v1/job/stranger/allocations", nil, &list)
		for _, a := range list {
			if !a.over() {
				return fmt.Errorf("%+v", a)
			}
		}
		return nil
	})
	cloud.Nomad(t, "DELETE", "/v1/job/stranger?purge=true", nil, nil)
}

func TestUpNeedsRoot(t *testing.T) {
	cmd := cloud.Command(t.Context(), "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", cloud.Bin, "up", "--data-dir", "/var/lib/dclab-other")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "root") {
		t.Errorf("up without root ended with %v and said %s", err, out)
	}
}

func TestAFullDiskIsToldBeforeAnInstallBegins(t *testing.T) {
	host, err := lab.NewHost(t.Context(), "full", lab.Options{DataMB: 4096})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	m := &Machine{Host: host, Bin: cloud.Bin}
	m.Must(t, "up", "--no-welcome")
	free, err := m.Command(t.Context(), "df", "--output=used", "--block-size=1M", m.Data).Output()
	if err != nil {
		t.Fatal(err)
	}
	var used int
	if _, err := fmt.Sscanf(strings.Join(strings.Fields(string(free)), " "), "Used %d", &used); err != nil {
		t.Fatalf("%v: %s", err, free)
	}
	if err := m.Resize(used + 100); err != nil {
		t.Fatal(err)
	}
	m.Refused(t, 1, []string{"disk", "miniflux"}, "app", "install", "miniflux")
	if got := m.Must(t, "app", "list", "--json"); strings.TrimSpace(got) != "[]" {
		t.Errorf("the refused app is in the list: %s", got)
	}
}
