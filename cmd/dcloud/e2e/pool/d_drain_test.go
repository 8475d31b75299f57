package pool

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestADrainMovesWhatCanMoveAndNamesWhatCannot(t *testing.T) {
	want := []string{atPi, files, "data"}
	if len(running(t, pi, "whoami")) > 0 { // it may have none since the power cuts
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
	awaitNodes(t, server, HealTime, map[string]string{"server": agent.NodeReady, "pi": agent.NodeDraining, "vps": agent.NodeReady})
	if list := running(t, pi, "whoami"); len(list) > 0 {
		t.Errorf("pi still runs %q", list)
	}
	Await(t, "three copies run elsewhere", HealTime, func() error {
		if app := server.App(t, "whoami").App; app.Running != 3 {
			return fmt.Errorf("%+v", app)
		}
		return nil
	})
	plan := Decode[agent.Plan](t, server.Must(t, "app", "install", "whoami", "--name", "other", "--plan", "--json"))
	for _, f := range plan.Nodes {
		if f.Fits == (f.Name == "pi") {
			t.Errorf("while pi is drained the plan says %+v", f)
		}
	}
	server.Must(t, "node", "undrain", "pi")
	awaitNodes(t, server, HealTime, allReady)
	awaitApps(t)
}

func TestAMachineWithDataIsNotRemovedUnlessItIsGivenUp(t *testing.T) {
	server.Refused(t, 4, []string{files, "--abandon"}, "node", "remove", "pi", "--yes")
	awaitNodes(t, server, HealTime, allReady)
	awaitApps(t)
	server.Refused(t, 3, []string{"nosuch"}, "node", "remove", "nosuch", "--yes")
}
