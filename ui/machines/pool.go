package machines

import (
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// pool is what the page shows.
type pool struct {
	Picture  picture
	Machines []machine
	Pending  []asking
	May      bool // change machines
	OOB      bool // sent to take the place of what a page shows
	Waiting  bool // nothing is known yet
}

// machine is one of the list.
type machine struct {
	agent.Node
	What       string // its role in words
	Kind       string // its processor in words
	Busy       int    // percent, -1 where nobody knows
	Used       int
	MemoryText string
	DiskUsed   int
	DiskTotal  int
	DiskText   string
	Op         *live.Op // under way on it
}

func poolOf(c *web.Ctx, s *live.State) pool {
	p := pool{May: c.May(agent.ActMachines), Waiting: len(s.Nodes) == 0 && s.Away != nil}
	if p.May {
		p.Pending = askingOf(c, s)
	}
	for _, n := range s.Nodes {
		p.Machines = append(p.Machines, machineOf(c, s, n))
	}
	p.Picture = pictureOf(c, s.Nodes)
	return p
}

func machineOf(c *web.Ctx, s *live.State, n agent.Node) machine {
	m := machine{Node: n, What: roleWord(c, n.Role), Kind: c.Processor(n.Arch), Busy: -1, Used: -1, DiskUsed: -1}
	m.MemoryText = c.T("%s in all", web.Amount(float64(n.Memory), "MB"))
	if l := n.Load; l != nil && n.State != agent.NodeDown {
		if l.CPU >= 0 {
			m.Busy = int(min(100, l.CPU))
		}
		if l.MemoryUsed >= 0 {
			m.Used, m.MemoryText = l.MemoryUsed, c.T("%s of %s", web.Amount(float64(l.MemoryUsed), "MB"), web.Amount(float64(n.Memory), "MB"))
		}
		if l.DiskTotal > 0 && l.DiskFree >= 0 {
			m.DiskUsed, m.DiskTotal = l.DiskTotal-l.DiskFree, l.DiskTotal
			m.DiskText = c.T("%s of %s", web.Amount(float64(m.DiskUsed), "MB"), web.Amount(float64(l.DiskTotal), "MB"))
		}
	}
	if op, ok := s.Ops["node:"+n.Name]; ok && !op.Last.Final {
		m.Op = &op
	}
	return m
}

func roleWord(c *web.Ctx, role string) string {
	switch role {
	case "server":
		return c.T("Runs the cloud, and apps")
	case "worker":
		return c.T("Runs apps")
	case "ingress":
		return c.T("Front door to the internet")
	}
	return role
}

// wouldWord is what a machine that asks would do, as the form that invites it calls it.
func wouldWord(c *web.Ctx, role string) string {
	switch role {
	case "server":
		return c.T("It would run the cloud too.")
	case "worker":
		return c.T("It would run apps.")
	case "ingress":
		return c.T("It would be a front door to the internet.")
	}
	return c.T("It would be a %s.", role)
}

// arrivals are the machines that came since a page was made, and those that ask.
type arrivals struct {
	Machines []machine
	Pending  []asking
	OOB      bool
}

// maxKnown bounds the list of machines that a page says it knows, in bytes.
const maxKnown = 8 << 10

func arrivalsOf(c *web.Ctx, s *live.State, known string) arrivals {
	out := arrivals{Pending: askingOf(c, s)}
	if len(known) > maxKnown {
		known = known[:maxKnown]
	}
	names := strings.Split(known, ",")
	for _, n := range s.Nodes {
		if !slices.Contains(names, n.Name) {
			out.Machines = append(out.Machines, machineOf(c, s, n))
		}
	}
	return out
}

// knownOf is the list of machines that there are, for the address of the stream. It is
// never empty, which would ask for the list of all.
func knownOf(s *live.State) string {
	names := []string{"-"}
	for _, n := range s.Nodes {
		names = append(names, n.Name)
	}
	return strings.Join(names, ",")
}

// asking is a machine that waits for a yes.
type asking struct {
	agent.PendingNode
	Has, Kind string // memory and processor, in words
	Would     string // what it would do, in a sentence
}

func askingOf(c *web.Ctx, s *live.State) []asking {
	var out []asking
	for _, p := range s.Pending {
		out = append(out, asking{p, web.Amount(float64(p.Memory), "MB"), c.Processor(p.Arch), wouldWord(c, p.Role)})
	}
	return out
}
