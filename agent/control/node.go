package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// nodeFacts reads from the view what placing an app depends on. An app's own
// allocations do not count as taken, since they make room when it changes.
func (s *Service) nodeFacts(app string) ([]jobs.NodeFacts, []*nomad.NodeListStub) {
	free := -1
	if n, err := s.DiskFree(); err == nil {
		free = n
	}
	var facts []jobs.NodeFacts
	var nodes []*nomad.NodeListStub
	s.view.read(func() {
		for _, n := range s.view.nodes {
			if n.Status != nomad.NodeStatusReady || n.SchedulingEligibility != nomad.NodeSchedulingEligible || n.NodeResources == nil {
				continue
			}
			facts = append(facts, factsOf(n, s.view.allocs, app, free))
			nodes = append(nodes, n)
		}
	})
	return facts, nodes
}

func factsOf(n *nomad.NodeListStub, allocs map[string][]*nomad.AllocationListStub, app string, diskFree int) jobs.NodeFacts {
	cpu, memory := n.NodeResources.Cpu.CpuShares, n.NodeResources.Memory.MemoryMB
	if r := n.ReservedResources; r != nil {
		cpu -= int64(r.Cpu.CpuShares)
		memory -= int64(r.Memory.MemoryMB)
	}
	f := jobs.NodeFacts{Name: n.Name, Arch: n.Attributes["cpu.arch"], MemoryTotal: int(memory), DiskFree: diskFree}
	for job, list := range allocs {
		for _, a := range list {
			over := a.ClientStatus == nomad.AllocClientStatusComplete || a.ClientStatus == nomad.AllocClientStatusFailed || a.ClientStatus == nomad.AllocClientStatusLost
			if job == app || a.NodeID != n.ID || over || a.AllocatedResources == nil {
				continue
			}
			for _, t := range a.AllocatedResources.Tasks {
				cpu -= t.Cpu.CpuShares
				memory -= t.Memory.MemoryMB
			}
			for _, p := range a.AllocatedResources.Shared.Ports {
				f.PortsTaken = append(f.PortsTaken, p.Value)
			}
		}
	}
	f.CPUFree, f.MemoryFree = int(cpu), int(memory)
	return f
}

// fit names a machine that an app fits on, or says why none does.
func (s *Service) fit(ctx context.Context, in jobs.Input, app string) (string, error) {
	n, err := s.pickNode(ctx, in, app)
	if err != nil {
		return "", err
	}
	return n.Name, nil
}

// pickNode chooses the machine with the most free memory of those that fit.
func (s *Service) pickNode(ctx context.Context, in jobs.Input, app string) (*nomad.NodeListStub, error) {
	if err := s.awaitView(ctx, "nodes", "allocs"); err != nil {
		return nil, err
	}
	facts, nodes := s.nodeFacts(app)
	if len(nodes) == 0 {
		return nil, agent.Errorf(agent.CodeUnavailable, "no machine is ready to run apps").
			WithHint("see why with: dcloud doctor")
	}
	var best *nomad.NodeListStub
	room := -1
	var reasons []string
	for k, f := range facts {
		if in.Intent.Node != "" && in.Intent.Node != f.Name {
			reasons = append(reasons, f.Name+": not the machine that was asked for")
			continue
		}
		if why := jobs.Fit(in.Entry, f); len(why) > 0 {
			reasons = append(reasons, f.Name+": "+strings.Join(why, ", "))
			continue
		}
		if f.MemoryFree > room {
			best, room = nodes[k], f.MemoryFree
		}
	}
	if best == nil {
		if want := in.Intent.Node; want != "" && !slices.ContainsFunc(facts, func(f jobs.NodeFacts) bool { return f.Name == want }) {
			return nil, failed(agent.Errorf(agent.CodeFailed, "no machine called %q is ready to run apps", clip(want, 60)).
				WithHint("see what there is with: dcloud node list"))
		}
		return nil, failed(agent.Errorf(agent.CodeFailed, "%s fits on no machine: %s", in.Intent.Name, strings.Join(reasons, "; ")).
			WithHint("stop or remove another app to make room, or see what there is with: dcloud node list"))
	}
	return best, nil
}

// Nodes lists the machines of the cloud.
func (s *Service) Nodes(context.Context) ([]agent.Node, error) {
	out := []agent.Node{}
	s.view.read(func() {
		for _, n := range s.view.nodes {
			node := agent.Node{Name: n.Name, ID: n.ID, Role: "server", Arch: n.Attributes["cpu.arch"], Address: n.Address, State: nodeState(n)}
			if n.NodeResources != nil {
				node.CPU, node.Memory = int(n.NodeResources.Cpu.CpuShares), int(n.NodeResources.Memory.MemoryMB)
			}
			for _, list := range s.view.allocs {
				for _, a := range list {
					if a.NodeID == n.ID && a.ClientStatus == nomad.AllocClientStatusRunning {
						node.Apps++
					}
				}
			}
			out = append(out, node)
		}
	})
	return out, nil
}

func nodeState(n *nomad.NodeListStub) string {
	switch {
	case n.Status == nomad.NodeStatusInit:
		return "joining"
	case n.Status != nomad.NodeStatusReady:
		return "down"
	case n.Drain:
		return "draining"
	}
	return "ready"
}

// Status tells how the cloud is.
func (s *Service) Status(context.Context) (agent.Status, error) {
	st := agent.Status{
		Domain: s.Pool.Domain, Panel: s.Panel, HTTPPort: s.Pool.HTTPPort, HTTPSPort: s.Pool.HTTPSPort, Version: s.Version,
		Engines: s.Engines(),
	}
	s.view.read(func() {
		st.Ready = s.view.ready["intents"] && s.view.ready["nodes"] && len(s.view.nodes) > 0
		st.Nodes, st.Apps = len(s.view.nodes), len(s.view.intents)
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
