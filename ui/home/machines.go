package home

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// line are the machines, as the home screen shows them.
type line struct {
	Show     bool
	Text     string // "2 machines, well"
	Well     bool
	Machines []machine
	OOB      bool
}

// machine is one of them.
type machine struct {
	Name   string
	State  string // where it is not ready, "" where it is
	Known  bool   // what follows is
	CPU    int    // percent of all cores, -1 for unknown
	Used   int    // MB of memory
	Memory int    // MB
	Text   string // "1.9 of 4 GB"
}

func machines(c *web.Ctx, s *live.State) line {
	l := line{Show: c.May(agent.ActSeeMachines) && len(s.Nodes) > 0}
	if !l.Show {
		return l
	}
	away := 0
	for _, n := range s.Nodes {
		m := machine{Name: n.Name, CPU: -1, Memory: n.Memory}
		if n.State != agent.NodeReady {
			m.State = n.State
		}
		if n.State == agent.NodeDown || n.State == agent.NodeLeft {
			away++
		}
		if n.Load != nil && n.Load.MemoryUsed >= 0 && n.Memory > 0 {
			m.Known, m.Used, m.Text = true, n.Load.MemoryUsed, amounts(c.T, n.Load.MemoryUsed, n.Memory)
		}
		if n.Load != nil && n.Load.CPU >= 0 {
			m.CPU = int(n.Load.CPU + 0.5)
		}
		l.Machines = append(l.Machines, m)
	}
	slices.SortFunc(l.Machines, func(a, b machine) int { return strings.Compare(a.Name, b.Name) })
	l.Well = away == 0
	l.Text = c.N(len(s.Nodes), "1 machine", "%d machines") + ", "
	switch {
	case s.Away != nil:
		l.Well = false
		l.Text += c.T("as last seen")
	case away > 0:
		l.Text += c.T("%d away", away)
	default:
		l.Text += c.T("well")
	}
	return l
}

// amounts says how much of something in MB is used: "1.9 of 4 GB".
func amounts(t func(string, ...any) string, used, total int) string {
	if total < 1024 {
		return t("%d of %d MB", used, total)
	}
	return t("%s of %s GB", gigabytes(used), gigabytes(total))
}

// gigabytes writes MB as GB: with one digit after the point below ten.
func gigabytes(mb int) string {
	text := fmt.Sprintf("%.1f", float64(mb)/1024)
	if mb >= 10*1024 || text[len(text)-1] == '0' {
		return fmt.Sprintf("%.0f", float64(mb)/1024)
	}
	return text
}
