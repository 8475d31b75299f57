package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// ended is how things names a container that runs no more. Nomad takes it away when it
// gets round to it, which may be in the midst of whatever the test does.
const ended = "container ended "

// settled leaves out of what there was before those ended containers that have been
// taken away since.
func settled(before, after []string) []string {
	return slices.DeleteFunc(before, func(thing string) bool {
		return strings.HasPrefix(thing, ended) && !slices.Contains(after, thing)
	})
}

// things are all that an install makes, as the engines and Docker list it.
func things(t *testing.T) []string {
	t.Helper()
	var vars, volumes []struct{ Path, Name string }
	var jobs []struct{ ID, Status string }
	nomad(t, "GET", "/v1/vars", nil, &vars)
	nomad(t, "GET", "/v1/volumes?type=host", nil, &volumes)
	nomad(t, "GET", "/v1/jobs", nil, &jobs)
	var all []string
	for _, v := range vars {
		all = append(all, "variable "+v.Path)
	}
	for _, v := range volumes {
		all = append(all, "volume "+v.Name)
	}
	for _, j := range jobs {
		all = append(all, "job "+j.ID)
	}
	out, err := cloud.Command(t.Context(), "docker", "ps", "--all", "--format", "{{.ID}} {{.State}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		id, state, _ := strings.Cut(strings.TrimSpace(line), " ")
		if state == "exited" || state == "dead" || state == "removing" {
			id = strings.TrimPrefix(ended, "container ") + id
		}
		all = append(all, "container "+id)
	}
	dirs, err := os.ReadDir(filepath.Join(cloud.Data, "volumes"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		all = append(all, "directory "+d.Name())
	}
	all = append(all, "list "+cloud.Must(t, "app", "list", "--json"))
	slices.Sort(all)
	return all
}

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
			before := things(t)
			cloud.Refused(t, c.code, c.words, append([]string{"app", "install"}, c.args...)...)
			after := things(t)
			if before = settled(before, after); !slices.Equal(before, after) {
				t.Errorf("there was\n%s\nand there is\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
		})
	}
}

func TestAnInstallThatCannotFitIsRefusedAndAStrangersJobIsLeftAlone(t *testing.T) {
	type memory struct{ Memory struct{ MemoryMB int64 } }
	var nodes []struct{ NodeResources, ReservedResources memory }
	nomad(t, "GET", "/v1/nodes?resources=true", nil, &nodes)
	var allocs []struct {
		ClientStatus       string
		AllocatedResources struct{ Tasks map[string]memory }
	}
	nomad(t, "GET", "/v1/allocations?resources=true", nil, &allocs)
	free := nodes[0].NodeResources.Memory.MemoryMB - nodes[0].ReservedResources.Memory.MemoryMB
	for _, a := range allocs {
		for _, task := range a.AllocatedResources.Tasks {
			if a.ClientStatus == "running" {
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
	if code := nomad(t, "PUT", "/v1/jobs", map[string]any{"Job": job}, nil); code != 200 {
		t.Fatalf("Nomad answers %d to the job", code)
	}
	defer nomad(t, "DELETE", "/v1/job/stranger?purge=true", nil, nil)
	var jobAllocs []struct{ ClientStatus string }
	Await(t, "the stranger's job runs", HealTime, func() error {
		nomad(t, "GET", "/v1/job/stranger/allocations", nil, &jobAllocs)
		if len(jobAllocs) != 1 || jobAllocs[0].ClientStatus != "running" {
			return fmt.Errorf("%+v", jobAllocs)
		}
		return nil
	})
	before := things(t)
	cloud.Refused(t, 1, []string{"memory", "second"}, "app", "install", "miniflux", "--name", "second")
	cloud.Refused(t, 4, []string{"stranger"}, "app", "install", "whoami", "--name", "stranger")
	cloud.Refused(t, 3, []string{"stranger"}, "app", "remove", "stranger")
	after := things(t)
	if before = settled(before, after); !slices.Equal(before, after) {
		t.Errorf("there was\n%s\nand there is\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
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
	defer func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	}()
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
