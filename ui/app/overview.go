package app

import (
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// overviewPage is the first page of an app.
type overviewPage struct {
	Frame  *frame
	Charts web.Charts
}

// overview shows an app: also while it is being installed, and after that failed.
func overview(c *web.Ctx) error {
	m := &maker{c: c, name: c.Param("name"), tab: "overview"}
	f, err := m.frame(c.State())
	if err != nil {
		return err
	}
	page := overviewPage{Frame: f}
	if f.Detail != nil {
		page.Charts = m.charts(f)
	}
	return c.Page(pages, "app.html", page)
}

// charts are those of the range that was asked for.
func (m *maker) charts(f *frame) web.Charts {
	span := web.ReadRange(m.c.Query("range"))
	empty := web.Charts{Src: at(m.name, "/usage.json"), Page: at(m.name, ""), Range: span}
	if span == agent.LastHour && len(f.Sparks.Lines) > 0 {
		return f.Sparks
	}
	u, err := m.c.Cloud.Usage(m.c.Context(), agent.UsageQuery{App: m.name, Range: span})
	if err != nil {
		return empty
	}
	return m.c.Charts(u, span, empty.Src, empty.Page)
}

// usage is what charts.ts draws.
func usage(c *web.Ctx) error {
	span := web.ReadRange(c.Query("range"))
	u, err := c.Cloud.Usage(c.Context(), agent.UsageQuery{App: c.Param("name"), Range: span})
	if err != nil {
		return err
	}
	return c.SendCharts(u, span)
}

// live pieces of a page, by the id of their element and the part that makes it; the
// first page has one more.
var (
	pieces        = []string{"app-head", "app-progress", "app-needs", "app-reaches", "app-facts", "app-tabs"}
	piecesOfFirst = append(slices.Clone(pieces), "app-remove")
)

// follow keeps the pieces of an app's page up to date, through an install, to the app
// that came of it.
func follow(c *web.Ctx) error {
	m := &maker{c: c, name: c.Param("name"), tab: c.Query("tab")}
	there := pieces
	if m.tab == "overview" {
		there = piecesOfFirst
	}
	return c.Follow(func(s *live.State) (web.Patches, error) {
		f, err := m.frame(s)
		if e := agent.AsError(err); err != nil && e.Code == agent.CodeNotFound {
			f = &frame{Name: m.name, Title: m.name, Entry: m.name, Tab: m.tab,
				Needs: []need{{Warning: web.Warning{Level: web.LevelInfo, Text: web.Sentence(e.Message), Hint: e.Hint, Href: "/", Action: c.T("Go home")}}}}
		} else if err != nil {
			return nil, err
		}
		f.Live = true
		out := web.Patches{}
		for _, id := range there {
			if out[id], err = c.PartText(pages, id, f); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// enter loads the frame for a page that needs the app to be there.
func enter(c *web.Ctx, tab string) (*frame, error) {
	m := &maker{c: c, name: c.Param("name"), tab: tab}
	f, err := m.frame(c.State())
	if err != nil {
		return nil, err
	}
	if f.Detail == nil {
		return nil, agent.Errorf(agent.CodeNotFound, "%s", c.T("%s is not there yet", f.Name)).
			WithHint("%s", c.T("its page says how far it is: /apps/%s", f.Name))
	}
	return f, nil
}
