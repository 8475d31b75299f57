package panel

import (
	"net/url"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// invited has the owner invite somebody, and returns where their link leads.
func invited(t *testing.T, name, title, role string) string {
	t.Helper()
	p := owner(t, phoneWidth, phoneHeight, "/people")
	p.Tap("Invite somebody")
	p.Type("Name to sign in with", name)
	p.Type("What they are called", title)
	p.Tap(role)
	p.Accessible("an invitation")
	p.Tap("Make a link for them")
	p.See("A link for " + title)
	p.Accessible("the link of an invitation")
	link, _ := p.Value(`document.querySelector(".copy code").textContent`).(string)
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, panelURL+"/join/") {
		t.Fatalf("the link is %q (%v)", link, err)
	}
	return u.Path
}

// joins has somebody take a link up in a browser of their own.
func joins(t *testing.T, path, name, password string) *Page {
	t.Helper()
	p := somebody(t, path)
	p.At("/join") // the key is not in the address any more
	p.See("From now on you sign in as " + name)
	p.Accessible("taking an invitation up")
	p.Type("Password", password)
	p.Tap("Join")
	p.At("/")
	return p
}

// refused opens pages that somebody may not see.
func refused(t *testing.T, p *Page, paths ...string) {
	t.Helper()
	for _, path := range paths {
		p.Open(panelURL + path)
		if status := p.Value(`performance.getEntriesByType("navigation")[0].responseStatus`); status != 403.0 {
			t.Errorf("%s is answered with %v", path, status)
		}
		p.Forgive("403")
	}
	p.Accessible("a page that is not for them")
}

func TestAMemberSeesHowThingsAreAndChangesNothing(t *testing.T) {
	p := joins(t, invited(t, "mary", "Mary", "Member"), "mary", "four copper lanterns by the quay")
	p.See("Miniflux")
	p.Accessible("home of a member")
	shoot(t, p, "home-member")
	p.Open(panelURL + "/store/whoami")
	p.See("What it may do")
	p.Open(panelURL + "/apps/miniflux")
	p.See("Runs on")
	for _, words := range []string{"Stop", "Start anew", "Logs", "Terminal", "Remove this app"} {
		if strings.Contains(p.Text(), words) {
			t.Errorf("a member is offered %q: %s", words, p.Text())
		}
	}
	p.Accessible("an app's page of a member")
	p.Open(panelURL + "/machines")
	p.See("server")
	if strings.Contains(p.Text(), "Add a machine") {
		t.Error("a member is offered to add a machine")
	}
	refused(t, p, "/store/whoami/install", "/apps/miniflux/logs", "/apps/miniflux/settings", "/apps/miniflux/terminal",
		"/machines/add", "/people", "/activity", "/settings/cloud")
}

func TestAGuestOpensAppsAndSeesNothingElse(t *testing.T) {
	p := joins(t, invited(t, "gus", "Gus", "Guest"), "gus", "nine paper boats under the bridge")
	p.See("Miniflux")
	p.Accessible("home of a guest")
	for _, words := range []string{"Store", "Machines", "People"} {
		if strings.Contains(p.Text(), words) {
			t.Errorf("a guest is shown %q: %s", words, p.Text())
		}
	}
	refused(t, p, "/store", "/apps/miniflux", "/machines", "/people", "/activity")
}

func TestALinkServesOnceAndWhoIsRemovedIsSignedOut(t *testing.T) {
	link := invited(t, "eve", "Eve", "Guest")
	eve := joins(t, link, "eve", "two silver spoons in the drawer")
	again := somebody(t, link)
	again.See("This link does not work any more")
	again.Forgive("404")

	p := owner(t, phoneWidth, phoneHeight, "/people")
	p.See("Eve")
	p.Accessible("people")
	shoot(t, p, "people")
	p.Tap("Eve")
	p.At("/people/eve")
	p.Accessible("a person")
	p.Tap("Remove Eve")
	p.Type("To go on, type eve", "eve")
	p.Accessible("removing a person")
	p.Tap("Remove")
	p.At("/people")
	p.See("Eve cannot sign in any more.")
	eve.Reload()
	eve.At("/sign-in")
}
