package control

import (
	"context"
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
