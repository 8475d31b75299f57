package control

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// nomadNode is a machine of 4000 MHz and 1000 MB that is ready; change makes it another.
func nomadNode(name string, change func(*nomad.NodeListStub)) *nomad.NodeListStub {
	n := &nomad.NodeListStub{
		ID: "id-of-" + name, Name: name, Status: nomad.NodeStatusReady, SchedulingEligibility: nomad.NodeSchedulingEligible,
		Drivers:       map[string]*nomad.DriverInfo{"docker": {Detected: true, Healthy: true}},
		Attributes:    map[string]string{"cpu.arch": "arm64", "unique.storage.bytesfree": "9000000000"},
		NodeResources: &nomad.NodeResources{Cpu: nomad.NodeCpuResources{CpuShares: 4000}, Memory: nomad.NodeMemoryResources{MemoryMB: 1000}},
	}
	if change != nil {
		change(n)
	}
	return n
}

func machinesOf(nodes ...*nomad.NodeListStub) []machine {
	var out []machine
	for _, n := range nodes {
		m := machine{node: n, away: awayWord(n)}
		if n.NodeResources != nil {
			m.facts = factsOf(n, nil, "")
		}
		out = append(out, m)
	}
	return out
}

func memory(mb int64) func(*nomad.NodeListStub) {
	return func(n *nomad.NodeListStub) {
		r := *n.NodeResources
		r.Memory.MemoryMB = mb
		n.NodeResources = &r
	}
}

func entryWith(change func(*catalog.App)) jobs.Input {
	entry := &catalog.App{Name: "notes", Services: []catalog.Service{{Name: "web", Resources: catalog.Resources{CPU: 100, Memory: 500}}}}
	if change != nil {
		change(entry)
	}
	return jobs.Input{Entry: entry, Intent: jobs.Intent{Name: "notes"}}
}

func withData(a *catalog.App) {
	a.Services[0].Volumes = []catalog.Volume{{Name: "data", Path: "/data"}}
}

// told writes what is told of each machine.
func told(p placement) string {
	var out []string
	for _, f := range p.fits {
		text := f.Name + ": " + strings.Join(f.Why, ", ")
		if f.Fits {
			text = f.Name + " fits"
		}
		if f.Chosen {
			text += ", chosen"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestOfEveryMachineItIsSaidWhetherAnAppFitsAndWhyNot(t *testing.T) {
	all := machinesOf(
		nomadNode("desk", nil),
		nomadNode("drained", func(n *nomad.NodeListStub) { n.SchedulingEligibility = nomad.NodeSchedulingIneligible }),
		nomadNode("draining", func(n *nomad.NodeListStub) { n.Drain, n.SchedulingEligibility = true, nomad.NodeSchedulingIneligible }),
		nomadNode("gone", func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDown }),
		nomadNode("new", func(n *nomad.NodeListStub) { n.Status, n.NodeResources = nomad.NodeStatusInit, nil }),
		nomadNode("old", func(n *nomad.NodeListStub) { n.Drivers = nil }),
		nomadNode("pi1", memory(200)),
		nomadNode("vps1", func(n *nomad.NodeListStub) { n.Attributes = map[string]string{"cpu.arch": "amd64"} }),
	)
	in := entryWith(func(a *catalog.App) { a.Architectures = []string{"arm64"} })
	p, err := choose(in, all, nil, "")
	want := "desk fits, chosen; drained: drained; draining: draining; gone: down; new: joining; old: without Docker; " +
		"pi1: 200 MB of memory, and 500 MB are needed; vps1: no build for amd64"
	if err != nil || told(p) != want || p.node.Name != "desk" || p.names() != "desk" {
		t.Errorf("%s, %v\nwant %s", told(p), err, want)
	}
}

func TestAnAppWithDataGoesWhereThereIsMostRoomAndThenStays(t *testing.T) {
	machines := machinesOf(nomadNode("pi1", nil), nomadNode("pi2", memory(3000)), nomadNode("pi3", memory(2000)))
	p, err := choose(entryWith(withData), machines, nil, "")
	if err != nil || told(p) != "pi1 fits; pi2 fits, chosen; pi3 fits" || p.names() != "pi2" {
		t.Errorf("new: %s, %v", told(p), err)
	}
	p, err = choose(entryWith(withData), machines, []string{"id-of-pi1"}, "")
	if err != nil || told(p) != "pi1 fits, chosen; pi2: its data is on pi1; pi3: its data is on pi1" {
		t.Errorf("with data: %s, %v", told(p), err)
	}
	// One without is left to Nomad, which spreads.
	p, err = choose(entryWith(nil), machines, nil, "")
	if err != nil || told(p) != "pi1 fits; pi2 fits; pi3 fits" || p.names() != "pi1, pi2, pi3" {
		t.Errorf("without data: %s, %v", told(p), err)
	}
	device := entryWith(func(a *catalog.App) { a.Services[0].Devices = []string{"/dev/dri"} })
	machines[1].facts.Devices = []string{} // this machine, that can be looked at
	p, err = choose(device, machines, nil, "id-of-pi1")
	if err != nil || told(p) != "pi1 fits, chosen; pi2: no device /dev/dri; pi3 fits" {
		t.Errorf("with a device: %s, %v", told(p), err)
	}
}

func TestWhereAnAppFitsNowhereItIsSaidWhyInWords(t *testing.T) {
	down := func(n *nomad.NodeListStub) { n.Status = "disconnected" }
	pin := func(node string, change func(*catalog.App)) jobs.Input {
		in := entryWith(change)
		in.Intent.Node = node
		return in
	}
	for name, c := range map[string]struct {
		in      jobs.Input
		pool    []machine
		homes   []string
		code    string
		want    string
		hint    string
		shown   bool // in a plan
		retried bool
	}{
		"no room anywhere": {in: entryWith(nil), pool: machinesOf(nomadNode("pi1", memory(100)), nomadNode("vps1", memory(50))), code: agent.CodeFailed, shown: true,
			want: "notes fits on no machine: pi1: 100 MB of memory, and 500 MB are needed; vps1: 50 MB of memory, and 500 MB are needed", hint: "make room"},
		"its data is away": {in: entryWith(withData), pool: machinesOf(nomadNode("pi1", down), nomadNode("vps1", nil)), homes: []string{"id-of-pi1"}, code: agent.CodeFailed, shown: true,
			want: "notes cannot run: its data is on pi1, which is down", hint: "comes back"},
		"its data is lost": {in: entryWith(withData), pool: machinesOf(nomadNode("vps1", nil)), homes: []string{"id-of-pi1"}, code: agent.CodeFailed, shown: true,
			want: "notes cannot run: its data is on a machine that is no longer here", hint: "node list"},
		"asked for where its data is not": {in: pin("vps1", withData), pool: machinesOf(nomadNode("pi1", nil), nomadNode("vps1", nil)), homes: []string{"id-of-pi1"}, code: agent.CodeFailed, shown: true,
			want: "notes cannot run on vps1: its data is on pi1", hint: "--name"},
		"an unknown machine": {in: pin("pi9", nil), pool: machinesOf(nomadNode("pi1", nil), nomadNode("vps1", nil)), code: agent.CodeNotFound,
			want: `there is no machine called "pi9"`, hint: "there is: pi1, vps1"},
		"asked for where there is no room": {in: pin("pi1", nil), pool: machinesOf(nomadNode("pi1", memory(100)), nomadNode("vps1", nil)), code: agent.CodeFailed, shown: true,
			want: "notes does not fit on pi1: 100 MB of memory, and 500 MB are needed", hint: "--plan"},
		"asked for on a machine that is down": {in: pin("pi1", nil), pool: machinesOf(nomadNode("pi1", down), nomadNode("vps1", nil)), code: agent.CodeFailed, shown: true,
			want: "notes cannot run: it was asked to run on pi1, which is down", hint: "node list"},
		"all are starting": {in: entryWith(nil), pool: machinesOf(nomadNode("pi1", down)), code: agent.CodeUnavailable, shown: true, retried: true,
			want: "no machine is ready to run apps: pi1: down", hint: "doctor"},
		"none is known": {in: entryWith(nil), code: agent.CodeUnavailable, retried: true, want: "no machine is ready to run apps", hint: "doctor"},
	} {
		p, err := choose(c.in, c.pool, c.homes, "")
		e := agent.AsError(err)
		var own *appError
		if e == nil || e.Code != c.code || e.Message != c.want || !strings.Contains(e.Hint, c.hint) || errors.As(err, &own) == c.retried {
			t.Errorf("%s: %+v", name, e)
		}
		if shown := len(p.fits) > 0; shown != c.shown || p.node != nil {
			t.Errorf("%s: %s", name, told(p))
		}
	}
}

func TestTheNumberOfCopiesIsASettingOfEveryAppThatSharesNothing(t *testing.T) {
	plain := entryWith(nil).Entry
	for text, c := range map[string]struct {
		n       int
		problem string
	}{
		"1": {1, ""}, "3": {3, ""}, "20": {20, ""}, "": {1, ""},
		"0": {1, "whole number"}, "21": {1, "whole number"}, "-1": {1, "whole number"}, "three": {1, "whole number"}, "2.5": {1, "whole number"},
		strings.Repeat("9", 400): {1, "whole number"},
	} {
		given := map[string]string{"replicas": text, "x": "y"}
		n, rest, problem := takeReplicas(plain, given)
		if n != c.n || !strings.Contains(problem, c.problem) || c.problem == "" && problem != "" || !maps.Equal(rest, map[string]string{"x": "y"}) || given["replicas"] != text {
			t.Errorf("%.20q: %d, %v, %q", text, n, rest, problem)
		}
	}
	kept := entryWith(withData).Entry
	if n, _, problem := takeReplicas(kept, map[string]string{"replicas": "2"}); n != 1 || problem != "notes keeps data; copies of it would not share it" {
		t.Errorf("with data: %d, %q", n, problem)
	}
	if n, _, problem := takeReplicas(kept, map[string]string{"replicas": "1"}); n != 1 || problem != "" {
		t.Errorf("one with data: %d, %q", n, problem)
	}
	own := entryWith(func(a *catalog.App) { a.Settings = []catalog.Setting{{Name: "replicas", Type: "string"}} }).Entry
	if n, rest, problem := takeReplicas(own, map[string]string{"replicas": "many"}); n != 1 || problem != "" || rest["replicas"] != "many" {
		t.Errorf("an entry's own: %d, %v, %q", n, rest, problem)
	}
	for entry, want := range map[*catalog.App]string{plain: "[replicas=3]", kept: "[]", own: "[]"} {
		var got []string
		for _, c := range replicasSetting(entry, map[string]string{"replicas": "3"}) {
			got = append(got, c.Name+"="+c.Value)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("shown %v, want %s", got, want)
		}
	}
}

func TestTheMachinesOfAnAppAreThoseItsContainersCanBeOn(t *testing.T) {
	v := newView()
	v.nodes = nodesCalled("here", "pi1", "pi2")
	v.nodes = append(v.nodes, nomadNode("pi3", func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDown }), nomadNode("pi4", func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDown }))
	alloc := func(node, desired string) *nomad.AllocationListStub {
		return &nomad.AllocationListStub{NodeName: node, DesiredStatus: desired}
	}
	run, stop := nomad.AllocDesiredStatusRun, nomad.AllocDesiredStatusStop
	v.allocs = map[string][]*nomad.AllocationListStub{
		"a": {alloc("pi2", run), alloc("here", run), alloc("pi1", stop), alloc("pi2", stop), alloc("pi3", run), alloc("pi4", stop)},
		"b": {alloc("pi1", run)},
	}
	there, gone := v.placesOf("a", "here")
	if !slices.Equal(there, []string{"pi1", "pi2"}) || !slices.Equal(gone, []string{"pi3"}) {
		t.Errorf("%v, away %v", there, gone)
	}
}

func nodesCalled(names ...string) (nodes []*nomad.NodeListStub) {
	for _, name := range names {
		nodes = append(nodes, nomadNode(name, nil))
	}
	return nodes
}
