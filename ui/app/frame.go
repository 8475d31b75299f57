package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// frame is what all pages of an app show: what it is and how it is, what it needs
// from whoever looks, what it uses and where it runs. Its pieces are parts of their
// own, which the live stream sends again.
type frame struct {
	Name, Title, Entry string
	Called             string // by whoever installed it, where that is not its entry's name
	State              string
	Doing              string // what is being done to it, in words, "" for nothing
	App                agent.App
	Detail             *agent.AppDetail // nil where it is not there (yet, or any more)
	Op                 *live.Op         // under way, nil for none
	Percent            int              // of Op, -1 where that is not known
	Amount             string           // "48 of 77 MB, 9 s"
	Needs              []need
	Gone               *gone // an install that failed
	// Reaches are what its override asks for beyond a container.
	Reaches []string
	Sparks  web.Charts
	Where   []place
	Tab     string // the one that is shown
	Live    bool   // it is sent by the stream, in the place of what is there
}

// place is a line of "where it runs".
type place struct {
	Label, Text, Href string
	State             string // of a machine that is not well
}

// tab is one of an app's pages.
type tab struct {
	Key, Title, Href string
}

// maker makes frames of one app for one request. It keeps for a moment what is dear
// to ask, since a stream makes frames a few times a second.
type maker struct {
	c        *web.Ctx
	name     string
	tab      string
	sparks   web.Charts
	sparksAt time.Time
	tail     []string
	tailAt   time.Time
}

// keepUse and keepTail are for how long what was asked serves.
const (
	keepUse  = 15 * time.Second // usage has no newer point before that
	keepTail = 5 * time.Second
)

// frame tells of an app as it is now. An app that never was is agent.CodeNotFound.
func (m *maker) frame(s *live.State) (*frame, error) {
	f := &frame{Name: m.name, Title: m.name, Entry: m.name, Tab: m.tab, Percent: -1}
	detail, err := m.c.Cloud.App(m.c.Context(), m.name)
	var op live.Op
	if s.Ops != nil {
		op = s.Ops[m.name]
	}
	var e *agent.Error
	switch {
	case err == nil:
		f.Detail, f.App, f.State, f.Entry = &detail, detail.App, detail.State, detail.Entry
		if detail.Title != "" {
			f.Title = detail.Title
		}
		if f.Name != f.Entry[strings.LastIndexByte(f.Entry, '/')+1:] {
			f.Called = f.Name
		}
	case !errors.As(err, &e) || e.Code != agent.CodeNotFound:
		return nil, err
	case op.ID == "" || op.Last.Final: // nothing is under way that could make it one
		return m.gone(f, op, e)
	default:
		f.State = agent.StateInstalling
	}
	if op.ID != "" && !op.Last.Final {
		f.Op, f.Percent, f.Amount = &op, op.Last.Percent, amount(m.c, op.Last)
		f.Doing = doing(m.c, s, op, f.State)
	}
	if f.Detail == nil {
		return f, nil
	}
	f.Reaches, _ = web.Unfit(detail.Risks)
	f.Needs = append(m.needs(f, s, op), m.unfit(f)...)
	f.Where = where(m.c, s, detail)
	if f.State != agent.StateInstalling {
		f.Sparks = m.use()
	}
	return f, nil
}

// use is what the app used in the last hour, empty where that cannot be told.
func (m *maker) use() web.Charts {
	if now := m.c.Now(); now.Sub(m.sparksAt) > keepUse {
		m.sparksAt = now
		if u, err := m.c.Cloud.Usage(m.c.Context(), agent.UsageQuery{App: m.name, Range: agent.LastHour}); err == nil {
			m.sparks = m.c.Charts(u, agent.LastHour, at(m.name, "/usage.json"), at(m.name, ""))
		} else {
			m.c.Log.Debug("an app's use is not known", "app", m.name, "err", err)
		}
	}
	return m.sparks
}

// lastLines are the last that the app wrote, for those who may read them.
func (m *maker) lastLines() []string {
	if !m.c.May(agent.ActSeeLogs) {
		return nil
	}
	if now := m.c.Now(); now.Sub(m.tailAt) > keepTail {
		m.tailAt = now
		ctx, cancel := context.WithTimeout(m.c.Context(), 3*time.Second) // a page does not wait for a machine that is slow
		defer cancel()
		lines, err := tail(ctx, m.c.Cloud, m.name, "", 12)
		if err != nil {
			m.c.Log.Debug("the last lines are not known", "app", m.name, "err", err)
		}
		m.tail = nil
		for _, l := range lines {
			m.tail = append(m.tail, clean(l.Text))
		}
	}
	return m.tail
}

// amount is how much was downloaded, "" where nothing is.
func amount(c *web.Ctx, e agent.Event) string {
	if e.Total <= 0 || e.Stage != agent.StagePull {
		return ""
	}
	text := c.T("%d of %d MB", (e.Bytes+500_000)/1_000_000, (e.Total+500_000)/1_000_000)
	if e.Left > 0 {
		text += ", " + remaining(c, e.Left)
	}
	return text
}

func remaining(c *web.Ctx, seconds int) string {
	if seconds < 90 {
		return c.T("%d s", seconds)
	}
	return c.T("%d min", (seconds+30)/60)
}

// doing says what an operation does, as far as the newest changes tell.
func doing(c *web.Ctx, s *live.State, op live.Op, state string) string {
	at := slices.IndexFunc(s.Latest, func(a agent.Activity) bool { return a.Op != "" && a.Op == op.ID })
	if at < 0 {
		if state == agent.StateInstalling {
			return c.T("Installing")
		}
		return c.T("Being changed")
	}
	switch s.Latest[at].Action {
	case "install":
		return c.T("Installing")
	case "start":
		return c.T("Starting")
	case "stop":
		return c.T("Stopping")
	case "restart":
		return c.T("Starting anew")
	case "remove":
		return c.T("Being removed")
	case "configure":
		return c.T("Starting with new settings")
	case "override":
		return c.T("Starting with what was changed by hand")
	}
	return c.T("Being changed")
}

// where says where an app runs and where its data lies.
func where(c *web.Ctx, s *live.State, d agent.AppDetail) []place {
	var out []place
	for k, name := range machines(d, true) {
		p := place{Text: name, State: machineState(s, name)}
		if k == 0 {
			p.Label = c.T("Runs on")
		}
		if c.May(agent.ActSeeMachines) {
			p.Href = "/machines/" + name
		}
		out = append(out, p)
	}
	if d.Replicas > 1 {
		out = append(out, place{Label: c.T("Copies"), Text: c.T("%d of %d run", d.Running, d.Replicas)})
	}
	if on := machines(d, false); len(on) > 0 {
		out = append(out, place{Label: c.T("Data on"), Text: strings.Join(on, ", ")})
	}
	if d.URL != "" {
		out = append(out, place{Label: c.T("Address"), Text: strings.TrimPrefix(strings.TrimPrefix(d.URL, "https://"), "http://"), Href: d.URL})
	}
	if d.Version != "" {
		out = append(out, place{Label: c.T("Version"), Text: d.Version})
	}
	return out
}

// machines are those that an app runs on, or those that its data lies on.
func machines(d agent.AppDetail, runs bool) []string {
	var out []string
	if runs {
		for _, name := range strings.Split(d.Node, ",") {
			out = append(out, strings.TrimSpace(name))
		}
		for _, svc := range d.Services {
			out = append(out, svc.Node)
		}
	} else {
		for _, v := range d.Volumes {
			out = append(out, v.Node)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "" })
}

// machineState is the state of a machine that is not well, "" otherwise.
func machineState(s *live.State, name string) string {
	for _, n := range s.Nodes {
		if n.Name == name && n.State != agent.NodeReady {
			return n.State
		}
	}
	return ""
}

// Tabs are the pages that who asks may see.
func (f *frame) Tabs(v web.View) []tab {
	if f.Detail == nil {
		return nil
	}
	var out []tab
	add := func(key, title, rest string, act agent.Action) {
		if v.May(act) {
			out = append(out, tab{key, title, at(f.Name, rest)})
		}
	}
	add("overview", v.T("Overview"), "", agent.ActSeeApp)
	add("logs", v.T("Logs"), "/logs", agent.ActSeeLogs)
	add("terminal", v.T("Terminal"), "/terminal", agent.ActTerminal)
	add("settings", v.T("Settings"), "/settings", agent.ActChangeApp)
	add("advanced", v.T("Advanced"), "/advanced", agent.ActSeeJob)
	return out
}

// Runs tells whether there is something to open, to stop or to look into.
func (f *frame) Runs() bool { return f.State == agent.StateRunning || f.State == agent.StateDegraded }
