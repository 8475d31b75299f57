package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Deed is a change in words.
type Deed struct {
	Who      string // "" where what it is about did it: a machine that went away
	What     string // as the end of a sentence that begins with Who
	Icon     string
	State    string // for the part "state"
	Took     string // "" where it was done at once
	FailedAt string // the stage
	Link     string // of what it is about
}

// deeds are what was done. The %s is what it is about.
var deeds = map[string]struct {
	text, icon string
	// tried is the same while it is under way or where it failed, which the past would
	// hide; "" for what is done at once, or by itself.
	tried string
}{
	"install":      {"installed %s", "download", "install %s"},
	"start":        {"started %s", "play", "start %s"},
	"stop":         {"stopped %s", "square", "stop %s"},
	"restart":      {"restarted %s", "rotate-cw", "restart %s"},
	"remove":       {"removed %s", "trash-2", "remove %s"},
	"configure":    {"changed the settings of %s", "settings", "change the settings of %s"},
	"secrets":      {"looked at the passwords of %s", "eye", ""},
	"exec":         {"opened a terminal in %s", "square-terminal", ""},
	"crash":        {"%s ended by itself", "octagon-alert", ""},
	"recover":      {"%s is well again", "check", ""},
	"drain":        {"emptied %s", "server", "empty %s"},
	"undrain":      {"let %s run apps again", "server", "let %s run apps again"},
	"node-join":    {"%s joined", "server", "let %s in"},
	"node-down":    {"%s went away", "server", ""},
	"node-up":      {"%s came back", "server", ""},
	"node-remove":  {"took %s out of the cloud", "server", "take %s out of the cloud"},
	"node-accept":  {"let %s in", "server", ""},
	"node-refuse":  {"sent %s away", "server", ""},
	"token":        {"made a line for new machines", "plus", ""},
	"invite":       {"made a link for %s", "users", ""},
	"user":         {"changed the account of %s", "users", ""},
	"sign-in":      {"signed in", "users", ""},
	"store-add":    {"added a store of apps", "plus", ""},
	"store-sync":   {"read a store of apps anew", "rotate-cw", ""},
	"store-remove": {"removed a store of apps", "trash-2", ""},
	"settings":     {"changed the cloud's settings", "settings", "change the cloud's settings"},
}

// byItself are what happens with nobody behind it: what it is about did it.
var byItself = []string{"crash", "recover", "node-down", "node-up", "node-join"}

// Deed puts a change into words.
func (c *Ctx) Deed(a agent.Activity) Deed {
	d := Deed{Who: c.who(a.Actor), Icon: "info", State: a.Outcome, FailedAt: c.stageWord(a.Stage)}
	switch {
	case a.App != "":
		d.Link = "/apps/" + a.App
	case a.Node != "":
		d.Link = "/machines/" + a.Node
	case a.User != "":
		d.Link = "/people/" + a.User
	}
	d.What = What(c.T, a, cmp.Or(a.App, a.Node, a.User, c.T("something")))
	if known, ok := deeds[a.Action]; ok {
		d.Icon = known.icon
	}
	if slices.Contains(byItself, a.Action) {
		d.Who = ""
	}
	if a.Outcome == agent.OutcomeRunning {
		d.State = "under way"
	}
	if took := a.Ended.Sub(a.Started).Round(time.Second); !a.Ended.IsZero() && took >= time.Second {
		d.Took = c.took(took)
	}
	return d
}

// What was done to what it is about, or tried: "tried to install miniflux".
func What(t func(text string, args ...any) string, a agent.Activity, about string) string {
	text := a.Action + " %s"
	if known, ok := deeds[a.Action]; ok {
		text = known.text
		if known.tried != "" {
			switch a.Outcome {
			case agent.OutcomeRunning:
				text = "is about to " + known.tried
			case agent.OutcomeFailed:
				text = "tried to " + known.tried
			}
		}
	}
	if !strings.Contains(text, "%s") {
		return t(text)
	}
	return t(text, about)
}

// who made a change, in words.
func (c *Ctx) who(actor string) string {
	switch actor {
	case "", "system":
		return c.T("The cloud")
	case "root", "unix:root", "unix:0":
		return c.T("Somebody at the machine (root)")
	case "token:owner":
		return c.T("Somebody with the cloud's token")
	}
	return actor
}

func (c *Ctx) took(d time.Duration) string {
	if d < time.Minute {
		return c.N(int(d.Seconds()), "1 second", "%d seconds")
	}
	if d < time.Hour {
		return c.N(int(d.Minutes()), "1 minute", "%d minutes")
	}
	return c.N(int(d.Hours()), "1 hour", "%d hours")
}
