package control

import (
	"slices"
	"strconv"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// machine is one of the pool's, as placing an app sees it.
type machine struct {
	node  *nomad.NodeListStub
	facts jobs.NodeFacts
	away  string // why it takes nothing new, as awayWord says it
}

// machines reads from the view what placing an app depends on, by name. An app's
// own allocations do not count as taken, since they make room when it changes.
func (s *Service) machines(app string, entry *catalog.App) []machine {
	free := -1
	if n, err := s.DiskFree(); err == nil {
		free = n
	}
	var out []machine
	s.view.read(func() {
		for _, n := range s.view.nodes {
			m := machine{node: n, away: awayWord(n)}
			if n.NodeResources != nil {
				m.facts = factsOf(n, s.view.allocs, app)
			}
			m.facts.Name = n.Name
			m.facts.PortsTaken = append(m.facts.PortsTaken, s.doorPorts()...)
			m.facts.Devices = s.uses.devicesOf(n.Name)
			if n.Name == s.Node {
				m.facts.DiskFree, m.facts.Devices = free, devices(entry)
			}
			out = append(out, m)
		}
	})
	slices.SortFunc(out, func(a, b machine) int { return strings.Compare(a.node.Name, b.node.Name) })
	return out
}

// doorPorts are those of the front door where it is not at the usual ones, which no
// entry may ask for (catalog.CloudPort).
func (s *Service) doorPorts() []int {
	return slices.DeleteFunc([]int{s.Pool.HTTPPort, s.Pool.HTTPSPort}, func(port int) bool { return port == 0 || catalog.CloudPort(port) })
}

// awayWord says why a machine takes nothing new, in words that follow "pi1 is", ""
// if it does.
func awayWord(n *nomad.NodeListStub) string {
	docker := n.Drivers["docker"]
	switch {
	case n.Status == nomad.NodeStatusInit:
		return "joining"
	case n.Status != nomad.NodeStatusReady: // down, or disconnected and waited for
		return "down"
	case n.Drain:
		return "draining"
	case n.SchedulingEligibility != nomad.NodeSchedulingEligible:
		return "drained"
	case n.NodeResources == nil || docker == nil || !docker.Healthy:
		return "without Docker"
	}
	return ""
}

func factsOf(n *nomad.NodeListStub, allocs map[string][]*nomad.AllocationListStub, app string) jobs.NodeFacts {
	cpu, memory := n.NodeResources.Cpu.CpuShares, n.NodeResources.Memory.MemoryMB
	if r := n.ReservedResources; r != nil {
		cpu -= int64(r.Cpu.CpuShares)
		memory -= int64(r.Memory.MemoryMB)
	}
	f := jobs.NodeFacts{Name: n.Name, Arch: n.Attributes["cpu.arch"], MemoryTotal: int(memory), DiskFree: diskOf(n)}
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

// diskOf is how many MiB a machine had free when its Nomad started, -1 if unknown:
// that is all that it tells the others (Nomad's storage fingerprint).
func diskOf(n *nomad.NodeListStub) int {
	bytes, err := strconv.ParseInt(n.Attributes["unique.storage.bytesfree"], 10, 64)
	if err != nil || bytes < 0 {
		return -1
	}
	return int(bytes >> 20)
}
