package home

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// Where a machine has little room left. A disk in MB and in parts of a hundred: large
// disks are never "nearly full" while tens of GB are free.
const (
	diskLowPercent, diskLowMB   = 10, 20 << 10
	diskFullPercent, diskFullMB = 3, 2 << 10
	memoryHighPercent           = 92
	// lateFailure is how long a change that failed is told.
	lateFailure = 24 * time.Hour
	// mostWarnings are listed; the rest is counted.
	mostWarnings = 20
)

// notes are the warnings: the worst one is shown, the others are folded away, since the
// screen belongs to the apps.
type notes struct {
	First, Others []web.Warning
	Uncounted     int // that are not listed
	OOB           bool
}

// words are texts in somebody's language, which *web.Ctx has.
type words interface {
	T(text string, args ...any) string
	N(n int, one, many string) string
}

// notesOf are the warnings for who asks. That nothing answers is said by the frame.
func notesOf(c *web.Ctx, s *live.State, titles map[string]string) notes {
	all := warnings(s, titles, c.May, c, c.Now())
	var n notes
	if len(all) > mostWarnings {
		all, n.Uncounted = all[:mostWarnings], len(all)-mostWarnings
	}
	first := min(1, len(all))
	n.First, n.Others = all[:first], all[first:]
	return n
}

// warnings are what needs somebody's attention, the worst first, as far as they may see
// it, each with what to do.
func warnings(s *live.State, titles map[string]string, may func(agent.Action) bool, w words, now time.Time) []web.Warning {
	var out []web.Warning
	if may(agent.ActSeeMachines) {
		for _, n := range s.Nodes {
			out = append(out, ofMachine(n, w)...)
		}
	}
	if may(agent.ActSeeApp) {
		for _, a := range s.Apps {
			out = append(out, ofApp(a, titleOf(a, titles), w)...)
			_, broken := web.Unfit(s.Risks[a.Name])
			out = append(out, ofOverride(a, titleOf(a, titles), broken, may(agent.ActOverride), w)...)
		}
	}
	if n := len(s.Pending); n > 0 && may(agent.ActMachines) {
		out = append(out, ofPending(s.Pending, w))
	}
	if a, ok := lastFailure(s, now); ok && may(agent.ActActivity) {
		out = append(out, ofFailure(a, titles, w))
	}
	slices.SortStableFunc(out, func(a, b web.Warning) int { return cmp.Compare(severity(a.Level), severity(b.Level)) })
	return out
}

func severity(level string) int {
	return slices.Index([]string{web.LevelBad, web.LevelWarn, web.LevelInfo}, level)
}

func ofMachine(n agent.Node, w words) []web.Warning {
	page := "/machines/" + n.Name
	if n.State == agent.NodeDown {
		text := w.T("%s is away.", n.Name)
		if n.Reason != "" {
			text = w.T("%s is away: %s.", n.Name, n.Reason)
		}
		return []web.Warning{{Level: web.LevelBad, Text: text,
			Hint: w.T("See that it has power and network. Apps with data on it wait for it."), Href: page, Action: w.T("Look at %s", n.Name)}}
	}
	if n.Load == nil {
		return nil
	}
	var out []web.Warning
	l := n.Load
	if l.DiskFree >= 0 && l.DiskTotal > 0 {
		part, level := l.DiskFree*100/l.DiskTotal, ""
		switch {
		case part < diskFullPercent || l.DiskFree < diskFullMB && part < diskLowPercent:
			level = web.LevelBad
		case part < diskLowPercent && l.DiskFree < diskLowMB:
			level = web.LevelWarn
		}
		if level != "" {
			out = append(out, web.Warning{Level: level, Text: w.T("The disk of %s is nearly full: %s are free.", n.Name, amounts(w.T, l.DiskFree, l.DiskTotal)),
				Hint: w.T("Remove an app or files that you do not need, or put new apps on another machine."), Href: page, Action: w.T("What uses it")})
		}
	}
	if l.MemoryUsed >= 0 && n.Memory > 0 && l.MemoryUsed*100/n.Memory >= memoryHighPercent {
		out = append(out, web.Warning{Level: web.LevelWarn, Text: w.T("The memory of %s is nearly full: %s are used.", n.Name, amounts(w.T, l.MemoryUsed, n.Memory)),
			Hint: w.T("Stop an app there, or add a machine."), Href: page, Action: w.T("What uses it")})
	}
	return out
}

func ofApp(a agent.App, title string, w words) []web.Warning {
	out := web.Warning{Href: "/apps/" + a.Name, Action: w.T("See what to do")}
	switch a.State {
	case agent.StateFailed:
		out.Level, out.Text = web.LevelBad, w.T("%s does not run.", title)
		if a.Reason != "" {
			out.Text = w.T("%s does not run: %s.", title, strings.TrimRight(a.Reason, ". "))
		}
		out.Hint = w.T("Its page has the last lines that it wrote, and Restart.")
	case agent.StateDegraded:
		out.Level, out.Text = web.LevelWarn, w.T("%s is not well.", title)
		if a.Reason != "" {
			out.Text = w.T("%s is not well: %s.", title, strings.TrimRight(a.Reason, ". "))
		}
		out.Hint = w.T("It may come right by itself. If it does not, restart it.")
	default:
		return nil
	}
	return []web.Warning{out}
}

// ofOverride tells of an override that an update of its entry left without its ground.
func ofOverride(a agent.App, title string, broken []string, may bool, w words) []web.Warning {
	if len(broken) == 0 {
		return nil
	}
	out := web.Warning{Level: web.LevelWarn, Text: w.T("What was changed of %s by hand does not fit any more.", title), Hint: web.UnfitHint(w.T, broken[0]),
		Href: "/apps/" + a.Name, Action: w.T("Have a look")}
	if may {
		out.Href, out.Action = "/apps/"+a.Name+"/override", w.T("Put it right")
	}
	return []web.Warning{out}
}

func ofPending(p []agent.PendingNode, w words) web.Warning {
	out := web.Warning{Level: web.LevelInfo, Href: "/machines", Action: w.T("Answer"), Hint: w.T("Let it in if it is yours.")}
	if len(p) == 1 {
		out.Text = w.T("%s asks to join your cloud, from %s.", p[0].Name, p[0].Address)
		return out
	}
	out.Text, out.Hint = w.T("%d machines ask to join your cloud.", len(p)), w.T("Let in those that are yours.")
	return out
}

// lastFailure is the newest change that failed, unless the same thing was done since
// with success, or it is told of already: an app that does not run says so itself.
func lastFailure(s *live.State, now time.Time) (agent.Activity, bool) {
	for k, a := range s.Latest {
		if a.Outcome != agent.OutcomeFailed || now.Sub(a.Started) > lateFailure {
			continue
		}
		since := func(b agent.Activity) bool {
			return b.Outcome != agent.OutcomeFailed && b.App == a.App && b.Node == a.Node && b.User == a.User &&
				(b.Action == a.Action || a.App != "")
		}
		told := func(b agent.App) bool {
			return b.Name == a.App && (b.State == agent.StateFailed || b.State == agent.StateDegraded)
		}
		if slices.ContainsFunc(s.Latest[:k], since) || slices.ContainsFunc(s.Apps, told) {
			continue
		}
		return a, true
	}
	return agent.Activity{}, false
}

func ofFailure(a agent.Activity, titles map[string]string, w words) web.Warning {
	out := web.Warning{Level: web.LevelWarn, Href: "/activity/" + a.ID, Action: w.T("What happened")}
	about := cmp.Or(a.Node, a.User)
	if a.App != "" {
		about = titleOf(agent.App{Name: a.App, Entry: a.App}, titles)
	}
	if a.Action == "install" && a.App != "" {
		out.Text = w.T("%s could not be installed.", about)
		out.Href, out.Action = "/apps/"+a.App, w.T("Try again")
	} else {
		out.Text = web.Sentence(web.What(w.T, a, cmp.Or(about, w.T("something"))))
		if a.Actor != "" { // not what happened by itself
			out.Text = w.T("%s It did not work.", out.Text)
		}
	}
	if a.Error != nil {
		out.Hint = web.Sentence(a.Error.Message)
	}
	return out
}
