package panel

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestTheActivityListsWhoDidWhat(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/")
	p.Tap("Activity")
	p.At("/activity")
	p.Accessible("the activity")
	shoot(t, p, "activity")
	told := []string{
		ownerName + " installed miniflux", ownerName + " tried to install hello", ownerName + " installed hello", ownerName + " stopped hello",
		ownerName + " started hello", ownerName + " restarted hello", ownerName + " changed the settings of second",
		ownerName + " looked at the passwords of miniflux", ownerName + " opened a terminal in miniflux", ownerName + " made a line for new machines",
		ownerName + " let pi in", ownerName + " emptied pi", ownerName + " let pi run apps again", ownerName + " took pi out of the cloud",
		ownerName + " made a link for mary", ownerName + " changed the account of eve removed the account", ownerName + " removed second", "mary changed the account of mary took the invitation up", "gus changed the account of gus took the invitation up",
	}
	const next = `document.querySelector("a[rel=next]")?.href ?? ""`
	// What came last may not be noted yet, and what else happened may have moved the first
	// to another page.
	Await(t, "all of it is told", HealTime, func() error {
		p.Open(panelURL + "/activity")
		all := p.Text()
		for older := p.Value(next); older != ""; older = p.Value(next) {
			p.Open(fmt.Sprint(older))
			all += " " + p.Text()
		}
		for _, want := range told {
			if !strings.Contains(all, want) {
				return fmt.Errorf("nothing tells that %s: %s", want, all)
			}
		}
		return nil
	})
	p.Open(panelURL + "/activity?app=hello")
	p.Tap(ownerName + " tried to install hello")
	p.See("Its last lines")
	p.See("A new database needs a password for its first user")
	p.Accessible("a change")
}
