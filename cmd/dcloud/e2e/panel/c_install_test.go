package panel

import (
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Images as Docker on the server calls them.
const (
	whoamiImage   = "docker.io/traefik/whoami:v1.12.0"
	postgresImage = "docker.io/library/postgres:17.2-alpine"
	aside         = "kept-aside/whoami:e2e"
)

// docker runs a command of Docker's on the server.
func docker(t *testing.T, args ...string) {
	t.Helper()
	if a := server.Run(t, "", append([]string{"docker"}, args...)...); a.Code != 0 {
		t.Fatalf("docker %v: %+v", args, a)
	}
}

func TestAnInstallThatFailsSaysWhyAndIsTriedAgainWithTheFormAsItWas(t *testing.T) {
	// Under the app's name there is a database, which ends at once without a password.
	docker(t, "tag", whoamiImage, aside)
	docker(t, "tag", postgresImage, whoamiImage)
	whole := func() { docker(t, "tag", aside, whoamiImage) }
	mended := false
	defer func() {
		if !mended {
			whole()
		}
	}()

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
	p.Accessible("an app that is being installed")
	shoot(t, p, "progress")
	p.SeeWithin("It could not be installed", 90*time.Second)
	p.See("ended again and again right after its start")
	p.See("The last lines that it wrote")
	p.See("A new database needs a password for its first user") // of them
	p.Accessible("a failed install")
	shoot(t, p, "failed")

	whole()
	mended = true
	p.Tap("Try again")
	p.At("/store/whoami/install")
	p.See("It did not work before.")
	if name := p.Value(`document.querySelector("input[name=name]").value`); name != "hello" {
		t.Errorf("the name that was typed is %q now", name)
	}
	p.Accessible("the form once more")
	p.Tap("Install")
	p.At("/apps/hello")
	p.SeeWithin("Running", time.Minute)
	p.Tap("Open")
	p.See("Name: hello")
}

func TestProgressSurvivesAReloadAndShowsInASecondWindow(t *testing.T) {
	tasks := followStarts(t, "second")
	p := owner(t, phoneWidth, phoneHeight, "/store/miniflux/install")
	p.Type("Name", "second")
	p.Type("Address", "second")
	p.Tap("Install")
	p.At("/apps/second")
	other := owner(t, wideWidth, wideHeight, "/apps/second")
	watch(other)
	other.See("Installing")
	other.Await("the ring", `document.querySelector("#app-progress .stages li")`)
	p.Reload()
	p.See("Installing")
	p.Await("the ring", `document.querySelector("#app-progress .stages li")`)
	p.SeeWithin("Running", time.Minute)
	other.See("Running")
	d := server.App(t, "second")
	if d.State != agent.StateRunning || len(d.Services) != 2 {
		t.Errorf("it is %s, with %v", d.State, d.Services)
	}
	tasks.seenInTime(t, other, d.Services)
	shoot(t, other, "app-wide")
}
