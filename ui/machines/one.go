package machines

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// onePage is one machine.
type onePage struct {
	M      machine
	Apps   []agent.App
	Charts web.Charts
	Plan   *agent.NodePlan // of a drain, where that can be asked for
	May    bool            // change machines
	Remove bool
	OOB    bool
}

func errNone(name string) error {
	return agent.Errorf(agent.CodeNotFound, "there is no machine called %q", name[:min(len(name), 63)]).WithHint("see the list of machines")
}

func onePageOf(c *web.Ctx, s *live.State, name string) (onePage, error) {
	k := slices.IndexFunc(s.Nodes, func(n agent.Node) bool { return n.Name == name })
	if k < 0 {
		if s.Away != nil {
			return onePage{}, s.Away
		}
		return onePage{}, errNone(name)
	}
	p := onePage{M: machineOf(c, s, s.Nodes[k]), May: c.May(agent.ActMachines), Remove: c.May(agent.ActRemoveNode)}
	for _, a := range s.Apps {
		if slices.Contains(strings.Split(a.Node, ","), name) {
			p.Apps = append(p.Apps, a)
		}
	}
	return p, nil
}

func one(c *web.Ctx) error {
	name, span := c.Param("name"), web.ReadRange(c.Query("range"))
	p, err := onePageOf(c, c.State(), name)
	if err != nil {
		return err
	}
	// What is not known leaves the rest of the page as it is.
	u, err := c.Cloud.Usage(c.Context(), agent.UsageQuery{Node: name, Range: span})
	if err != nil {
		c.Log.Debug("no usage to show", "node", name, "err", err)
	}
	at := "/machines/" + url.PathEscape(name)
	p.Charts = c.Charts(u, span, at+"/usage.json", at)
	p.Plan = planOf(c, p)
	return c.Page(pages, "machine.html", p)
}

// planOf is what emptying a machine would do; nil where that is not to be asked.
func planOf(c *web.Ctx, p onePage) *agent.NodePlan {
	if !p.May || p.M.State != agent.NodeReady {
		return nil
	}
	plan, err := c.Cloud.NodePlan(c.Context(), p.M.Name)
	if err != nil {
		return nil
	}
	return &plan
}

func followOne(c *web.Ctx) error {
	name := c.Param("name")
	var plan *agent.NodePlan
	state := "" // of the machine when the plan was asked for
	return c.Follow(func(s *live.State) (web.Patches, error) {
		p, err := onePageOf(c, s, name)
		if err != nil { // it was removed: the page says so
			text, err := c.PartText(pages, "machine-gone", name)
			if err != nil {
				return nil, err
			}
			do, err := c.PartText(pages, "machine-do", onePage{OOB: true})
			return web.Patches{"machine-now": text, "machine-do": do}, err
		}
		if p.M.State != state {
			plan, state = planOf(c, p), p.M.State
		}
		p.OOB, p.Plan = true, plan
		now, err := c.PartText(pages, "machine-now", p)
		if err != nil {
			return nil, err
		}
		do, err := c.PartText(pages, "machine-do", p)
		return web.Patches{"machine-now": now, "machine-do": do}, err
	})
}

func usage(c *web.Ctx) error {
	span := web.ReadRange(c.Query("range"))
	u, err := c.Cloud.Usage(c.Context(), agent.UsageQuery{Node: c.Param("name"), Range: span})
	if err != nil {
		return err
	}
	return c.SendCharts(u, span)
}

func drain(c *web.Ctx) error {
	name := c.Param("name")
	if _, err := c.Cloud.Drain(c.Context(), name); err != nil {
		return err
	}
	return c.Done("/machines/"+url.PathEscape(name), c.T("%s is being emptied. Nothing new starts there.", name))
}

func undrain(c *web.Ctx) error {
	name := c.Param("name")
	if _, err := c.Cloud.Undrain(c.Context(), name); err != nil {
		return err
	}
	return c.Done("/machines/"+url.PathEscape(name), c.T("%s runs apps again.", name))
}

// removePage asks whether a machine is really to go.
type removePage struct {
	Name    string
	Away    bool
	Plan    agent.NodePlan
	Data    []string // apps whose data lies there
	Abandon bool
	Typed   string
	Wrong   string
	Tick    bool // the box has to be ticked, and was not
	Error   *agent.Error
}

func removePageOf(c *web.Ctx) (removePage, error) {
	p := removePage{Name: c.Param("name")}
	for _, n := range c.State().Nodes {
		p.Away = p.Away || n.Name == p.Name && n.State == agent.NodeDown
	}
	plan, err := c.Cloud.NodePlan(c.Context(), p.Name)
	if err != nil {
		return p, err
	}
	p.Plan = plan
	for _, s := range plan.Stays {
		if s.Data {
			p.Data = append(p.Data, s.App)
		}
	}
	return p, nil
}

func askRemove(c *web.Ctx) error {
	p, err := removePageOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "remove.html", p)
}

// remove takes out a machine whose name was typed; with data on it only if giving that
// up was ticked.
func remove(c *web.Ctx) error {
	p, err := removePageOf(c)
	if err != nil {
		return err
	}
	p.Typed, p.Abandon = c.Value("confirm"), c.Value("abandon") == "true"
	if strings.TrimSpace(p.Typed) != p.Name {
		p.Wrong = c.T("Type %s, as it stands above.", p.Name)
	}
	p.Tick = len(p.Data) > 0 && !p.Abandon
	if p.Wrong != "" || p.Tick {
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", p)
	}
	if _, err := c.Cloud.RemoveNode(c.Context(), p.Name, agent.NodeRemove{Abandon: p.Abandon}); err != nil {
		if e, ok := web.Refused(err); ok {
			p.Error = e
			return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", p)
		}
		return err
	}
	return c.Done("/machines", c.T("%s is being taken out of the cloud.", p.Name))
}
