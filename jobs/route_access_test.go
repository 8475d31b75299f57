package jobs

import (
	"testing"

	"github.com/dentropy/dcloud/catalog"
)

func TestADoorBesideTheAppsOwnIsMadeNarrowerAndNeverWider(t *testing.T) {
	for _, c := range []struct{ chosen, subdomain, own, want string }{
		{"", "", "app", "app"},
		{"", "", "", "private"},
		{"public", "", "private", "public"},
		{"public", "admin", "private", "private"},
		{"app", "admin", "members", "members"},
		{"private", "admin", "public", "private"},
		{"public", "admin", "", "private"},
	} {
		got := Access(Input{Intent: Intent{Access: c.chosen}}, catalog.Expose{Subdomain: c.subdomain, Access: c.own})
		if got != c.want {
			t.Errorf("%+v: who passes is %q", c, got)
		}
	}
}
