package control

import (
	"fmt"
	"os"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// fitting tells of one entry after another which machines it fits on. What is true of
// the machines is found out once: a catalog has thousands of entries.
type fitting struct {
	machines []machine
	self     string
	devices  map[string]bool     // paths, whether this machine has them
	sets     map[string][]string // names that were told already, shared by all entries with the same
	key      []byte
}

func (s *Service) fitting() *fitting {
	return newFitting(s.machines("", &catalog.App{}), s.Node)
}

func newFitting(machines []machine, self string) *fitting {
	f := &fitting{self: self, devices: map[string]bool{}, sets: map[string][]string{}}
	for _, m := range machines {
		if m.away == "" {
			f.machines = append(f.machines, m)
		}
	}
	return f
}

// names lists the machines that an entry fits on, by name. The list is not to be
// changed.
func (f *fitting) names(e *catalog.App) []string {
	f.key = f.key[:0]
	for _, m := range f.machines {
		facts := m.facts
		if m.node.Name == f.self {
			facts.Devices = f.have(e)
		}
		fits := byte('0')
		// Most entries are refused for their memory, if at all: that is seen without the
		// words for it.
		if e.Memory() <= facts.MemoryFree && len(jobs.Fit(e, facts)) == 0 {
			fits = '1'
		}
		f.key = append(f.key, fits)
	}
	if names, known := f.sets[string(f.key)]; known {
		return names
	}
	names := []string{}
	for k, m := range f.machines {
		if f.key[k] == '1' {
			names = append(names, m.node.Name)
		}
	}
	f.sets[string(f.key)] = names
	return names
}

// have lists those of an entry's devices that this machine has.
func (f *fitting) have(e *catalog.App) []string {
	have := []string{}
	for _, svc := range e.Services {
		for _, d := range svc.Devices {
			there, known := f.devices[d]
			if !known {
				_, err := os.Stat(d)
				there = err == nil
				f.devices[d] = there
			}
			if there {
				have = append(have, d)
			}
		}
	}
	return have
}

// fitsOf says of each machine whether an entry fits there, and which it fits on.
func (s *Service) fitsOf(e *catalog.App) ([]agent.NodeFit, []string) {
	machines := s.machines("", e)
	if len(machines) == 0 {
		return nil, []string{}
	}
	// Where it fits nowhere, the reasons are in the list.
	p, _ := choose(jobs.Input{Intent: jobs.Intent{Name: e.Name}, Entry: e}, machines, nil, "")
	names := []string{}
	for _, f := range p.fits {
		if f.Fits {
			names = append(names, f.Name)
		}
	}
	return p.fits, names
}

// portsOf lists the ports that an entry opens beside the front door: "22000/tcp: Sync".
func portsOf(e *catalog.App) []string {
	var out []string
	for _, svc := range e.Services {
		for _, p := range svc.Ports {
			port := p.Host
			if port == 0 {
				port = p.Port
			}
			text := fmt.Sprintf("%d/%s", port, p.Protocol)
			if p.Title != "" {
				text += ": " + p.Title
			}
			out = append(out, text)
		}
	}
	return out
}

// publicOf lists paths that stay open to everybody whoever else passes the door.
func publicOf(e *catalog.App) []string {
	var out []string
	for _, svc := range e.Services {
		for _, x := range svc.Exposes {
			for _, path := range x.Public {
				if !slices.Contains(out, path) {
					out = append(out, path)
				}
			}
		}
	}
	return out
}

// accessOf is who passes the door unless somebody says otherwise; "" for an entry that
// has none.
func accessOf(e *catalog.App) string {
	for _, svc := range e.Services {
		for _, x := range svc.Exposes {
			if x.Subdomain == "" {
				return x.Access
			}
		}
	}
	for _, svc := range e.Services {
		for _, x := range svc.Exposes {
			return x.Access
		}
	}
	return ""
}

// dataOf lists what an entry keeps: "media: /media".
func dataOf(e *catalog.App) []string {
	var out []string
	for _, svc := range e.Services {
		for _, v := range svc.Volumes {
			if text := v.Kind + ": " + v.Path; !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}
