// Package activity is what happened: every change with who made it, when, and what
// came of it.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package activity

import (
	"embed"
	"net/http"
	"net/url"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	get, may := http.MethodGet, agent.ActActivity
	return []web.Route{
		{Method: get, Path: "/activity", Action: may, Handle: list},
		{Method: get, Path: "/activity/:id", Action: may, Handle: one},
	}
}

// perPage is how many changes a page shows. To find one among older ones, at most
// lookBack are asked for.
const (
	perPage  = 40
	lookBack = 500
)

// listPage is the newest changes, or those before one.
type listPage struct {
	Days   []day
	App    string // only about this one
	Node   string // likewise
	Apps   []string
	Nodes  []string
	Older  string // the page of those before, "" for none
	Newest bool   // it is the first page
}

// day is what happened on one.
type day struct {
	Title   string
	Changes []Change
}

func list(c *web.Ctx) error {
	page := &listPage{App: c.Query("app"), Node: c.Query("machine"), Newest: c.Query("before") == ""}
	q := agent.ActivityQuery{App: page.App, Node: page.Node, Before: c.Query("before"), Limit: perPage + 1}
	changes, err := c.Cloud.Activity(c.Context(), q)
	if err != nil {
		return err
	}
	if len(changes) > perPage {
		changes = changes[:perPage]
		page.Older = page.at(changes[perPage-1].ID)
	}
	page.Days = days(c, changes)
	for _, a := range c.State().Apps {
		page.Apps = append(page.Apps, a.Name)
	}
	for _, n := range c.State().Nodes {
		page.Nodes = append(page.Nodes, n.Name)
	}
	return c.Page(pages, "list.html", page)
}

// at is the page of the changes before one.
func (p *listPage) at(before string) string {
	v := url.Values{}
	for name, value := range map[string]string{"app": p.App, "machine": p.Node, "before": before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "/activity?" + v.Encode()
}

// days groups changes, which come newest first, by the day that they began.
func days(c *web.Ctx, changes []agent.Activity) []day {
	var out []day
	for _, a := range changes {
		title := dayWord(c, a.Started, c.Now())
		if len(out) == 0 || out[len(out)-1].Title != title {
			out = append(out, day{Title: title})
		}
		last := &out[len(out)-1]
		last.Changes = append(last.Changes, changeOf(c, a))
	}
	return out
}

// dayWord is a day as people say it.
func dayWord(c *web.Ctx, t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch {
	case !t.Before(midnight):
		return c.T("Today")
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return c.T("Yesterday")
	case t.Year() == now.Year():
		return t.Format("Monday, 2 January")
	}
	return t.Format("2 January 2006")
}

func one(c *web.Ctx) error {
	a, err := find(c, c.Param("id"))
	if err != nil {
		return err
	}
	return c.Page(pages, "one.html", changeOf(c, a))
}

// find looks a change up by its ID. IDs sort by time: asked for what came before the
// next possible ID, the change comes first.
func find(c *web.Ctx, id string) (agent.Activity, error) {
	changes, err := c.Cloud.Activity(c.Context(), agent.ActivityQuery{Before: id + "~", Limit: lookBack})
	if err != nil {
		return agent.Activity{}, err
	}
	for _, a := range changes {
		if a.ID == id {
			return a, nil
		}
	}
	return agent.Activity{}, agent.Errorf(agent.CodeNotFound, "this is not remembered any more").
		WithHint("the newest changes are under Activity")
}
