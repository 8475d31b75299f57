package catalog

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// app is an entry that is run for real.
type app struct {
	entry  string
	images []string          // recipes of provisioning/images that its services need
	set    map[string]string // settings that it is installed with
	// use does with the running app what a person does (signs in, writes something),
	// and again tells, after a restart, whether that is still there.
	use   func(t *testing.T, a running)
	again func(t *testing.T, a running)
}

// running is an installed app.
type running struct {
	url     string            // "http://notes.dcloud.localhost", no trailing slash
	host    string            // its name at the front door
	secrets map[string]string // that its owner may see
}

// apps are all that are run for real; each app_*_test.go adds its own.
var apps = map[string]app{}

func add(a app) bool {
	apps[a.entry] = a
	return true
}

// images are the recipes that all of them need.
func images() []string {
	var all []string
	for _, a := range apps {
		all = append(all, a.images...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEachAppRunsIsUsedKeepsItsDataAndGoes(t *testing.T) {
	var names []string
	for name := range apps {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) { live(t, apps[name]) })
	}
}

// live takes an app through its whole life.
func live(t *testing.T, a app) {
	args := []string{"app", "install", a.entry}
	for name, value := range a.set {
		args = append(args, "--set", name+"="+value)
	}
	cloud.Must(t, args...)
	gone := false
	t.Cleanup(func() {
		if t.Failed() && !gone {
			t.Logf("its log:\n%s", cloud.Dcloud(t, "app", "logs", a.entry, "--tail", "20").Stdout)
			cloud.Dcloud(t, "app", "remove", a.entry, "--purge-data") // the next one is to have its ports
		}
	})
	status := cloud.App(t, a.entry)
	if status.State != agent.StateRunning {
		t.Fatalf("it is %s (%s) when the install is done", status.State, status.Reason)
	}
	r := running{url: status.URL, host: strings.TrimPrefix(status.URL, "http://"), secrets: map[string]string{}}
	if len(status.Secrets) > 0 {
		r.secrets = Decode[map[string]string](t, cloud.Must(t, "app", "secrets", a.entry, "--reveal", "--json"))
	}
	if a.use(t, r); t.Failed() {
		return
	}
	before := containers(t, a.entry)
	cloud.Must(t, "app", "restart", a.entry)
	for _, c := range containers(t, a.entry) {
		if slices.Contains(before, c) {
			t.Errorf("container %s is from before the restart", c)
		}
	}
	if a.again(t, r); t.Failed() {
		return
	}
	cloud.Must(t, "app", "remove", a.entry, "--purge-data")
	gone = true
	Await(t, "nothing of it is left", HealTime, func() error {
		if left := containers(t, a.entry); len(left) > 0 {
			return fmt.Errorf("containers %v run", left)
		}
		if status.URL == "" {
			return nil
		}
		if code, _, err := cloud.Get(r.url + "/"); err != nil || code != http.StatusNotFound {
			return fmt.Errorf("its address answers %d (%v)", code, err)
		}
		return nil
	})
}

// containers are those of an app that run.
func containers(t *testing.T, name string) []string {
	t.Helper()
	return strings.Fields(cloud.Run(t, "", "docker", "ps", "--quiet", "--filter", "label=dcloud.app="+name).Stdout)
}
