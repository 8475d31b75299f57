package panel

import (
	"strings"
	"testing"
)

func TestTheActivityListsWhoDidWhat(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/")
	p.Tap("Activity")
	p.At("/activity")
	p.See("installed miniflux")
	p.Accessible("the activity")
	shoot(t, p, "activity")
	all := p.Text()
	for _, want := range []string{
		ownerName + " installed miniflux", ownerName + " tried to install hello", ownerName + " installed hello", ownerName + " stopped hello",
		ownerName + " started hello", ownerName + " restarted hello", ownerName + " changed the settings of second",
		ownerName + " looked at the passwords of miniflux", ownerName + " opened a terminal in miniflux", ownerName + " made a line for new machines",
		ownerName + " let pi in", ownerName + " emptied pi", ownerName + " let pi run apps again", ownerName + " took pi out of the cloud",
		ownerName + " made a link for mary", ownerName + " changed the account of eve removed the account", ownerName + " removed second", "mary changed the account of mary took the invitation up", "gus changed the account of gus took the invitation up",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing tells that %s", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
	p.Tap(ownerName + " tried to install hello")
	p.See("Its last lines")
	p.See("A new database needs a password for its first user")
	p.Accessible("a change")
}
