package pool

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestADrainMovesWhatCanMoveAndNamesWhatCannot(t *testing.T) {
	// Since the power cuts it may have no copy of whoami; where they are is settled once
	// no machine runs one too many.
	awaitApp(t, "three copies run, and no more", "whoami", func(a agent.AppDetail) error {
		var at []string
		for _, m := range []*Machine{pi, server, vps} {
			for range running(t, m, "whoami") {
				at = append(at, m.Name)
			}
		}
		if err := copies(3)(a); err != nil || len(at) != 3 || !slices.Equal(slices.Compact(at), homesOf(a.App)) {
			return fmt.Errorf("containers on %v, copies on %s (%v)", at, a.Node, err)
		}
		return nil
	})
	want := []string{atPi, files, "data"}
	if slices.Contains(homesOf(server.App(t, "whoami").App), "pi") {
		want = append(want, "whoami")
	}
	a := server.Dcloud(t, "node", "drain", "pi")
	if a.Code != 0 {
		t.Fatalf("%+v", a)
	}
	for _, words := range want {
		if !strings.Contains(a.Stderr, words) {
			t.Errorf("draining does not speak of %q:\n%s", words, a.Stderr)
		}
	}
	awaitNodes(t, server, map[string]string{"server": agent.NodeReady, "pi": agent.NodeDraining, "vps": agent.NodeReady})
	if list := running(t, pi, "whoami"); len(list) > 0 {
		t.Errorf("pi still runs %q", list)
	}
	awaitApp(t, "three copies run elsewhere", "whoami", copies(3, "server", "vps"))
	awaitFit(t, []string{"server", "vps"})
	server.Must(t, "node", "undrain", "pi")
	awaitNodes(t, server, allReady)
	awaitApps(t)
}

func TestAMachineWithDataIsNotRemovedUnlessItIsGivenUp(t *testing.T) {
	server.Refused(t, 4, []string{files, "--abandon"}, "node", "remove", "pi", "--yes")
	awaitNodes(t, server, allReady)
	awaitApps(t)
	server.Refused(t, 3, []string{"nosuch"}, "node", "remove", "nosuch", "--yes")
}
