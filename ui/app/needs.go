package app

import (
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// need is something that the app needs from whoever looks at it.
type need struct {
	web.Warning
	Lines []string // the last that the app wrote
	// Do is where a form of one button is sent, with its text.
	Do, DoText string
}

// needs says what is not well with an app, and what to do about it. While something
// is being done to it there is nothing to do but to wait.
func (m *maker) needs(f *frame, s *live.State, op live.Op) []need {
	c := m.c
	if f.Op != nil || f.State == agent.StateInstalling {
		return nil
	}
	var out []need
	if op.Last.Final && op.Last.State == agent.EventFailed && op.Last.Error != nil {
		n := need{Warning: web.Warning{Level: web.LevelBad, Text: c.T("The last change did not work: %s", op.Last.Error.Message), Hint: op.Last.Error.Hint}}
		if c.May(agent.ActSeeLogs) {
			n.Lines = cleanAll(op.Last.Logs)
		}
		out = append(out, n)
	}
	reason := f.App.Reason
	switch f.State {
	case agent.StateStopped:
		n := need{Warning: web.Warning{Level: web.LevelInfo, Text: c.T("%s is stopped.", f.Title), Hint: c.T("Nobody can open it. Its data is kept.")}}
		out = append(out, m.offer(n, "/start", c.T("Start it")))
	case agent.StateFailed:
		n := need{Warning: web.Warning{Level: web.LevelBad, Text: c.T("%s has crashed.", f.Title), Hint: web.Sentence(reason)}, Lines: m.lastLines()}
		if len(n.Lines) > 0 {
			n.Hint = strings.TrimSpace(n.Hint + " " + c.T("Its last lines often say why. Is every setting right? If so, try to start it anew."))
		} else {
			n.Hint = strings.TrimSpace(n.Hint + " " + c.T("Try to start it anew; if that does not help, look at its settings."))
		}
		out = append(out, m.offer(n, "/restart", c.T("Start anew")))
	case agent.StateDegraded:
		out = append(out, m.degraded(f, s, reason))
	}
	return out
}

// degraded tells apart what passes by itself from what does not.
func (m *maker) degraded(f *frame, s *live.State, reason string) need {
	c := m.c
	for _, name := range append(machines(*f.Detail, true), machines(*f.Detail, false)...) {
		if state := machineState(s, name); state == agent.NodeDown {
			n := need{Warning: web.Warning{Level: web.LevelWarn, Text: c.T("%s is away, and %s needs it.", name, f.Title),
				Hint: c.T("Is it switched on, and has it a network? %s goes on by itself once the machine is back.", f.Title)}}
			if c.May(agent.ActSeeMachines) {
				n.Href, n.Action = "/machines/"+name, c.T("See %s", name)
			}
			return n
		}
	}
	if strings.Contains(reason, "is starting") {
		return need{Warning: web.Warning{Level: web.LevelInfo, Text: c.T("%s is starting.", f.Title), Hint: c.T("This takes up to a minute or two; this page says when it is there.")}}
	}
	n := need{Warning: web.Warning{Level: web.LevelWarn, Text: c.T("%s does not run as it should.", f.Title), Hint: web.Sentence(reason)}, Lines: m.lastLines()}
	return m.offer(n, "/restart", c.T("Start anew"))
}

// unfit tells of an override that does not fit any more, as after an update. Why, in
// the scheduler's words, stands where it is put right.
func (m *maker) unfit(f *frame) []need {
	_, broken := web.Unfit(f.Detail.Risks)
	if len(broken) == 0 {
		return nil
	}
	n := need{Warning: web.Warning{Level: web.LevelWarn, Text: m.c.T("What was changed by hand does not fit any more."), Hint: web.UnfitHint(m.c.T, broken[0])}}
	if m.c.May(agent.ActOverride) {
		n.Href, n.Action = at(m.name, "/override"), m.c.T("Put it right")
	}
	return []need{n}
}

// offer adds a button for those who may press it.
func (m *maker) offer(n need, do, text string) need {
	if m.c.May(agent.ActChangeApp) {
		n.Do, n.DoText = at(m.name, do), text
	}
	return n
}
