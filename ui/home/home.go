// Package home is the first page: the apps as icons, the machines in a line, and what
// needs somebody's attention.
//
// It depends on ui/web, ui/live and on the words in agent. What the page shows is made
// by pure functions of the live state: start reading at Routes, then tiles (tiles.go),
// warnings (warnings.go) and machines (machines.go).
package home

import (
	"embed"
	"net/http"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	h := &home{}
	return []web.Route{
		{Method: http.MethodGet, Path: "/", Action: agent.ActOpenApps, Handle: h.page},
		{Method: http.MethodGet, Path: "/live/home", Action: agent.ActOpenApps, Stream: true, Handle: h.follow},
	}
}

type home struct {
	titles   titles
	rendered rendered
}

// screen is all that the page shows.
type screen struct {
	Greeting string
	Person   string
	Notes    notes
	Apps     grid
	Machines line
}

func (h *home) page(c *web.Ctx) error {
	s := c.State()
	g, err := h.grid(c, s, suggested(c, s))
	if err != nil {
		return err
	}
	return c.Page(pages, "home.html", screen{
		Greeting: c.T(greeting(c.Now())), Person: c.Session.Title,
		Notes: notesOf(c, s, h.titles.of(c, s.Apps)), Apps: g, Machines: machines(c, s),
	})
}

// follow keeps an open page up to date. Each tile is sent by itself; the grid is sent
// only when other apps are in it, so that a ring that turns does not send a hundred
// tiles.
func (h *home) follow(c *web.Ctx) error {
	var suggest []agent.Entry
	var asked bool
	var shown, whole string // the apps in the grid that was sent last, and that grid
	return c.FollowState(func(s *live.State) (web.Patches, error) {
		if len(s.Apps) == 0 && !asked {
			suggest, asked = suggested(c, s), true
		}
		g, err := h.grid(c, s, suggest)
		if err != nil {
			return nil, err
		}
		out := web.Patches{}
		put := func(id, part string, d any) error {
			text, err := c.PartText(pages, part, d)
			out[id] = text
			return err
		}
		if key := g.key(); key != shown || whole == "" {
			g.OOB = true
			if err := put("home-apps", "home-apps", g); err != nil {
				return nil, err
			}
			shown, whole = key, out["home-apps"]
		}
		out["home-apps"] = whole
		for _, t := range g.Tiles {
			t.OOB = true
			html, err := h.rendered.of(c, t)
			if err != nil {
				return nil, err
			}
			out[t.ID()] = string(html)
		}
		n, m := notesOf(c, s, h.titles.of(c, s.Apps)), machines(c, s)
		n.OOB, m.OOB = true, true
		if err := put("home-notes", "home-notes", n); err != nil {
			return nil, err
		}
		return out, put("home-machines", "home-machines", m)
	})
}
