package app

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// perPage is how many changes a page of the history shows.
const perPage = 20

// advancedPage is an app as the machines see it.
type advancedPage struct {
	Frame   *frame
	Job     agent.JobText
	NoJob   *agent.Error
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

// Outcome is the state of a change, for the part "state".
func (p advancedPage) Outcome(a agent.Activity) string {
	if a.Outcome == agent.OutcomeRunning {
		return "under way"
	}
	return a.Outcome
}

// Did is what was done, in words.
func (p advancedPage) Did(v web.View, a agent.Activity) string {
	switch a.Action {
	case "install":
		return v.T("Installed")
	case "start":
		return v.T("Started")
	case "stop":
		return v.T("Stopped")
	case "restart":
		return v.T("Started anew")
	case "remove":
		return v.T("Removed")
	case "configure":
		return v.T("Settings changed")
	case "secrets":
		return v.T("Passwords looked at")
	case "crash":
		return v.T("Crashed")
	case "exec":
		return v.T("Terminal opened")
	}
	return a.Action
}

// Who made a change, in words.
func (p advancedPage) Who(v web.View, a agent.Activity) string {
	if a.Actor == "" {
		return v.T("the cloud itself")
	}
	return a.Actor
}
