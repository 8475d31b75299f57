package control

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// meter makes of what the machines measured what apps use.
type meter struct {
	s      *Service
	mu     sync.Mutex
	before map[string]ticks // by container's ID
	// sizes of volumes in bytes, by ID, as they were told last: a machine that is away
	// still has them.
	sizes map[string]int64
}

// ticks is how long a container had run on processors at a time.
type ticks struct {
	used uint64 // ns
	at   time.Time
	seen time.Time // by this machine's clock
}

func newMeter(s *Service) *meter {
	return &meter{s: s, before: map[string]ticks{}, sizes: map[string]int64{}}
}

// uses asks a machine what apps use there.
func (s *Service) usesAt(ctx context.Context, node string) (pool.Uses, error) {
	switch {
	case node == s.Node && s.Uses != nil:
		return s.Uses(ctx)
	case node != s.Node && s.Members.UsesAt != nil:
		return s.Members.UsesAt(ctx, node)
	}
	return pool.Uses{}, errors.New("there is no way to ask it")
}

// apps asks the given machines, and adds up by app. An app is in the answer if
// anything of it runs.
func (m *meter) apps(ctx context.Context, nodes []*nomad.NodeListStub) map[string]sample {
	used, silent := map[string]sample{}, map[string]bool{}
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() {
			told, err := m.s.usesAt(ctx, n.Name)
			m.mu.Lock()
			defer m.mu.Unlock()
			if err != nil {
				m.s.Log.Debug("what apps use on a machine is not known", "node", n.Name, "err", err)
				silent[n.Name] = true
				return
			}
			m.add(told, used)
			m.s.uses.noteDevices(n.Name, told.Devices)
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

// add takes in what a machine told.
func (m *meter) add(told pool.Uses, used map[string]sample) {
	for _, c := range told.Containers {
		now := ticks{used: c.CPU, at: c.At, seen: m.s.Now()}
		v := blank
		if before, known := m.before[c.ID]; known {
			v.cpu = percentOf(before, now)
		}
		if c.Memory >= 0 {
			v.memory = float32(float64(c.Memory) / (1 << 20))
		}
		m.before[c.ID] = now
		if sum, more := used[c.App]; more { // what is not known of one is not known of all
			v.cpu, v.memory = v.cpu+sum.cpu, v.memory+sum.memory
		}
		used[c.App] = v
	}
	for id, bytes := range told.Volumes {
		m.sizes[id] = bytes
	}
}

// percentOf is how much of one core was used between two times.
func percentOf(before, now ticks) float32 {
	past := now.at.Sub(before.at)
	if past <= 0 || now.used < before.used { // it was started anew
		return unknown
	}
	return float32(float64(now.used-before.used) / float64(past) * 100)
}

// disks adds up the volumes of each app, in MiB. An app that has one whose machine has
// not told is NaN; one without data has 0. It is nil where Nomad does not list them.
func (m *meter) disks(ctx context.Context, apps map[string]bool) map[string]float32 {
	list, _, err := m.s.Nomad.HostVolumes().List(nil, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil
	}
	return m.addUp(list, apps)
}

func (m *meter) addUp(list []*nomad.HostVolumeStub, apps map[string]bool) map[string]float32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]float32, len(apps))
	for app := range apps {
		out[app] = 0
	}
	there := map[string]bool{}
	for _, v := range list {
		there[v.ID] = true
		app, _, _ := strings.Cut(v.Name, "_") // as jobs.Volumes names them; an app's name has none
		if _, ours := out[app]; !ours {
			continue
		}
		if bytes, known := m.sizes[v.ID]; known {
			out[app] += float32(float64(bytes) / (1 << 20))
		} else {
			out[app] = unknown // NaN, and stays it
		}
	}
	keep(m.sizes, there)
	return out
}
