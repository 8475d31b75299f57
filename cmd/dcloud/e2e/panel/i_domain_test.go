package panel

import (
	"fmt"
	"testing"
	"time"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// The last: the cloud is at another address afterwards.
func TestTheCloudMovesToAnotherDomainAndThePageGoesWithIt(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/settings/cloud")
	p.Accessible("the cloud's settings")
	shoot(t, p, "settings-cloud")
	proofsEnd(t, p)
	p.Open(panelURL + "/settings/password") // so that the move itself goes through
	prove(p, ownerPassword)
	p.At("/settings/password")
	p.Open(panelURL + "/settings/cloud")
	p.Tap("Change dcloud.localhost")
	p.Type("Domain", "moved.localhost")
	p.Type("The new domain once more", "moved.localhost")
	p.Tap("Move to the new domain")
	p.See("Your cloud moves to moved.localhost")
	p.Accessible("a cloud that moves")
	Await(t, "the page goes to the new address", time.Minute, func() error { return atHost(p, "panel.moved.localhost") })
	p.Forgive("") // while it moves nobody may answer
	p.At("/sign-in")
	p.Type("Name", ownerName)
	p.Type("Password", ownerPassword)
	p.Tap("Sign in")
	p.At("/")
	p.See("Miniflux")
	server.AwaitRoute(t, "http://hello.moved.localhost/")
}

// atHost tells whether a page is at a host.
func atHost(p *Page, host string) error {
	if at := p.Value("location.host"); at != host {
		return fmt.Errorf("it is at %v", at)
	}
	return nil
}
