package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Nodes lists the machines of the cloud, by name.
func (s *Service) Nodes(context.Context) ([]agent.Node, error) {
	out := []agent.Node{}
	s.view.read(func() {
		seen := s.seen()
		for _, m := range s.view.members {
			out = append(out, s.nodeRow(m, seen))
		}
		for _, n := range s.view.nodes {
			// Before this server has listed itself, and machines that came in past us.
			if !slices.ContainsFunc(out, func(o agent.Node) bool { return o.Name == n.Name }) {
				row := agent.Node{Name: n.Name, ID: n.ID, Address: n.Address, Role: pool.RoleWorker, Self: n.Name == s.Node}
				if row.Self {
					row.Role = pool.RoleServer
				}
				row.State, row.Reason = nomadState(n)
				fillNode(&row, n)
				row.Apps = s.appsOn(n.Name)
				row.Load = s.uses.loadOf(n.Name, s.Now())
				out = append(out, row)
			}
		}
	})
	slices.SortFunc(out, func(a, b agent.Node) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// seen is what the gossip sees, by ID of the machine.
func (s *Service) seen() map[string]pool.Seen {
	out := map[string]pool.Seen{}
	if s.Members.Seen == nil {
		return out
	}
	for _, m := range s.Members.Seen() {
		out[m.Facts.ID] = m
	}
	return out
}

// nodeRow is called under the view's lock.
func (s *Service) nodeRow(m *nodeRecord, seen map[string]pool.Seen) agent.Node {
	row := agent.Node{Name: m.Name, ID: m.ID, Role: m.Role, Arch: m.Arch, Address: m.Address.String(), Self: m.Name == s.Node}
	n := s.nomadNode(m.Name)
	gossip, talks := seen[m.ID]
	if n != nil {
		fillNode(&row, n)
	}
	if talks {
		row.Version = gossip.Facts.Version
		row.Arch = cmp.Or(row.Arch, gossip.Facts.Arch)
		row.Memory = cmp.Or(row.Memory, gossip.Facts.MemoryMB)
	}
	if row.Self {
		row.Version = s.Version
	}
	if m.Op != nil {
		row.Op = m.Op.ID
	}
	row.Apps = s.appsOn(m.Name)
	var told *pool.Seen
	if talks && !row.Self {
		told = &gossip
	}
	row.State, row.Reason = nodeState(m, n, told, s.Now())
	if n != nil && n.Status == nomad.NodeStatusReady { // else it is away, and what it told last is past
		row.Load = s.uses.loadOf(m.Name, s.Now())
	}
	return row
}

// nomadNode is Nomad's machine of a name: of several, the one that works, since one
// that was set up anew leaves its old self behind for a while. Called under the
// view's lock.
func (s *Service) nomadNode(name string) *nomad.NodeListStub {
	var best *nomad.NodeListStub
	for _, n := range s.view.nodes {
		if n.Name == name && (best == nil || best.Status != nomad.NodeStatusReady && (n.Status == nomad.NodeStatusReady || n.ModifyIndex > best.ModifyIndex)) {
			best = n
		}
	}
	return best
}

func fillNode(row *agent.Node, n *nomad.NodeListStub) {
	row.Arch = cmp.Or(n.Attributes["cpu.arch"], row.Arch)
	if n.NodeResources != nil {
		row.CPU, row.Memory = int(n.NodeResources.Cpu.CpuShares), int(n.NodeResources.Memory.MemoryMB)
	}
}

// appsOn counts the apps of which something runs on a machine. Called under the
// view's lock.
func (s *Service) appsOn(name string) int {
	apps := 0
	for _, list := range s.view.allocs {
		if slices.ContainsFunc(list, func(a *nomad.AllocationListStub) bool {
			return a.NodeName == name && a.ClientStatus == nomad.AllocClientStatusRunning
		}) {
			apps++
		}
	}
	return apps
}

// nodeState is a member's state and, where it is not ready, why. n is Nomad's word
// on it, seen the gossip's; nil for none.
func nodeState(m *nodeRecord, n *nomad.NodeListStub, seen *pool.Seen, now time.Time) (state, reason string) {
	away := seen != nil && seen.State != pool.Alive
	switch {
	case m.Removing && m.Joining:
		return agent.NodeLeft, "it did not come to join, and is taken back"
	case m.Removing:
		return agent.NodeLeft, "it is being removed"
	case m.Joining:
		return agent.NodeJoining, fmt.Sprintf("it was admitted %s ago and has not told yet that it works", ago(now.Sub(m.Since)))
	case away && seen.State == pool.Left:
		return agent.NodeDown, "its agent said goodbye " + ago(now.Sub(seen.Since)) + " ago"
	case away:
		return agent.NodeDown, "nobody has reached it for " + ago(now.Sub(seen.Since))
	case n == nil:
		return agent.NodeDown, "Nomad does not know it"
	}
	state, reason = nomadState(n)
	if m.Op != nil && m.Op.Kind == opRemoveNode && state == agent.NodeReady {
		return agent.NodeDraining, "it is about to be removed"
	}
	if state == agent.NodeReady && seen != nil && len(seen.Facts.Engines) > 0 {
		var ill []string
		for name, how := range seen.Facts.Engines {
			ill = append(ill, name+" is "+how)
		}
		slices.Sort(ill)
		return state, strings.Join(ill, ", ")
	}
	return state, reason
}

// nomadState is a machine's state as Nomad has it.
func nomadState(n *nomad.NodeListStub) (state, reason string) {
	switch {
	case n.Status == nomad.NodeStatusInit:
		return agent.NodeJoining, "Nomad is making its acquaintance"
	case n.Status == nomad.NodeStatusDisconnected:
		return agent.NodeDown, "Nomad has lost the connection to it"
	case n.Status != nomad.NodeStatusReady:
		return agent.NodeDown, "Nomad does not hear from it"
	case n.Drain:
		return agent.NodeDraining, "its apps move elsewhere"
	case n.SchedulingEligibility == nomad.NodeSchedulingIneligible:
		return agent.NodeDraining, "it is drained: dcloud node undrain " + n.Name + " opens it again"
	}
	if d, known := n.Drivers["docker"]; known && (d == nil || !d.Healthy) {
		return agent.NodeDown, "it cannot reach Docker"
	}
	return agent.NodeReady, ""
}

// ago is a duration as people say it.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return "a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Status tells how the cloud is.
func (s *Service) Status(context.Context) (agent.Status, error) {
	st := agent.Status{
		Domain: s.Pool.Domain, Panel: s.Panel, HTTPPort: s.Pool.HTTPPort, HTTPSPort: s.Pool.HTTPSPort, Version: s.Version,
		Engines: s.Engines(),
	}
	s.view.read(func() {
		st.Ready = s.view.ready["intents"] && s.view.ready["nodes"] && len(s.view.nodes) > 0
		st.Nodes, st.Apps = max(len(s.view.members), 1), len(s.view.intents)
		if len(s.view.nodes) == 0 {
			st.Nodes = len(s.view.members)
		}
	})
	for _, e := range st.Engines {
		st.Ready = st.Ready && e.State == agent.EngineReady
	}
	return st, nil
}

// AwaitReady waits until a machine can run apps.
func (s *Service) AwaitReady(ctx context.Context) error {
	err := s.view.await(ctx, func() (bool, error) {
		for _, n := range s.view.nodes {
			if n.Status == nomad.NodeStatusReady && s.view.ready["intents"] {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("wait for a machine that can run apps: %w", err)
	}
	return nil
}
