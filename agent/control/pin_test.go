package control

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

func TestAnAppIsPinnedByItsSettingAndUntilThenByItsInstall(t *testing.T) {
	whoami := embedded(t, "whoami")
	s := storeOf(t, nil, fiveMachines()...)
	for _, c := range []struct {
		installed string
		settings  map[string]string
		want      string
	}{
		{"", nil, ""},
		{"pi1", nil, "pi1"},
		{"", map[string]string{"node": "pi2"}, "pi2"},
		{"pi1", map[string]string{"node": "pi2"}, "pi2"},
		{"pi1", map[string]string{"node": "any"}, ""},
		{"pi1", map[string]string{"node": ""}, ""},
	} {
		i := &Intent{Name: "x", Entry: "whoami", Node: c.installed, Manifest: string(whoami.Text), Settings: c.settings}
		in, err := s.input(i, whoami)
		if err != nil || in.Intent.Node != c.want {
			t.Errorf("%+v: the job is built for %q (%v)", c, in.Intent.Node, err)
		}
		if got := pinnedTo(i); got != c.want {
			t.Errorf("%+v: it is said to be pinned to %q", c, got)
		}
		shown := s.nodeSetting(whoami, i)
		if len(shown) != 1 || shown[0].Value != orAny(c.want) || shown[0].Default != "any" || !slices.Contains(shown[0].Choices, shown[0].Value) {
			t.Errorf("%+v: shown as %+v", c, shown)
		}
	}
}

func orAny(node string) string {
	if node == "" {
		return "any"
	}
	return node
}

func TestAPinThatIsTakenBackPinsNowhere(t *testing.T) {
	whoami := embedded(t, "whoami")
	i := &Intent{Name: "x", Entry: "whoami", Node: "pi1", Manifest: string(whoami.Text)}
	set := unpinned(whoami, map[string]string{"node": agent.Unset})
	var err error
	if i.Settings, _, err = mergeSettings(whoami, i.Settings, set, nil); err != nil {
		t.Fatal(err)
	}
	if got := pinnedTo(i); got != "" {
		t.Errorf("it is pinned to %q", got)
	}
}

func TestAPinIsOnlyOfferedWhereThereIsSomethingToChoose(t *testing.T) {
	whoami, static := embedded(t, "whoami"), embedded(t, "static")
	several, alone := storeOf(t, nil, fiveMachines()...), storeOf(t, nil, nomadNode("pi1", nil))
	if shown := alone.nodeSetting(whoami, &Intent{Manifest: string(whoami.Text)}); shown != nil {
		t.Errorf("on a machine that is alone: %+v", shown)
	}
	if shown := several.nodeSetting(static, &Intent{Manifest: string(static.Text)}); shown != nil {
		t.Errorf("of an app with data, which does not move: %+v", shown)
	}
	gone := several.nodeSetting(whoami, &Intent{Node: "removed", Manifest: string(whoami.Text)})
	if len(gone) != 1 || gone[0].Value != "removed" || !slices.Contains(gone[0].Choices, "removed") {
		t.Errorf("pinned to a machine that was removed: %+v", gone)
	}
}

func TestAnEntrysOwnSettingNamedNodeStaysItsOwn(t *testing.T) {
	entry, problems := catalog.Parse("app.hcl", []byte(`app "x" {
  setting "node" { title = "Node" }
  service "web" {
    image = "docker.io/x/x:1"
    env   = { NODE = setting.node }
  }
}`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	i := &Intent{Name: "x", Entry: "x", Node: "pi1", Manifest: string(entry.Text), Settings: map[string]string{"node": "red"}}
	s := storeOf(t, nil, fiveMachines()...)
	in, err := s.input(i, entry)
	if err != nil || in.Intent.Node != "pi1" || pinnedTo(i) != "pi1" || s.nodeSetting(entry, i) != nil {
		t.Errorf("the entry's own setting pins the app: %q %q (%v)", in.Intent.Node, pinnedTo(i), err)
	}
	if set := unpinned(entry, map[string]string{"node": agent.Unset}); set["node"] != agent.Unset {
		t.Errorf("the entry's own setting is not taken back but set to %q", set["node"])
	}
}

func TestAPinWhereTheAppCannotRunIsRefusedBeforeAnythingIsTouched(t *testing.T) {
	whoami := embedded(t, "whoami")
	s := storeOf(t, nil, fiveMachines()...)
	s.view.set("allocs", func() { s.view.allocs = map[string][]*nomad.AllocationListStub{} })
	for node, want := range map[string]string{
		"pi2": "", "any": "", "away": "which is down", "nowhere": `no machine called "nowhere"`,
	} {
		i := &Intent{Name: "x", Entry: "whoami", Manifest: string(whoami.Text), Desired: desiredRunning, Settings: map[string]string{"node": node}}
		err := s.canMove(t.Context(), whoami, i, "")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || agent.AsError(err).Hint == "") {
			t.Errorf("%s: %v, want %q", node, err, want)
		}
		i.Desired = desiredStopped // it is asked when it starts
		if err := s.canMove(t.Context(), whoami, i, ""); err != nil {
			t.Errorf("%s, stopped: %v", node, err)
		}
	}
}

func TestAnAppThatIsPinnedToAMachineThatWasRemovedSaysSo(t *testing.T) {
	whoami := embedded(t, "whoami")
	s := storeOf(t, nil, fiveMachines()...)
	for pin, want := range map[string]string{
		"removed": "it was asked to run on removed, which is no longer here", "away": "it was asked to run on away, which is down", "pi1": "", "": "",
	} {
		text, err := json.Marshal(Intent{Name: "x", Desired: desiredRunning, Entry: "whoami", Manifest: string(whoami.Text), Node: "pi2", Settings: map[string]string{"node": cmp.Or(pin, anyNode)}})
		check(t, err)
		i, err := decodeIntent(&consul.KVPair{Key: prefixApps + "x", Value: text})
		check(t, err)
		if got := s.absent(i); got != want {
			t.Errorf("%q: %q, want %q", pin, got, want)
		}
	}
}
