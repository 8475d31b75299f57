package control

import (
	"context"
	"sync"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

const (
	// sampling bounds one round of questions: each machine has until the next one.
	sampling = 10 * time.Second
	// savesUsage is how often what was measured is written to disk: a crash loses at
	// most that much, and an SD card is written to little.
	savesUsage = 5 * time.Minute
)

// measure samples what machines and apps use, each quarter of a minute, while this
// machine leads.
func (s *Service) measure(ctx context.Context) {
	s.loadUsage()
	m := newMeter(s)
	defer s.saveUsage()
	saved := s.Now()
	for {
		now := s.Now()
		if !pause(ctx, now.Truncate(hourStep).Add(hourStep).Sub(now)) {
			return
		}
		m.round(ctx)
		if s.Now().Sub(saved) >= savesUsage {
			s.saveUsage()
			saved = s.Now()
		}
	}
}

// round measures everything once.
func (m *meter) round(ctx context.Context) {
	s := m.s
	ctx, cancel := context.WithTimeout(ctx, sampling)
	defer cancel()
	nodes, apps, names, sure := s.measured()
	if !sure {
		return
	}
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() { s.sampleNode(ctx, n) })
	}
	var used map[string]sample
	wg.Go(func() { used = m.apps(ctx, nodes) })
	wg.Wait()
	sizes := m.disks(ctx, apps)
	if ctx.Err() != nil && len(used) == 0 {
		return
	}
	now := s.Now()
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	for app := range apps {
		v, runs := used[app]
		if !runs {
			v = blank
		}
		v.disk = unknown
		if size, told := sizes[app]; told {
			v.disk = size
		}
		put(s.uses.apps, app, now, v)
	}
	keep(s.uses.apps, apps)
	keep(s.uses.nodes, names)
	keep(s.uses.loads, names)
	keep(s.uses.devices, names)
}

// measured lists the machines that can be asked, all apps, and all machines. sure is
// false before the engines have told who is there: nothing is forgotten then.
func (s *Service) measured() (nodes []*nomad.NodeListStub, apps, names map[string]bool, sure bool) {
	apps, names = map[string]bool{}, map[string]bool{}
	s.view.read(func() {
		sure = s.view.ready["nodes"] && s.view.ready["intents"] && s.view.ready["members"]
		for name := range s.view.intents {
			apps[name] = true
		}
		for _, name := range s.view.damaged {
			apps[name] = true
		}
		for _, m := range s.view.members {
			names[m.Name] = true
		}
		for _, n := range s.view.nodes {
			names[n.Name] = true
			if n.Status == nomad.NodeStatusReady {
				nodes = append(nodes, n)
			}
		}
	})
	return nodes, apps, names, sure
}

// sampleNode asks Nomad how busy a machine is. Nomad measures itself each 15 s
// (telemetry's collection_interval), so this costs a message.
func (s *Service) sampleNode(ctx context.Context, n *nomad.NodeListStub) {
	stats, err := s.Nomad.Nodes().Stats(n.ID, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Debug("a machine's load is not known", "node", n.Name, "err", err)
		}
		return
	}
	l := loadFrom(stats)
	v := sample{float32(l.CPU), float32(l.MemoryUsed), unknown}
	if l.DiskTotal >= 0 {
		v.disk = float32(l.DiskTotal - l.DiskFree)
	}
	now := s.Now()
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	put(s.uses.nodes, n.Name, now, v)
	s.uses.loads[n.Name] = load{l, now}
}

// loadFrom is a machine's load as Nomad measured it, -1 for what it does not tell. The
// disk is the one that allocations are on, where apps keep their data as well.
func loadFrom(h *nomad.HostStats) agent.Load {
	l := agent.Load{CPU: -1, MemoryUsed: -1, DiskTotal: -1, DiskFree: -1}
	if len(h.CPU) > 0 {
		idle := 0.0
		for _, c := range h.CPU {
			idle += min(100, max(0, c.Idle)) / float64(len(h.CPU))
		}
		l.CPU = float64(int((100-idle)*10+0.5)) / 10
	}
	if h.Memory != nil && h.Memory.Total > 0 {
		// What Linux keeps of files is given back when it is needed: it is not used.
		l.MemoryUsed = int((h.Memory.Total - min(h.Memory.Total, h.Memory.Available)) >> 20)
	}
	if d := h.AllocDirStats; d != nil && d.Size > 0 {
		l.DiskTotal, l.DiskFree = int(d.Size>>20), int(min(d.Size, d.Available)>>20)
	}
	return l
}
