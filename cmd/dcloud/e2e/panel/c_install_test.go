package panel

import (
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestAnInstallThatFailsSaysWhyAndIsTriedAgainWithTheFormAsItWas(t *testing.T) {
	// Under the app's name there is a database, which ends at once without a password.
	back := replaced(t, whoamiImage)

	p := owner(t, phoneWidth, phoneHeight, "/store")
	p.Type("Search", "whoami")
	p.See("1 app for “whoami”")
	p.Accessible("the store")
	p.Tap("Whoami") // the card, which leads to the entry
	p.At("/store/whoami")
	p.Accessible("an entry")
	shoot(t, p, "entry")
	p.Tap("Install Whoami")
	p.Tap("Choose its name, address and more")
	p.Type("Name", "hello")
	p.See("hello.dcloud.localhost") // its address follows
	p.Tap("Install")
	p.Tap("Whoami is being installed")
	p.At("/apps/hello")
	p.Await("its stages", `document.querySelector("#app-progress .stages li")`)
	p.Accessible("an app that is being installed")
	shoot(t, p, "progress")
	Await(t, "the install fails", HealTime, func() error {
		letGo(t) // again and again: each start is a container of its own
		return p.Shows("It could not be installed")
	})
	p.See("ended again and again right after its start")
	p.See("The last lines that it wrote")
	p.See("A new database needs a password for its first user") // of them
	p.Accessible("a failed install")
	shoot(t, p, "failed")

	back()
	p.Tap("Try again")
	p.At("/store/whoami/install")
	p.See("It did not work before.")
	if name := p.Value(`document.querySelector("input[name=name]").value`); name != "hello" {
		t.Errorf("the name that was typed is %q now", name)
	}
	p.Accessible("the form once more")
	p.Tap("Install")
	p.At("/apps/hello")
	p.SeeWithin("Running", HealTime)
	p.Tap("Open")
	p.See("Name: hello")
}

// How soon the page shows a stage is measured by the benchmarks (panel.stage).
func TestProgressSurvivesAReloadAndShowsInASecondWindow(t *testing.T) {
	back := replaced(t, postgresImage)
	p := owner(t, phoneWidth, phoneHeight, "/store/miniflux/install")
	p.Type("Name", "second")
	p.Type("Address", "second")
	p.Tap("Install")
	p.At("/apps/second")
	other := owner(t, wideWidth, wideHeight, "/apps/second")
	for _, window := range []*Page{p, other} {
		window.See("Installing")
		window.Await("the ring", `document.querySelector("#app-progress .stages li")`)
		window.See("db started")
	}
	p.Reload()
	p.See("Installing")
	p.See("db started")
	back()
	letGo(t)
	p.SeeWithin("Running", HealTime)
	other.SeeWithin("Running", HealTime)
	d := server.App(t, "second")
	if d.State != agent.StateRunning || len(d.Services) != 2 {
		t.Errorf("it is %s, with %v", d.State, d.Services)
	}
	shoot(t, other, "app-wide")
}
