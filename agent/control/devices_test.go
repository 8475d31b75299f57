package control

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/catalog"
)

func TestAnAppGoesToTheMachineThatHasItsDevice(t *testing.T) {
	entry, problems := catalog.Parse("stick/app.hcl", []byte(`app "stick" {
  service "web" {
    image   = "docker.io/library/stick:1"
    devices = ["/dev/ttyUSB77"]
  }
}`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	s := storeOf(t, nil, nomadNode("pi1", nil), nomadNode("pi2", nil), nomadNode("vps1", nil), nomadNode("old", nil), nomadNode("silent", nil))
	has := map[string][]string{"pi2": {"/dev/dri", "/dev/ttyUSB77"}, "vps1": {}, "old": nil}
	s.Uses = func(context.Context) (pool.Uses, error) { return pool.Uses{}, nil }
	s.Members.UsesAt = func(_ context.Context, node string) (pool.Uses, error) {
		devices, there := has[node]
		if !there {
			return pool.Uses{}, errors.New("no answer")
		}
		return pool.Uses{Devices: devices}, nil
	}
	newMeter(s).apps(t.Context(), s.view.nodes)
	fits := func() map[string][]string {
		out := map[string][]string{}
		list, names := s.fitsOf(entry)
		for _, f := range list {
			out[f.Name] = f.Why
			if f.Fits != slices.Contains(names, f.Name) {
				t.Errorf("%+v, and the list says %v", f, names)
			}
		}
		if of := s.fitting().names(entry); !slices.Equal(of, names) {
			t.Errorf("a list of entries says %v and the entry itself %v", of, names)
		}
		return out
	}
	got := fits()
	for _, without := range []string{"pi1", "vps1"} {
		if !slices.Equal(got[without], []string{"no device /dev/ttyUSB77"}) {
			t.Errorf("%s, which has none: %v", without, got[without])
		}
	}
	// Of those that did not tell nothing is known: an older version, one that is slow.
	for _, maybe := range []string{"pi2", "old", "silent"} {
		if len(got[maybe]) > 0 {
			t.Errorf("%s: %v", maybe, got[maybe])
		}
	}
	has["pi2"] = []string{"/dev/dri"} // it was pulled out
	newMeter(s).apps(t.Context(), s.view.nodes)
	if why := fits()["pi2"]; !slices.Equal(why, []string{"no device /dev/ttyUSB77"}) {
		t.Errorf("pi2 without its stick: %v", why)
	}
}
