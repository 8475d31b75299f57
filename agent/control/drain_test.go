package control

import (
	"fmt"
	"strings"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// viewed is a service whose view is the test's to set.
func viewed() *Service {
	s := &Service{view: newView(), events: newBroker(func() time.Time { return someDay })}
	s.view.intents = map[string]*Intent{}
	return s
}

func allocOn(node, status string) *nomad.AllocationListStub {
	return &nomad.AllocationListStub{NodeName: node, ClientStatus: status, DesiredStatus: nomad.AllocDesiredStatusRun, JobType: nomad.JobTypeService}
}

// told are the messages of an operation.
func (s *Service) messages(op string) []string {
	events, _, _ := s.events.after("", 0)
	var out []string
	for _, e := range events {
		if e.Op == op {
			out = append(out, e.Message)
		}
	}
	return out
}

func TestADrainTellsOfEachAppOnceWhereItWentOrThatItStopped(t *testing.T) {
	s := viewed()
	s.view.nodes = []*nomad.NodeListStub{{Name: "pi", Status: nomad.NodeStatusReady}, {Name: "vps", Status: nomad.NodeStatusReady}}
	s.view.intents["web"], s.view.intents["db"] = &Intent{Desired: desiredRunning}, &Intent{Desired: desiredRunning}
	s.view.allocs = map[string][]*nomad.AllocationListStub{
		"web": {allocOn("pi", "running"), allocOn("vps", "running")}, "db": {allocOn("pi", "running")}, "else": {allocOn("vps", "running")},
	}
	w := &leaving{p: &progress{s: s, op: "op", node: "pi"}, name: "pi", moves: []string{"web"}, told: map[string]bool{}}
	look := func(want bool) {
		t.Helper()
		if done, err := w.look(s); done != want || err != nil {
			t.Errorf("done: %v, %v", done, err)
		}
	}
	look(false)
	if got := s.messages("op"); len(got) != 0 {
		t.Errorf("a copy that was elsewhere before is told as moved: %q", got)
	}
	s.view.allocs["db"][0].ClientStatus = "complete"
	look(false)
	s.view.allocs["web"][0].ClientStatus = "complete"
	s.view.allocs["web"] = append(s.view.allocs["web"], allocOn("nas", "pending"))
	look(true)
	s.view.allocs["web"][2].ClientStatus = "running"
	look(true)
	if got := strings.Join(s.messages("op"), "; "); got != "db is stopped; web runs on vps" {
		t.Errorf("told: %s", got)
	}
	if done, _ := w.settled(s); !done {
		t.Error("it is not over")
	}
}

func TestADrainOfAMachineThatGoesAwayMeanwhileEnds(t *testing.T) {
	s := viewed()
	s.view.nodes = []*nomad.NodeListStub{{Name: "pi", Status: nomad.NodeStatusDown}}
	s.view.allocs = map[string][]*nomad.AllocationListStub{"web": {allocOn("pi", "running")}}
	w := &leaving{p: &progress{s: s, op: "op", node: "pi"}, name: "pi", told: map[string]bool{}}
	if done, err := w.look(s); !done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
}

func TestWhoAskedOneServerHearsWhatAnotherMakesOfIt(t *testing.T) {
	s := viewed()
	open := map[string]*nodeRecord{}
	of := func(edit func(*nodeRecord)) []*nodeRecord {
		n := memberAt("a", "pi", "10.0.0.1")
		edit(n)
		return []*nodeRecord{n}
	}
	op := func(id, kind string) *nodeOp { return &nodeOp{ID: id, Kind: kind} }
	s.echo(open, of(func(n *nodeRecord) { n.Op = op("1", opDrain) }))
	s.echo(open, of(func(n *nodeRecord) { n.Op = op("2", opUndrain) })) // instead
	s.echo(open, of(func(n *nodeRecord) { n.Last = op("2", opUndrain) }))
	s.echo(open, of(func(n *nodeRecord) { n.Op = op("3", opDrain) }))
	s.echo(open, of(func(n *nodeRecord) {
		n.Last = op("3", opDrain)
		n.Last.Failure = agent.Errorf(agent.CodeFailed, "no")
	}))
	s.carries("4") // this one's own, of which it has told
	s.echo(open, of(func(n *nodeRecord) { n.Op = op("4", opDrain) }))
	s.echo(open, of(func(n *nodeRecord) { n.Last = op("4", opDrain) }))
	s.echo(open, of(func(n *nodeRecord) { n.Op = op("5", opRemoveNode) }))
	s.echo(open, nil)
	events, _, _ := s.events.after("", 0)
	var got []string
	for _, e := range events {
		if !e.Final || e.Node != "pi" {
			t.Errorf("%+v", e)
		}
		got = append(got, fmt.Sprintf("%s %s: %s", e.Op, e.State, e.Message))
	}
	want := "1 failed: drain of pi was called off by a newer change|2 done: undrain of pi is done|3 failed: no|5 done: pi is removed"
	if strings.Join(got, "|") != want || len(open) != 0 {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestTheListMergesWhatTheRecordsNomadAndTheGossipSay(t *testing.T) {
	s := viewed()
	s.Node, s.Version, s.Now = "desk", "v1", func() time.Time { return someDay }
	ready := func(name string) *nomad.NodeListStub {
		return &nomad.NodeListStub{Name: name, ID: "nomad-" + name, Status: nomad.NodeStatusReady, SchedulingEligibility: nomad.NodeSchedulingEligible,
			Attributes:    map[string]string{"cpu.arch": "arm64"},
			NodeResources: &nomad.NodeResources{Cpu: nomad.NodeCpuResources{CpuShares: 4000}, Memory: nomad.NodeMemoryResources{MemoryMB: 900}}}
	}
	old := ready("pi")
	old.Status, old.ModifyIndex = nomad.NodeStatusDown, 99
	s.view.nodes = []*nomad.NodeListStub{ready("desk"), old, ready("pi"), ready("stray")}
	s.view.members = []*nodeRecord{memberAt("a", "pi", "10.0.0.2"), memberAt("b", "desk", "10.0.0.1")}
	s.view.allocs = map[string][]*nomad.AllocationListStub{"web": {allocOn("pi", "running"), allocOn("pi", "running")}, "db": {allocOn("pi", "complete")}}
	s.Members.Seen = func() []pool.Seen {
		return []pool.Seen{{Name: "pi", State: pool.Alive, Facts: pool.Facts{ID: "a", Version: "v2"}}, {State: pool.Gone, Facts: pool.Facts{ID: "b"}}}
	}
	got, err := s.Nodes(t.Context())
	check(t, err)
	want := []agent.Node{
		{Name: "desk", ID: "b", Role: "worker", Arch: "arm64", Address: "10.0.0.1", State: "ready", CPU: 4000, Memory: 900, Version: "v1", Self: true},
		{Name: "pi", ID: "a", Role: "worker", Arch: "arm64", Address: "10.0.0.2", State: "ready", CPU: 4000, Memory: 900, Apps: 1, Version: "v2"},
		{Name: "stray", ID: "nomad-stray", Role: "worker", Arch: "arm64", State: "ready", CPU: 4000, Memory: 900},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
