package control

import (
	"strings"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func runningAlloc(tasks map[string]*nomad.TaskState) *nomad.AllocationListStub {
	return &nomad.AllocationListStub{ID: "a", ClientStatus: nomad.AllocClientStatusRunning, TaskStates: tasks}
}

func TestAnAppsStateSaysWhatItsOwnerWouldSee(t *testing.T) {
	old, young := noon.Add(-time.Hour), noon.Add(-time.Second)
	up := map[string]*nomad.TaskState{"web": {State: "running", StartedAt: old}}
	bad := consul.HealthChecks{{ServiceName: "web", Status: consul.HealthCritical}}
	for name, c := range map[string]struct {
		intent *Intent
		alloc  *nomad.AllocationListStub
		checks consul.HealthChecks
		state  string
		reason string
	}{
		"an install under way":                {intent: &Intent{Desired: desiredRunning, Op: &Op{Kind: opInstall}}, alloc: runningAlloc(up), state: agent.StateInstalling},
		"stopped":                             {intent: &Intent{Desired: desiredStopped}, alloc: runningAlloc(up), state: agent.StateStopped},
		"being removed":                       {intent: &Intent{Desired: desiredRemoved, Op: &Op{Kind: opRemove}}, state: agent.StateStopped, reason: "removed"},
		"up":                                  {intent: &Intent{Desired: desiredRunning}, alloc: runningAlloc(up), state: agent.StateRunning},
		"up after a failure":                  {intent: &Intent{Desired: desiredRunning, Failure: &Failure{Message: "once"}}, alloc: runningAlloc(up), state: agent.StateRunning},
		"failed and gone":                     {intent: &Intent{Desired: desiredRunning, Failure: &Failure{Message: "no room"}}, state: agent.StateFailed, reason: "no room"},
		"nowhere":                             {intent: &Intent{Desired: desiredRunning}, state: agent.StateDegraded, reason: "no machine"},
		"an allocation that failed":           {intent: &Intent{Desired: desiredRunning}, alloc: &nomad.AllocationListStub{ClientStatus: nomad.AllocClientStatusFailed}, state: agent.StateFailed, reason: "no reason given"},
		"pending":                             {intent: &Intent{Desired: desiredRunning}, alloc: &nomad.AllocationListStub{ClientStatus: nomad.AllocClientStatusPending}, state: agent.StateDegraded, reason: "starting"},
		"a task that waits":                   {intent: &Intent{Desired: desiredRunning}, alloc: runningAlloc(map[string]*nomad.TaskState{"db": {State: "pending"}}), state: agent.StateDegraded, reason: "db is starting"},
		"a task that crashed":                 {intent: &Intent{Desired: desiredRunning}, alloc: runningAlloc(map[string]*nomad.TaskState{"db": {State: "dead", Failed: true, StartedAt: old}}), state: agent.StateDegraded, reason: "db ended"},
		"a task that ran before, and is done": {intent: &Intent{Desired: desiredRunning}, alloc: runningAlloc(map[string]*nomad.TaskState{"wait": {State: "dead", StartedAt: old}, "web": up["web"]}), state: agent.StateRunning},
		"a failed check of an old task":       {intent: &Intent{Desired: desiredRunning}, alloc: runningAlloc(up), checks: bad, state: agent.StateDegraded, reason: "web does not answer"},
		"a failed check of a task that just started": {intent: &Intent{Desired: desiredRunning},
			alloc: runningAlloc(map[string]*nomad.TaskState{"web": {State: "running", StartedAt: young}}), checks: bad, state: agent.StateRunning},
	} {
		t.Run(name, func(t *testing.T) {
			var copies []instance
			if c.alloc != nil {
				copies = append(copies, look(c.alloc, c.checks, noon))
			}
			state, reason := condition(c.intent, copies, "")
			if state != c.state || !strings.Contains(reason, c.reason) || c.reason == "" && reason != "" {
				t.Errorf("%s (%s), want %s (%s)", state, reason, c.state, c.reason)
			}
		})
	}
}

func TestOfSeveralCopiesTheStateSaysHowManyRun(t *testing.T) {
	up := instance{state: agent.StateRunning, up: true, begun: true}
	starting := instance{state: agent.StateDegraded, reason: "it is starting"}
	crashed := instance{state: agent.StateDegraded, reason: "web ended: 1", begun: true}
	ill := instance{state: agent.StateDegraded, reason: "web does not answer well", up: true, begun: true, node: "pi2"}
	for name, c := range map[string]struct {
		copies []instance
		away   string
		state  string
		reason string
	}{
		"all up":                   {[]instance{up, up, up}, "", agent.StateRunning, ""},
		"one starts":               {[]instance{up, starting, up}, "", agent.StateDegraded, "2 of 3 copies run"},
		"one lost and not yet new": {[]instance{up, up}, "", agent.StateDegraded, "2 of 3 copies run"},
		"one more while changing":  {[]instance{up, up, starting, up}, "", agent.StateRunning, ""},
		"none up":                  {[]instance{crashed, crashed, crashed}, "", agent.StateDegraded, "web ended: 1"},
		"none there":               {nil, "", agent.StateDegraded, "no machine runs it at the moment"},
		"none can":                 {nil, "it was asked to run on pi1, which is down", agent.StateDegraded, "it was asked to run on pi1, which is down"},
		"one does not answer":      {[]instance{up, ill, up}, "", agent.StateDegraded, "web does not answer well on pi2"},
	} {
		i := &Intent{Desired: desiredRunning, copies: 3}
		if state, reason := condition(i, c.copies, c.away); state != c.state || reason != c.reason {
			t.Errorf("%s: %s (%s), want %s (%s)", name, state, reason, c.state, c.reason)
		}
	}
}

func TestAnAppWhoseDataIsAwayWaitsForItAndSaysSo(t *testing.T) {
	home := nomadNode("pi1", func(n *nomad.NodeListStub) { n.Status = "disconnected" })
	s := &Service{view: newView(), Deps: Deps{Now: func() time.Time { return noon }}}
	s.view.nodes = []*nomad.NodeListStub{home, nomadNode("vps1", nil)}
	s.view.volumes = map[string]string{"notes_web_data": home.ID, "notes-2_web_data": "gone"}
	up := map[string]*nomad.TaskState{"web": {State: "running", StartedAt: noon.Add(-time.Hour)}} // what it told last
	s.view.allocs = map[string][]*nomad.AllocationListStub{"notes": {{
		ID: "a", NodeID: home.ID, NodeName: "pi1", ClientStatus: nomad.AllocClientStatusUnknown, DesiredStatus: nomad.AllocDesiredStatusRun, TaskStates: up}}}
	rows := func(i Intent) agent.App { i.Desired = desiredRunning; return s.row(&i) }
	a := rows(Intent{Name: "notes", Failure: &Failure{Message: "it could not be restarted"}})
	if a.State != agent.StateDegraded || a.Reason != "its data is on pi1, which is down" || a.Running != 0 || a.Replicas != 1 || a.Node != "pi1" {
		t.Errorf("%+v", a)
	}
	if a := rows(Intent{Name: "notes-2"}); a.Reason != "its data is on a machine that is no longer here" {
		t.Errorf("%+v", a)
	}
	if a := rows(Intent{Name: "web", pin: "pi1"}); a.Reason != "it was asked to run on pi1, which is down" {
		t.Errorf("%+v", a)
	}
	home.Status = nomad.NodeStatusReady
	s.view.allocs["notes"][0].ClientStatus = nomad.AllocClientStatusRunning
	if a := rows(Intent{Name: "notes"}); a.State != agent.StateRunning || a.Reason != "" || a.Running != 1 {
		t.Errorf("back again: %+v", a)
	}
}

func TestTheCurrentAllocationIsTheNewestThatShouldRun(t *testing.T) {
	alloc := func(id string, version, index uint64, desired string) *nomad.AllocationListStub {
		return &nomad.AllocationListStub{ID: id, JobVersion: version, CreateIndex: index, DesiredStatus: desired}
	}
	run, stop := nomad.AllocDesiredStatusRun, nomad.AllocDesiredStatusStop
	list := []*nomad.AllocationListStub{alloc("v1", 1, 10, run), alloc("v2", 2, 30, run), alloc("v2old", 2, 20, run), alloc("gone", 3, 40, stop)}
	for version, want := range map[uint64]string{0: "v2", 2: "v2", 3: ""} {
		got := ""
		if a := current(list, version); a != nil {
			got = a.ID
		}
		if got != want {
			t.Errorf("version %d: %q, want %q", version, got, want)
		}
	}
}

func TestAnAppIsTouchedOnlyWhereItIsNotAsAsked(t *testing.T) {
	const domain, door = "old.example", "http://.old.example"
	i := Intent{Name: "a", Desired: desiredRunning, Hosts: []string{"a.old.example"}}
	same := map[string]jobState{"a": {intent: i.hash(door)}}
	with := func(change func(*Intent)) *Intent { c := i; change(&c); return &c }
	for name, c := range map[string]struct {
		intent *Intent
		jobs   map[string]jobState
		domain string
		door   string
		want   bool
	}{
		"as asked":                  {&i, same, domain, door, false},
		"not comparable":            {&i, nil, domain, door, false},
		"purged by hand":            {&i, map[string]jobState{}, domain, door, true},
		"stopped by hand":           {&i, map[string]jobState{"a": {stopped: true, intent: i.hash(door)}}, domain, door, true},
		"another intent":            {with(func(i *Intent) { i.Restarts++ }), same, domain, door, true},
		"an operation does it":      {with(func(i *Intent) { i.Restarts++; i.Op = &Op{} }), same, domain, door, false},
		"stopped as asked":          {with(func(i *Intent) { i.Desired = desiredStopped }), map[string]jobState{"a": {stopped: true}}, domain, door, false},
		"stopped and no job":        {with(func(i *Intent) { i.Desired = desiredStopped }), map[string]jobState{}, domain, door, false},
		"runs and should not":       {with(func(i *Intent) { i.Desired = desiredStopped }), same, domain, door, true},
		"another domain":            {&i, same, "new.example", "http://.new.example", true},
		"another domain, stopped":   {with(func(i *Intent) { i.Desired = desiredStopped }), map[string]jobState{}, "new.example", door, true},
		"another port of the door":  {&i, same, domain, door + ":8080", true},
		"a domain above the old":    {&i, same, "example", "http://.example", true},
		"somebody else's job alone": {&i, map[string]jobState{"b": {}}, domain, door, true},
	} {
		if got := drifted(c.intent, c.jobs, c.domain, c.door); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAnAppsHostsMoveWithTheDomain(t *testing.T) {
	i := Intent{Hosts: []string{"notes.a.example", "api-notes.a.example"}}
	if got := strings.Join(i.hostsUnder("b.home.arpa"), " "); got != "notes.b.home.arpa api-notes.b.home.arpa" {
		t.Error(got)
	}
}

func TestAnIntentsHashIsOfWhatTheJobDependsOnAndNothingElse(t *testing.T) {
	base := Intent{Name: "a", Entry: "e", Subdomain: "s", Settings: map[string]string{"x": "1", "y": "2"}, Manifest: "m"}
	const door = "http://.d"
	want := base.hash(door)
	for name, change := range map[string]func(*Intent){
		"an operation": func(i *Intent) { i.Op = &Op{ID: "1"} }, "a failure": func(i *Intent) { i.Failure = &Failure{} },
		"the time": func(i *Intent) { i.Updated = noon }, "the actor": func(i *Intent) { i.Actor = "x" },
		"the wish": func(i *Intent) { i.Desired = desiredStopped }, "what was made": func(i *Intent) { i.Made.Secrets = true },
		"the order of settings": func(i *Intent) { i.Settings = map[string]string{"y": "2", "x": "1"} },
	} {
		c := base
		if change(&c); c.hash(door) != want {
			t.Errorf("%s changes it", name)
		}
	}
	for name, change := range map[string]func(*Intent){
		"a setting": func(i *Intent) { i.Settings = map[string]string{"x": "1"} }, "a restart": func(i *Intent) { i.Restarts++ },
		"the manifest": func(i *Intent) { i.Manifest = "n" }, "the access": func(i *Intent) { i.Access = "public" },
		"the node": func(i *Intent) { i.Node = "pi" }, "the subdomain": func(i *Intent) { i.Subdomain = "t" },
	} {
		c := base
		if change(&c); c.hash(door) == want {
			t.Errorf("%s does not change it", name)
		}
	}
	if base.hash("http://.e") == want {
		t.Error("the domain does not change it")
	}
	// A newer dcloud that hashes otherwise would restart every app.
	if got := base.hash(door); got != goldenHash {
		t.Errorf("the hash of this intent was %s and is %s", goldenHash, got)
	}
}

const goldenHash = "a69d4e0e41050806dba54ea82b1d9b21"
