package app

import (
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// gone is an install that failed: the app was taken back, what it left is why.
type gone struct {
	Error agent.Error
	Lines []string
	Steps live.Op
	Again string // where to try once more, "" for those who may not
	When  time.Time
}

// gone tells of an app that is not there: why an install failed, who removed it, or
// that it never was.
func (m *maker) gone(f *frame, op live.Op, never *agent.Error) (*frame, error) {
	c := m.c
	history, err := c.Cloud.Activity(c.Context(), agent.ActivityQuery{App: m.name, Limit: 20})
	if err != nil {
		c.Log.Debug("an app's history is not known", "app", m.name, "err", err)
	}
	k := slices.IndexFunc(history, func(a agent.Activity) bool { return a.Action == "install" || a.Action == "remove" })
	if k >= 0 && history[k].Action == "remove" && history[k].Outcome == agent.OutcomeDone {
		if by := history[k].Actor; by != "" {
			return nil, agent.Errorf(agent.CodeNotFound, "%s", c.T("%s was removed %s by %s", m.name, c.Ago(history[k].Ended), by)).
				WithHint("%s", c.T("It can be installed again from the store."))
		}
	}
	failedNow := op.ID != "" && op.Last.Final && op.Last.State == agent.EventFailed
	var last *agent.Activity
	if k >= 0 && history[k].Action == "install" {
		last = &history[k]
	}
	if !failedNow && (last == nil || last.Outcome != agent.OutcomeFailed) {
		return nil, agent.Errorf(agent.CodeNotFound, "%s", c.T("there is no app called %s", short(m.name))).
			WithHint("%s", c.T("It may have been removed. All apps are on the home screen."))
	}
	g := &gone{Error: *agent.Errorf(agent.CodeFailed, "%s", c.T("nothing more is known"))}
	if last != nil {
		g.When = last.Ended
		if last.Error != nil {
			g.Error, g.Lines = *last.Error, last.Logs
		}
		if last.Stage != "" {
			g.Steps = live.Op{Last: agent.Event{Final: true}, Stages: []live.Stage{{Name: last.Stage, State: agent.EventFailed}}}
		}
		if r := last.Request; r != nil {
			f.Entry = r.Entry
			if c.May(agent.ActInstall) {
				g.Again = "/store/" + r.Entry + "/install?again=" + last.ID
			}
		}
	}
	if failedNow {
		if op.Last.Error != nil {
			g.Error = *op.Last.Error
		}
		if len(op.Last.Logs) > 0 {
			g.Lines = op.Last.Logs
		}
		g.Steps, g.When = op, op.Last.Time
	}
	g.Lines = cleanAll(g.Lines)
	if !c.May(agent.ActSeeLogs) {
		g.Lines = nil
	}
	f.State, f.Gone = agent.StateFailed, g
	return f, nil
}

// short keeps what somebody typed into an address from filling a page.
func short(name string) string {
	if r := []rune(clean(name)); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return clean(name)
}
