// Package machines is the pages about machines: the pool as a picture, one machine, letting a new one in.
//
// It depends on ui/web and on the words in agent. Start reading at Routes, then
// poolOf (pool.go) and pictureOf (picture.go), which are pure.
package machines

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
	get, post, see, change := http.MethodGet, http.MethodPost, agent.ActSeeMachines, agent.ActMachines
	return []web.Route{
		{Method: get, Path: "/machines", Action: see, Handle: list},
		{Method: get, Path: "/live/machines", Action: see, Stream: true, Handle: follow},
		{Method: get, Path: "/machines/add", Action: change, Handle: add},
		{Method: post, Path: "/machines/tokens", Action: change, Handle: makeToken},
		{Method: post, Path: "/machines/pending/:id/accept", Action: change, Handle: accept},
		{Method: post, Path: "/machines/pending/:id/refuse", Action: change, Handle: refuse},
		{Method: get, Path: "/machines/:name", Action: see, Handle: one},
		{Method: get, Path: "/live/machines/:name", Action: see, Stream: true, Handle: followOne},
		{Method: get, Path: "/machines/:name/usage.json", Action: see, Handle: usage},
		{Method: post, Path: "/machines/:name/drain", Action: change, Handle: drain},
		{Method: post, Path: "/machines/:name/undrain", Action: change, Handle: undrain},
		{Method: get, Path: "/machines/:name/remove", Action: agent.ActRemoveNode, Sudo: true, Handle: askRemove},
		{Method: post, Path: "/machines/:name/remove", Action: agent.ActRemoveNode, Sudo: true, Handle: remove},
	}
}

func list(c *web.Ctx) error { return c.Page(pages, "machines.html", poolOf(c, c.State())) }

// follow keeps the list up to date, or, for a page that waits for a new machine, those
// that came since.
func follow(c *web.Ctx) error {
	if known := c.Query("known"); known != "" {
		return c.Follow(func(s *live.State) (web.Patches, error) {
			came := arrivalsOf(c, s, known)
			came.OOB = true
			text, err := c.PartText(pages, "machines-arrivals", came)
			return web.Patches{"machines-arrivals": text}, err
		})
	}
	return c.Follow(func(s *live.State) (web.Patches, error) {
		p := poolOf(c, s)
		p.OOB = true
		pending, err := c.PartText(pages, "machines-pending", p)
		if err != nil {
			return nil, err
		}
		pool, err := c.PartText(pages, "machines-pool", p)
		return web.Patches{"machines-pending": pending, "machines-pool": pool}, err
	})
}

func accept(c *web.Ctx) error {
	if err := c.Cloud.Accept(c.Context(), c.Param("id")); err != nil {
		return err
	}
	return c.Done("/machines", c.T("It is let in. It appears below, and is ready in a minute or two."))
}

func refuse(c *web.Ctx) error {
	if err := c.Cloud.Refuse(c.Context(), c.Param("id")); err != nil {
		return err
	}
	return c.Done("/machines", c.T("It was sent away."))
}
