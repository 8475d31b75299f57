// Package activity is the pages about what was done: by whom, when, and what came of it.
//
// It depends on ui/web and on the words in agent. Start reading at Routes;
// Deed in ui/web puts a change into words.
package activity

import (
	"embed"
	"net/http"
	"net/url"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/activity", Action: agent.ActActivity, Handle: list},
		{Method: http.MethodGet, Path: "/activity/:id", Action: agent.ActActivity, Handle: one},
	}
}

const (
	onPage = 50  // changes on a page
	search = 500 // changes that are looked through for one of an ID; as many as are given at once
	longID = 128 // characters
)

// row is a change, and its words.
type row struct {
	agent.Activity
	web.Deed
}

// listPage is some of the changes, the newest first.
type listPage struct {
	Rows       []row
	Apps       []string // to choose one
	Nodes      []string
	App, Node  string
	Older      string // address of the next page, "" where there is none
	NotNewest  bool
	Everything string // address without a choice
}

func list(c *web.Ctx) error {
	q := agent.ActivityQuery{App: c.Query("app"), Node: c.Query("machine"), Before: c.Query("before"), Limit: onPage + 1}
	if len(q.Before) > longID || len(q.App) > longID || len(q.Node) > longID {
		return agent.Errorf(agent.CodeInvalid, "the address of this page is damaged").WithHint("begin at the newest changes")
	}
	all, err := c.Cloud.Activity(c.Context(), q)
	if err != nil {
		return err
	}
	p := listPage{App: q.App, Node: q.Node, NotNewest: q.Before != "", Everything: "/activity"}
	if len(all) > onPage {
		all = all[:onPage]
		p.Older = "/activity?" + url.Values{"app": {q.App}, "machine": {q.Node}, "before": {all[onPage-1].ID}}.Encode()
	}
	for _, a := range all {
		p.Rows = append(p.Rows, row{a, c.Deed(a)})
	}
	s := c.State()
	for _, a := range s.Apps {
		p.Apps = append(p.Apps, a.Name)
	}
	for _, n := range s.Nodes {
		p.Nodes = append(p.Nodes, n.Name)
	}
	// What was removed can still be chosen by the address.
	if q.App != "" && !slices.Contains(p.Apps, q.App) {
		p.Apps = append(p.Apps, q.App)
	}
	if q.Node != "" && !slices.Contains(p.Nodes, q.Node) {
		p.Nodes = append(p.Nodes, q.Node)
	}
	return c.Page(pages, "activity.html", p)
}

// onePage is one change.
type onePage struct {
	row
	Again string // where it can be tried once more
}

func one(c *web.Ctx) error {
	id := c.Param("id")
	a, err := find(c, id)
	if err != nil {
		return err
	}
	p := onePage{row: row{a, c.Deed(a)}}
	if a.Outcome == agent.OutcomeFailed && a.Action == "install" && a.Request != nil && c.May(agent.ActInstall) {
		p.Again = "/store/" + url.PathEscape(a.Request.Entry) + "/install?again=" + url.QueryEscape(a.ID)
	}
	return c.Page(pages, "change.html", p)
}

// find looks a change up among the newest, page by page. There are at most about a
// thousand.
func find(c *web.Ctx, id string) (agent.Activity, error) {
	none := agent.Errorf(agent.CodeNotFound, "this change is not remembered any more").WithHint("see the newest ones")
	if len(id) > longID {
		return agent.Activity{}, none
	}
	before := ""
	for range 10 {
		all, err := c.Cloud.Activity(c.Context(), agent.ActivityQuery{Before: before, Limit: search})
		if err != nil {
			return agent.Activity{}, err
		}
		for _, a := range all {
			if a.ID == id {
				return a, nil
			}
		}
		if len(all) < search {
			break
		}
		before = all[len(all)-1].ID
	}
	return agent.Activity{}, none
}
