package panel

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

const (
	phoneWidth, phoneHeight = 360, 780
	wideWidth, wideHeight   = 1280, 900

	panelURL      = "http://panel.dcloud.localhost"
	ownerName     = "ada"
	ownerPassword = "seven brass kettles on the moor"
)

// maxTaps is how many a person needs at most from the first page to an opened app.
const maxTaps = 8

// firstLink is the one that `dcloud up` printed last.
func firstLink(t *testing.T, said string) string {
	t.Helper()
	for line := range strings.Lines(said) {
		if u, err := url.Parse(strings.TrimSpace(line)); err == nil && strings.HasPrefix(u.Path, "/welcome/") {
			return u.String()
		}
	}
	t.Fatalf("up printed no link to begin with:\n%s", said)
	return ""
}

func TestFromTheFirstPageToAnOpenedAppWithoutATerminal(t *testing.T) {
	link := firstLink(t, server.Must(t, "up"))
	p := NewPage(t, browser, phoneWidth, phoneHeight)
	p.Open(link)
	p.At("/welcome") // the key is not in the address any more
	p.Type("Your name to sign in with", ownerName)
	p.Type("Password", ownerPassword)
	p.Accessible("first run")
	shoot(t, p, "first-run")
	p.Tap("Begin")
	p.At("/")
	p.Accessible("home")
	shoot(t, p, "home")
	p.Tap("Store")
	p.Type("Search", "miniflux")
	p.See("1 app for “miniflux”")
	p.Tap("Install Miniflux")
	p.See("Choose its name, address and more")
	p.Accessible("the sheet of an install")
	shoot(t, p, "sheet")
	p.Remember()
	p.Tap("Install")
	p.Saw("Miniflux is being installed") // in its place in the store
	shoot(t, p, "installing")
	p.SeeWithin("Open Miniflux", HealTime)
	p.Tap("Open Miniflux")
	p.See("Login") // Miniflux asks who it is
	if got := p.Value("location.host"); got != "miniflux.dcloud.localhost" {
		t.Errorf("the app was opened at %v", got)
	}
	if p.Taps > maxTaps {
		t.Errorf("it took %d taps, more than %d", p.Taps, maxTaps)
	}
	t.Logf("%d taps and %d fields", p.Taps, p.Typed)

	// The link serves once.
	again := NewPage(t, browser, phoneWidth, phoneHeight, chromedp.WithNewBrowserContext())
	again.Open(link)
	again.See("This link does not work any more")
	again.Forgive("404")
	again.Forgive("410")
}
