package app

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// perPage is how many changes a page of the history shows.
const perPage = 20

// advancedPage is an app as the machines see it.
type advancedPage struct {
	Frame *frame
	Job   agent.JobText
	NoJob *agent.Error
	// ByHand is the override, nil where that cannot be told, or is not theirs to see.
	ByHand  *agent.Override
	Changes []agent.Activity
	Older   string // the page of those before
	Newest  bool   // it is the first page
}

func advanced(c *web.Ctx) error {
	f, err := enter(c, "advanced")
	if err != nil {
		return err
	}
	page := advancedPage{Frame: f, Newest: c.Query("before") == ""}
	if page.Job, err = c.Cloud.Job(c.Context(), f.Name); err != nil {
		if page.NoJob = agent.AsError(err); page.NoJob.Code == agent.CodeInternal {
			c.Log.Warn("a job cannot be shown", "app", f.Name, "err", err)
			page.NoJob = agent.Errorf(agent.CodeInternal, "%s", c.T("The job cannot be read just now."))
		}
	}
	if c.May(agent.ActOverride) {
		if o, err := c.Cloud.Override(c.Context(), f.Name); err == nil {
			page.ByHand = &o
		} else {
			c.Log.Debug("an override cannot be shown", "app", f.Name, "err", err)
		}
	}
	if !c.May(agent.ActActivity) {
		return c.Page(pages, "advanced.html", page)
	}
	changes, err := c.Cloud.Activity(c.Context(), agent.ActivityQuery{App: f.Name, Before: c.Query("before"), Limit: perPage + 1})
	if err != nil {
		return err
	}
	if len(changes) > perPage {
		changes = changes[:perPage]
		page.Older = at(f.Name, "/advanced?before="+changes[perPage-1].ID+"#history")
	}
	page.Changes = changes
	return c.Page(pages, "advanced.html", page)
}
