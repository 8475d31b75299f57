package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// row is called under the view's lock.
func (s *Service) row(i *Intent) agent.App {
	now := s.Now()
	var copies []instance
	a := agent.App{Name: i.Name, Entry: i.Entry, Version: i.Version, Access: i.door, Replicas: max(i.copies, 1),
		Privileged: i.Override != nil && i.Override.Privileged}
	var nodes []string
	for _, alloc := range running(s.view.allocs[i.Name], 0) {
		c := look(alloc, s.view.checks[alloc.ID], now)
		copies = append(copies, c)
		if c.up && a.Running < a.Replicas { // while copies are being replaced there is one more
			a.Running++
		}
		if !slices.Contains(nodes, alloc.NodeName) {
			nodes = append(nodes, alloc.NodeName)
		}
	}
	a.Node = strings.Join(nodes, ", ")
	away := ""
	if a.Running == 0 {
		away = s.absent(i)
	}
	a.State, a.Reason = condition(i, copies, away)
	if len(i.Hosts) > 0 {
		label, _, _ := strings.Cut(i.Hosts[0], ".")
		a.URL = jobs.URL(s.Pool, label)
	}
	return a
}

// absent says that the machine which an app hangs on takes nothing, "" if that is
// not so. It is called under the view's lock.
func (s *Service) absent(i *Intent) string {
	for _, volume := range slices.Sorted(maps.Keys(s.view.volumes)) {
		id := s.view.volumes[volume]
		if !strings.HasPrefix(volume, i.Name+"_") {
			continue
		}
		at := slices.IndexFunc(s.view.nodes, func(n *nomad.NodeListStub) bool { return n.ID == id })
		if at < 0 {
			return "its data is on a machine that is no longer here"
		}
		if n := s.view.nodes[at]; awayWord(n) != "" {
			return fmt.Sprintf("its data is on %s, which is %s", n.Name, awayWord(n))
		}
	}
	if i.pin == "" {
		return ""
	}
	at := slices.IndexFunc(s.view.nodes, func(n *nomad.NodeListStub) bool { return n.Name == i.pin })
	if at < 0 && s.view.ready["nodes"] {
		return fmt.Sprintf("it was asked to run on %s, which is no longer here", i.pin)
	}
	if at < 0 {
		return ""
	}
	if away := awayWord(s.view.nodes[at]); away != "" {
		return fmt.Sprintf("it was asked to run on %s, which is %s", i.pin, away)
	}
	return ""
}

// settling is how long a failed check of a task that has just started counts for
// nothing. The first check of a database comes before it listens, the next only an
// interval later.
const settling = 30 * time.Second

// instance is one copy of an app, as its owner would see it.
type instance struct {
	state, reason string
	up            bool // it runs; what it answers is another matter
	begun         bool // Nomad counts it as running
	node          string
	created       uint64 // grows with time
}

// look judges one allocation that should run.
func look(alloc *nomad.AllocationListStub, checks consul.HealthChecks, now time.Time) instance {
	c := instance{node: alloc.NodeName, created: alloc.CreateIndex, begun: alloc.ClientStatus == nomad.AllocClientStatusRunning}
	is := func(state, reason string) instance {
		c.state, c.reason = state, reason
		return c
	}
	switch {
	case alloc.ClientStatus == nomad.AllocClientStatusFailed:
		return is(agent.StateFailed, lastWord(alloc))
	case alloc.ClientStatus == nomad.AllocClientStatusUnknown:
		return is(agent.StateDegraded, alloc.NodeName+" does not answer")
	case !c.begun:
		return is(agent.StateDegraded, "it is starting")
	}
	settled := true
	for _, task := range slices.Sorted(maps.Keys(alloc.TaskStates)) { // the same reason each time
		t := alloc.TaskStates[task]
		settled = settled && now.Sub(t.StartedAt) > settling
		if t.State == "pending" {
			return is(agent.StateDegraded, task+" is starting")
		}
		if t.State == "dead" && t.Failed {
			return is(agent.StateDegraded, task+" ended: "+lastEnd(t.Events))
		}
	}
	c.up = true
	for _, check := range checks {
		if check.Status != consul.HealthPassing && settled {
			return is(agent.StateDegraded, check.ServiceName+" does not answer well")
		}
	}
	return is(agent.StateRunning, "")
}

// condition is an app's state, and why it is not running. copies are those that
// should run; away is why none can, "" if one could.
func condition(i *Intent, copies []instance, away string) (state, reason string) {
	begun := slices.ContainsFunc(copies, func(c instance) bool { return c.begun })
	switch {
	case i.Op != nil && i.Op.Kind == opInstall:
		return agent.StateInstalling, ""
	case i.Desired == desiredStopped:
		return agent.StateStopped, ""
	case i.Desired == desiredRemoved:
		return agent.StateStopped, "it is being removed"
	case away != "":
		return agent.StateDegraded, away
	case i.Failure != nil && !begun:
		return agent.StateFailed, i.Failure.Message
	case len(copies) == 0:
		return agent.StateDegraded, "no machine runs it at the moment"
	case i.copies <= 1:
		newest := slices.MaxFunc(copies, func(a, b instance) int { return int(a.created) - int(b.created) })
		return newest.state, newest.reason
	}
	up := 0
	bad := instance{state: agent.StateRunning}
	for _, c := range copies {
		if c.up {
			up++
		}
		if c.state != agent.StateRunning && bad.state == agent.StateRunning {
			bad = c
		}
	}
	switch {
	case up == 0:
		return bad.state, bad.reason
	case up < i.copies:
		return agent.StateDegraded, fmt.Sprintf("%d of %d copies run", up, i.copies)
	case bad.up: // a copy too many that is just starting is none of the asked for
		return agent.StateDegraded, bad.reason + " on " + bad.node
	}
	return agent.StateRunning, ""
}
