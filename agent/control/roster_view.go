package control

import (
	"context"
	"fmt"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

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
