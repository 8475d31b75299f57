package panel

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

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
	block(t, p, "*moved.localhost*") // the page stays until it finds the panel there
	p.Tap("Move to the new domain")
	p.See("Your cloud moves to moved.localhost")
	p.Accessible("a cloud that moves")
	server.AwaitReady(t) // who signs in at once is not told to wait
	block(t, p)
	p.Await("the page goes to the new address", `location.host === "panel.moved.localhost"`)
	p.Forgive("") // while it moves nobody may answer
	p.At("/sign-in")
	p.Type("Name", ownerName)
	p.Type("Password", ownerPassword)
	p.Tap("Sign in")
	p.At("/")
	p.See("Miniflux")
	server.AwaitRoute(t, "http://hello.moved.localhost/")
}

// blocked are the parameters of Network.setBlockedURLs as browsers of all ages take them.
type blocked struct {
	URLs []string `json:"urls"`
}

var setBlocked = cdp.Command[blocked, cdp.Empty]{Method: network.CommandSetBlockedURLs}

// block keeps a window from what lies behind addresses of these forms, and from no
// others any more.
func block(t *testing.T, p *Page, forms ...string) {
	t.Helper()
	err := chromedp.Do(p.Context(), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, setBlocked, blocked{append([]string{}, forms...)})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}
