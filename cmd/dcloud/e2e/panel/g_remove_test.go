package panel

import (
	"fmt"
	"os"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// goneApp waits until the list on the server has no such app.
func goneApp(t *testing.T, name string) {
	t.Helper()
	Await(t, name+" is removed", HealTime, func() error {
		if a := server.Dcloud(t, "app", "status", name, "--json"); a.Code != 3 {
			return fmt.Errorf("%+v", a)
		}
		return nil
	})
}

func TestARemovedAppKeepsItsDataAndAPurgedOneDoesNot(t *testing.T) {
	volumes := server.App(t, "second").Volumes
	if len(volumes) != 1 {
		t.Fatalf("the app has %v", volumes)
	}
	dir := volumes[0].Path
	server.Must(t, "app", "exec", "second", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "create table kept (x int)")

	p := owner(t, phoneWidth, phoneHeight, "/apps/second")
	p.Tap("Remove this app")
	p.At("/apps/second/remove")
	p.See("Its data stays where it is")
	p.Accessible("removing an app")
	if enabled := p.Value(`!document.querySelector("button.danger").disabled`); enabled == true {
		t.Error("an app can be removed before its name was typed")
	}
	p.Type("To go on, type second", "second")
	p.Tap("Remove")
	p.At("/")
	p.See("Miniflux is being removed. Its data is kept.")
	p.Await("its tile is gone", `!document.querySelector('a[href="/apps/second"]')`)
	goneApp(t, "second")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the data is gone: %v", err)
	}

	// It is there again under the same name, and then it is deleted.
	p.Open(panelURL + "/store/miniflux/install")
	p.Type("Name", "second")
	p.Type("Address", "second")
	p.Tap("Install")
	p.At("/apps/second")
	p.SeeWithin("Running", HealTime)
	server.Must(t, "app", "exec", "second", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "select x from kept")
	proofsEnd(t, p)
	p.Tap("Remove this app")
	p.At("/apps/second/remove")
	p.Tap("Delete its data as well")
	p.Await("the box is ticked", `document.querySelector("input[name=data]").checked`)
	p.Type("To go on, type second", "second")
	p.Tap("Remove")
	prove(p, ownerPassword)
	p.At("/apps/second/remove")
	p.Type("To go on, type second", "second")
	p.Tap("Remove")
	p.At("/")
	p.See("Miniflux is being removed, with its data.")
	goneApp(t, "second")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the data is still at %s (%v)", dir, err)
	}
}
