package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// allocation is one of Nomad's.
type allocation struct {
	ID, JobID                   string
	ClientStatus, DesiredStatus string
	AllocatedResources          struct {
		Tasks map[string]struct{ Memory struct{ MemoryMB int64 } }
	}
}

// over tells whether nothing of an allocation runs any more.
func (a allocation) over() bool { return a.ClientStatus != "pending" && a.ClientStatus != "running" }

func allocations(t *testing.T) (list []allocation) {
	t.Helper()
	cloud.Nomad(t, "GET", "/v1/allocations?resources=true", nil, &list)
	return list
}

// awaitSettled waits until nothing is under way any more that an earlier test began:
// each app runs as it should, and no container ends.
func awaitSettled(t *testing.T) {
	t.Helper()
	Await(t, "nothing is under way", HealTime, func() error { return underWay(t) })
}

// underWay says what still happens, nil where nothing does.
func underWay(t *testing.T) error {
	for _, app := range Decode[[]agent.App](t, cloud.Must(t, "app", "list", "--json")) {
		if app.State == agent.StateStopped {
			continue
		}
		if app.State != agent.StateRunning {
			return fmt.Errorf("%s is %s: %s", app.Name, app.State, app.Reason)
		}
		if a := cloud.Dcloud(t, "app", "plan", app.Name); a.Code != 0 {
			return fmt.Errorf("%s is still to change (%d): %s%s", app.Name, a.Code, a.Stdout, a.Stderr)
		}
	}
	stays := map[string]bool{}
	for _, a := range allocations(t) {
		if !a.over() && (a.DesiredStatus != "run" || a.ClientStatus != "running") {
			return fmt.Errorf("an allocation of %s is %s and should %s", a.JobID, a.ClientStatus, a.DesiredStatus)
		}
		stays[a.ID] = !a.over()
	}
	for line := range strings.Lines(cloud.Run(t, "", "docker", "ps", "--format", `{{.Label "com.hashicorp.nomad.alloc_id"}} {{.Names}}`).Stdout) {
		if alloc, name, _ := strings.Cut(strings.TrimSpace(line), " "); !stays[alloc] {
			return fmt.Errorf("the container %s still runs", name)
		}
	}
	return nil
}

// ended is how things names a container that runs no more. The agent takes it away when
// it gets round to it, which may be in the midst of whatever the test does.
const ended = "container ended "

// things are all that an install makes, as the engines and Docker list it. How the apps
// are is not among them: that is for their containers to show, and a check that is
// answered late on a busy machine is no change.
func things(t *testing.T) []string {
	t.Helper()
	var vars, volumes []struct{ Path, Name string }
	var jobs []struct{ ID string }
	cloud.Nomad(t, "GET", "/v1/vars", nil, &vars)
	cloud.Nomad(t, "GET", "/v1/volumes?type=host", nil, &volumes)
	cloud.Nomad(t, "GET", "/v1/jobs", nil, &jobs)
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
	for line := range strings.Lines(cloud.Run(t, "", "docker", "ps", "--all", "--format", "{{.ID}} {{.State}} {{.Names}}").Stdout) {
		id, state, _ := strings.Cut(strings.TrimSpace(line), " ")
		state, name, _ := strings.Cut(state, " ")
		if state == "exited" || state == "dead" || state == "removing" {
			all = append(all, ended+id+" "+name)
		} else {
			all = append(all, "container "+id+" "+name)
		}
	}
	dirs, err := os.ReadDir(filepath.Join(cloud.Data, "volumes"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		all = append(all, "directory "+d.Name())
	}
	for _, a := range Decode[[]agent.App](t, cloud.Must(t, "app", "list", "--json")) {
		all = append(all, fmt.Sprintf("app %s of %s %s at %s for %s", a.Name, a.Entry, a.Version, a.URL, a.Access))
	}
	slices.Sort(all)
	return all
}

// changesNothing holds what do does to leaving all as it was, but for ended containers
// that have been taken away meanwhile.
func changesNothing(t *testing.T, do func()) {
	t.Helper()
	awaitSettled(t)
	before := things(t)
	do()
	after := things(t)
	for _, thing := range before {
		if !slices.Contains(after, thing) && !strings.HasPrefix(thing, ended) {
			t.Errorf("it is gone: %s", thing)
		}
	}
	for _, thing := range after {
		if !slices.Contains(before, thing) {
			t.Errorf("it is left: %s", thing)
		}
	}
}
