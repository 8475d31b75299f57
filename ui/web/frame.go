package web

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

//go:embed pages/*.html
var ownFiles embed.FS

var ownPages = MustParse(Within(ownFiles, "pages"))

// Within is a folder of an embedded file system; a package embeds its templates as one.
func Within(files fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err)
	}
	return sub
}

// Place is one of the five.
type Place struct {
	Path, Name, Icon string
	Here             bool
	act              agent.Action
}

// Places are those that who asks may go to.
func (c *Ctx) Places() []Place {
	all := []Place{
		{"/", c.T("Home"), "house", false, agent.ActOpenApps},
		{"/store", c.T("Store"), "layout-grid", false, agent.ActSeeStore},
		{"/machines", c.T("Machines"), "server", false, agent.ActSeeMachines},
		{"/people", c.T("People"), "users", false, agent.ActPeople},
		{"/settings", c.T("Settings"), "settings", false, agent.ActOwnAccount},
	}
	path := c.Echo.Request().URL.Path
	var out []Place
	for _, p := range all {
		p.Here = p.Path == path || p.Path != "/" && strings.HasPrefix(path, p.Path+"/") || p.Path == "/" && strings.HasPrefix(path, "/apps/")
		if c.May(p.act) {
			out = append(out, p)
		}
	}
	return out
}

// Lang is the language of the page, as HTML names it.
func (c *Ctx) Lang() string { return c.lang.tag.String() }

// Accent is the owner's colour, CloudName what the cloud is called.
func (c *Ctx) Accent() string {
	if a := c.State().Settings.Accent; a != "" {
		return a
	}
	return agent.Accents()[0]
}
func (c *Ctx) CloudName() string {
	if n := c.State().Settings.Name; n != "" {
		return n
	}
	return c.T("Your cloud")
}
