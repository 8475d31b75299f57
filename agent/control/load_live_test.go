package control

import (
	"fmt"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func loadIsMeasured(t *testing.T, p *testPool) {
	m := newMeter(p.s)
	eventually(t, "Nomad has measured", func() error {
		m.round(t.Context())
		nodes, err := p.s.Nodes(t.Context())
		if err != nil {
			return err
		}
		for _, n := range nodes {
			if n.Name == "bed" && n.Load != nil && n.Load.MemoryUsed > 0 {
				return nil
			}
		}
		return fmt.Errorf("%+v", nodes)
	})
	nodes, err := p.s.Nodes(t.Context())
	check(t, err)
	l := nodes[0].Load
	if l.CPU < 0 || l.CPU > 100 || l.MemoryUsed > nodes[0].Memory || l.DiskTotal <= 0 || l.DiskFree < 0 || l.DiskFree > l.DiskTotal {
		t.Errorf("%+v of %d MB", l, nodes[0].Memory)
	}
	u, err := p.s.Usage(t.Context(), agent.UsageQuery{Node: "bed"})
	check(t, err)
	points := 0
	for k := range u.Times {
		if u.Memory[k] != nil && *u.Memory[k] > 0 {
			points++
		}
	}
	if points == 0 || u.DiskTotal != l.DiskTotal || u.MemoryTotal != nodes[0].Memory {
		t.Errorf("%d points, %d MB of memory, %d MB of disk", points, u.MemoryTotal, u.DiskTotal)
	}
	check(t, func() error {
		_, err := p.s.Usage(t.Context(), agent.UsageQuery{Node: "bed", Range: agent.LastDay})
		return err
	}())
}
