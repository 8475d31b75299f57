package activity

import (
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// row is a change in words.
type row struct {
	agent.Activity
	Who   string
	What  string
	Icon  string
	State string // for the part "state"
	Took  string // "" where it was done at once
	Stage string // at which it failed, in words
	Link  string // of what it is about
}

// words are what was done, with an icon. The verb's %s is what it is about.
var words = map[string]struct{ text, icon string }{
	"install":     {"installed %s", "download"},
	"start":       {"started %s", "play"},
	"stop":        {"stopped %s", "square"},
	"restart":     {"restarted %s", "rotate-cw"},
	"remove":      {"removed %s", "trash-2"},
	"configure":   {"changed the settings of %s", "settings"},
	"secrets":     {"looked at the passwords of %s", "eye"},
	"terminal":    {"opened a terminal in %s", "square-terminal"},
	"crash":       {"%s ended by itself", "octagon-alert"},
	"drain":       {"emptied %s", "server"},
	"undrain":     {"let %s run apps again", "server"},
	"node-join":   {"%s joined", "server"},
	"node-down":   {"%s went away", "server"},
	"node-up":     {"%s came back", "server"},
	"node-remove": {"took %s out of the cloud", "server"},
	"node-accept": {"let %s in", "server"},
	"node-refuse": {"sent %s away", "server"},
	"token":       {"made a line for new machines", "plus"},
	"invite":      {"made a link for %s", "users"},
	"user":        {"changed the account of %s", "users"},
	"user-remove": {"removed %s", "users"},
	"sign-in":     {"signed in", "users"},
	"settings":    {"changed the cloud's settings", "settings"},
}

// trying are the same while they are under way or failed, where the past would be wrong.
var trying = map[string]string{
	"install": "install %s", "start": "start %s", "stop": "stop %s", "restart": "restart %s", "remove": "remove %s", "configure": "change the settings of %s",
	"drain": "empty %s", "undrain": "let %s run apps again", "node-remove": "take %s out of the cloud", "node-join": "let %s in", "settings": "change the cloud's settings",
}

// byItself are what happens with nobody behind it: what it is about is who did it.
var byItself = []string{"crash", "node-down", "node-up", "node-join"}

func rowOf(c *web.Ctx, a agent.Activity) row {
	r := row{Activity: a, Who: whoOf(c, a.Actor), Icon: "info", State: a.Outcome}
	about := a.App
	switch {
	case a.App != "":
		r.Link = "/apps/" + a.App
	case a.Node != "":
		about, r.Link = a.Node, "/machines/"+a.Node
	case a.User != "":
		about, r.Link = a.User, "/people/"+a.User
	}
	text := a.Action + " %s"
	if w, known := words[a.Action]; known {
		text, r.Icon = w.text, w.icon
	}
	if t, known := trying[a.Action]; known && a.Outcome != agent.OutcomeDone {
		if text = "tried to " + t; a.Outcome == agent.OutcomeRunning {
			text = "is about to " + t
		}
	}
	r.What = fill(c, text, about)
	if slices.Contains(byItself, a.Action) {
		r.Who = "" // the app or machine did it, not somebody
	}
	if a.Outcome == agent.OutcomeRunning {
		r.State = "under way"
	}
	if !a.Ended.IsZero() {
		if d := a.Ended.Sub(a.Started).Round(time.Second); d >= time.Second {
			r.Took = tookOf(c, d)
		}
	}
	for _, s := range c.Stages(failedAt(a.Stage)) {
		r.Stage = s.Text
	}
	return r
}

func whoOf(c *web.Ctx, actor string) string {
	switch actor {
	case "":
		return c.T("The cloud")
	case "root", "unix:root", "unix:0":
		return c.T("Somebody at the machine (root)")
	case "token:owner":
		return c.T("Somebody with the cloud's token")
	}
	return actor
}

func tookOf(c *web.Ctx, d time.Duration) string {
	if d < time.Minute {
		return c.N(int(d.Seconds()), "1 second", "%d seconds")
	}
	if d < time.Hour {
		return c.N(int(d.Minutes()), "1 minute", "%d minutes")
	}
	return c.N(int(d.Hours()), "1 hour", "%d hours")
}

// fill puts what a change is about into its words, which may have no place for it.
func fill(c *web.Ctx, text, about string) string {
	if !strings.Contains(text, "%s") {
		return c.T(text)
	}
	if about == "" {
		about = c.T("something")
	}
	return c.T(text, about)
}

// failedAt is an operation that failed at a stage, for its words.
func failedAt(stage string) live.Op {
	op := live.Op{Last: agent.Event{Final: true}}
	if stage != "" {
		op.Stages = []live.Stage{{Name: stage, State: agent.EventFailed}}
	}
	return op
}
