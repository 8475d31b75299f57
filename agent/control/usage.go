package control

import (
	"context"
	"sync"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// uses is what is remembered of what machines and apps use. It is a cache of what was
// measured: where it is lost, the charts begin anew.
type uses struct {
	mu    sync.Mutex
	nodes map[string]*series
	apps  map[string]*series
	loads map[string]load // of machines, the latest
	// devices are those that a machine told of last, which is all that is known of other
	// machines': Nomad tells of none without a plugin for them.
	devices map[string][]string
}

type load struct {
	agent.Load
	at time.Time
}

// loadLasts is how long a machine's last load is told: longer than a sample that
// failed, shorter than what anybody would call now.
const loadLasts = time.Minute

func (u *uses) begin() {
	u.nodes, u.apps, u.loads = map[string]*series{}, map[string]*series{}, map[string]load{}
	u.devices = map[string][]string{}
}

// put notes a sample of a machine or an app.
func put(of map[string]*series, name string, now time.Time, v sample) {
	s := of[name]
	if s == nil {
		s = newSeries()
		of[name] = s
	}
	s.put(now, v)
}

// keep forgets all that is not listed.
func keep[V any](of map[string]V, there map[string]bool) {
	for name := range of {
		if !there[name] {
			delete(of, name)
		}
	}
}

// loadOf is how busy a machine is; nil if that is not known.
func (u *uses) loadOf(node string, now time.Time) *agent.Load {
	u.mu.Lock()
	defer u.mu.Unlock()
	l, known := u.loads[node]
	if age := now.Sub(l.at); !known || age > loadLasts || age < -loadLasts {
		return nil
	}
	return &l.Load
}

// Usage tells what an app or a machine used of late. It is the leader that measures:
// another server knows what it measured while it led.
func (s *Service) Usage(_ context.Context, q agent.UsageQuery) (_ agent.Usage, err error) {
	defer s.tell(&err)
	const hint = "ask for one app or one machine: dcloud app list, dcloud node list"
	if (q.App == "") == (q.Node == "") {
		return agent.Usage{}, agent.Errorf(agent.CodeInvalid, "use is of one app or of one machine").WithHint(hint)
	}
	if q.Range != "" && q.Range != agent.LastHour && q.Range != agent.LastDay {
		return agent.Usage{}, agent.Errorf(agent.CodeInvalid, "there is no range %q: it is hour or day", clip(q.Range, 40)).WithHint(hint)
	}
	total, err := s.roomOf(q)
	if err != nil {
		return agent.Usage{}, err
	}
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	of := s.uses.nodes[q.Node]
	if q.App != "" {
		of = s.uses.apps[q.App]
	}
	if of == nil {
		of = newSeries() // nothing was measured yet
	}
	r := &of.hour
	if q.Range == agent.LastDay {
		r = &of.day
	}
	u := r.usage(s.Now())
	u.MemoryTotal = total
	if l, known := s.uses.loads[q.Node]; known && q.Node != "" {
		u.DiskTotal = max(0, l.DiskTotal)
	}
	return u, nil
}

// roomOf is how much memory (MiB) a machine has, or an app may use on all machines on
// which it runs. It is an error if there is no such thing.
func (s *Service) roomOf(q agent.UsageQuery) (mb int, err error) {
	s.view.read(func() {
		if q.App != "" {
			if s.view.intents[q.App] == nil {
				err = agent.Errorf(agent.CodeNotFound, "there is no app called %q", clip(q.App, 60)).WithHint("see which there are with: dcloud app list")
			}
			mb = mayUse(s.view.allocs[q.App])
			return
		}
		n := s.nomadNode(q.Node)
		if n == nil && !s.isMember(q.Node) {
			err = agent.Errorf(agent.CodeNotFound, "there is no machine called %q", clip(q.Node, 60)).WithHint("see which there are with: dcloud node list")
		}
		if n != nil && n.NodeResources != nil {
			mb = int(n.NodeResources.Memory.MemoryMB)
		}
	})
	return mb, err
}

// isMember is called under the view's lock.
func (s *Service) isMember(name string) bool {
	for _, m := range s.view.members {
		if m.Name == name {
			return true
		}
	}
	return false
}

// mayUse adds up how much memory the allocations of an app that run may use, in MiB.
func mayUse(allocs []*nomad.AllocationListStub) int {
	sum := int64(0)
	for _, a := range allocs {
		if a.ClientStatus != nomad.AllocClientStatusRunning || a.AllocatedResources == nil {
			continue
		}
		for _, t := range a.AllocatedResources.Tasks {
			sum += max(t.Memory.MemoryMB, t.Memory.MemoryMaxMB)
		}
	}
	return int(sum)
}
