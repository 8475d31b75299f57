package activity

import (
	"net/url"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Change is one change as people read it.
type Change struct {
	agent.Activity
	Did   string // "Installed", "Signed in"
	What  string // that it is about: an app, a machine, a person; "" for the cloud itself
	Href  string // where that is looked after, "" for nowhere
	Icon  string
	Who   string
	State string        // as the part "state" takes it
	Took  time.Duration // 0 while it is under way, or where it took no time
	Again string        // where an install is tried again, "" for nowhere
}

// did are the words of what was done, and the icon that goes with it.
var did = map[string][2]string{
	"install":     {"Installed", "download"},
	"start":       {"Started", "play"},
	"stop":        {"Stopped", "square"},
	"restart":     {"Started anew", "rotate-ccw"},
	"remove":      {"Removed", "trash-2"},
	"configure":   {"Settings changed", "settings"},
	"secrets":     {"Passwords looked at", "key-round"},
	"exec":        {"Command run", "terminal"},
	"crash":       {"Not all of it runs", "triangle-alert"},
	"recover":     {"Runs again", "check"},
	"drain":       {"Emptied", "server"},
	"undrain":     {"Open for apps again", "server"},
	"node-join":   {"Joined", "server"},
	"node-remove": {"Taken out", "server"},
	"node-down":   {"Went away", "wifi-off"},
	"node-up":     {"Is back", "check"},
	"accept":      {"Let in", "check"},
	"refuse":      {"Sent away", "x"},
	"token":       {"Invitation for a machine", "plus"},
	"invite":      {"Invited", "user"},
	"user":        {"Account", "user"},
	"sign-in":     {"Signed in", "log-out"},
	"settings":    {"Settings of the cloud", "settings"},
	"test":        {"Trial message", "bell"},
}

func changeOf(c *web.Ctx, a agent.Activity) Change {
	words, known := did[a.Action]
	if !known {
		words = [2]string{strings.ToUpper(a.Action[:min(1, len(a.Action))]) + a.Action[min(1, len(a.Action)):], "activity"}
	}
	out := Change{Activity: a, Did: c.T(words[0]), Icon: words[1], Who: who(c, a.Actor), State: a.Outcome}
	switch {
	case a.App != "":
		out.What, out.Href = a.App, "/apps/"+url.PathEscape(a.App)
	case a.Node != "":
		out.What, out.Href = a.Node, "/machines/"+url.PathEscape(a.Node)
	case a.User != "":
		out.What, out.Href = a.User, "/people/"+url.PathEscape(a.User)
	}
	if a.Outcome == agent.OutcomeRunning {
		out.State = "under way" // "running" is the word for an app
	} else if a.Ended.Sub(a.Started) >= time.Second {
		out.Took = a.Ended.Sub(a.Started).Round(time.Second)
	}
	if a.Outcome == agent.OutcomeFailed && a.Request != nil && c.May(agent.ActInstall) {
		out.Again = "/store/" + url.PathEscape(a.Request.Entry) + "/install?again=" + url.QueryEscape(a.ID)
	}
	return out
}

// who did it, in words.
func who(c *web.Ctx, actor string) string {
	switch actor {
	case "", "system":
		return c.T("the cloud itself")
	case "root", "unix:root":
		return c.T("root, on the machine")
	case c.Session.Actor():
		return c.T("you")
	}
	if name, ok := strings.CutPrefix(actor, "token:"); ok {
		return c.T("a program with the token %s", name)
	}
	return actor
}
