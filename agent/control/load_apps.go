package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	nomad "github.com/hashicorp/nomad/api"
)

// meter measures what apps use. It is Docker that is asked and not Nomad: Nomad tells
// a container's memory with the files that Linux keeps of it (cgroup v2), which grows
// to whatever is free.
type meter struct {
	s       *Service
	mu      sync.Mutex
	dockers map[string]*client.Client // of the other machines, by name
	before  map[string]ticks          // by container's ID
}

// ticks is how long a container had run on processors at a time.
type ticks struct {
	used uint64 // ns
	at   time.Time
	seen time.Time // by this machine's clock
}

const (
	// asksAtOnce of a machine's Docker: each answer takes a few milliseconds there.
	asksAtOnce = 2
	// mostStats is what one answer may have; it has 3 KB.
	mostStats = 1 << 20
)

func newMeter(s *Service) *meter {
	return &meter{s: s, dockers: map[string]*client.Client{}, before: map[string]ticks{}}
}

func (m *meter) close() {
	for _, d := range m.dockers {
		_ = d.Close()
	}
}

// containers measures the containers of all apps on the given machines, and adds them
// up by app. An app is in the answer if anything of it runs.
func (m *meter) containers(ctx context.Context, nodes []*nomad.NodeListStub) map[string]sample {
	used, silent := map[string]sample{}, map[string]bool{}
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() {
			if !m.askNode(ctx, n.Name, used) {
				m.mu.Lock()
				defer m.mu.Unlock()
				silent[n.Name] = true
			}
		})
	}
	wg.Wait()
	m.s.view.read(func() {
		for app, allocs := range m.s.view.allocs {
			for _, a := range allocs {
				if silent[a.NodeName] && a.ClientStatus == nomad.AllocClientStatusRunning {
					used[app] = blank // a part of it is not all
				}
			}
		}
	})
	now := m.s.Now()
	for id, t := range m.before {
		if now.Sub(t.seen) > 2*hourStep {
			delete(m.before, id)
		}
	}
	return used
}

// askNode measures the containers on one machine, and tells whether it answered.
func (m *meter) askNode(ctx context.Context, node string, used map[string]sample) bool {
	docker, err := m.docker(node)
	if err == nil {
		err = m.askDocker(ctx, host{node, docker}, used)
	}
	if err == nil {
		return true
	}
	m.s.Log.Debug("what apps use on a machine is not known", "node", node, "err", err)
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.dockers[node]; d != nil { // it may have come back at another address
		_ = d.Close()
		delete(m.dockers, node)
	}
	return false
}

// docker returns a client of a machine's Docker, which is kept.
func (m *meter) docker(node string) (*client.Client, error) {
	s := m.s
	if node == s.Node {
		if s.Docker == nil {
			return nil, fmt.Errorf("there is no Docker")
		}
		return s.Docker, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.dockers[node]; d != nil {
		return d, nil
	}
	if s.Members.DockerAt == nil {
		return nil, fmt.Errorf("there is no way to its Docker")
	}
	d, err := s.Members.DockerAt(node)
	if err == nil {
		m.dockers[node] = d
	}
	return d, err
}

func (m *meter) askDocker(ctx context.Context, h host, used map[string]sample) error {
	list, err := h.list(ctx, "", "")
	if err != nil {
		return err
	}
	slots := make(chan struct{}, asksAtOnce)
	var wg sync.WaitGroup
	for _, c := range list {
		if c.State != container.StateRunning {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			v := m.askContainer(ctx, h.docker, c.ID)
			m.mu.Lock()
			defer m.mu.Unlock()
			app := c.Labels[labelApp]
			if sum, more := used[app]; more { // what is not known of one is not known of all
				v.cpu, v.memory = v.cpu+sum.cpu, v.memory+sum.memory
			}
			used[app] = v
		})
	}
	wg.Wait()
	return nil
}

// askContainer measures one container once. Its processor time is that since it was
// measured last, unknown for the first time.
func (m *meter) askContainer(ctx context.Context, docker *client.Client, id string) sample {
	answer, err := docker.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return blank // it ended meanwhile
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if json.NewDecoder(io.LimitReader(answer.Body, mostStats)).Decode(&stats) != nil {
		return blank
	}
	now := ticks{used: stats.CPUStats.CPUUsage.TotalUsage, at: stats.Read, seen: m.s.Now()}
	m.mu.Lock()
	before, known := m.before[id]
	m.before[id] = now
	m.mu.Unlock()
	v := sample{unknown, memoryOf(stats.MemoryStats), unknown}
	if known {
		v.cpu = percentOf(before, now)
	}
	return v
}

// percentOf is how much of one core was used between two times.
func percentOf(before, now ticks) float32 {
	past := now.at.Sub(before.at)
	if past <= 0 || now.used < before.used { // it was started anew
		return unknown
	}
	return float32(float64(now.used-before.used) / float64(past) * 100)
}

// memoryOf is what a container uses in MiB without the files that Linux keeps of it
// and can drop, as `docker stats` tells it.
func memoryOf(m container.MemoryStats) float32 {
	if m.Usage == 0 {
		return unknown // cgroups without memory, as on some Raspberry Pis
	}
	files, v1 := m.Stats["total_inactive_file"]
	if !v1 {
		files = m.Stats["inactive_file"]
	}
	return float32(float64(m.Usage-min(m.Usage, files)) / (1 << 20))
}
