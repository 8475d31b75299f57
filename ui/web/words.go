package web

import (
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// StateView is a state as people see it: a dot of a colour and a word.
type StateView struct {
	Level string // ok, busy, warn, bad, idle
	Text  string
}

// stateWords are the words of apps', machines' and operations' states.
var stateWords = map[string]StateView{
	agent.StateInstalling: {"busy", "Installing"},
	agent.StateRunning:    {"ok", "Running"},
	agent.StateDegraded:   {"warn", "Not all of it runs"},
	agent.StateStopped:    {"idle", "Stopped"},
	agent.StateFailed:     {"bad", "Failed"}, // also an outcome
	agent.NodeJoining:     {"busy", "Joining"},
	agent.NodeReady:       {"ok", "Well"}, // also an engine's
	agent.NodeDown:        {"bad", "Away"},
	agent.NodeDraining:    {"warn", "Being emptied"},
	agent.NodeLeft:        {"idle", "Left"},
	agent.OutcomeDone:     {"ok", "Done"},
	"under way":           {"busy", "Under way"}, // an outcome: "running" is the app's word
	"starting":            {"busy", "Starting"},
	"pending":             {"busy", "Waiting"},
	"dead":                {"bad", "Ended"},
	"failing":             {"bad", "Failing"},
	"backoff":             {"warn", "Waiting to start again"},
	"passing":             {"ok", "Answers"},
	"critical":            {"bad", "Does not answer"},
}

// StateWord is a state in words; one that is not known is its own word.
func (c *Ctx) StateWord(state string) StateView {
	v, known := stateWords[state]
	if !known {
		return StateView{"idle", state}
	}
	v.Text = c.T(v.Text)
	return v
}

// Processor is the kind of a machine's processor in words.
func (c *Ctx) Processor(arch string) string {
	switch arch {
	case "amd64":
		return c.T("Intel or AMD, 64 bits")
	case "arm64":
		return c.T("ARM, 64 bits")
	case "arm":
		return c.T("ARM, 32 bits")
	}
	return arch
}

// StageView is one line of an operation's list.
type StageView struct {
	Level string // done, now, next, failed
	Text  string
	More  string // what was told of it last
}

// stageWords: what is under way, and what it was once it is done.
var stageWords = map[string][2]string{
	agent.StageResolve: {"Looking it up", "Found"},
	agent.StageCheck:   {"Checking", "Checked"},
	agent.StageSecrets: {"Making passwords", "Passwords made"},
	agent.StageVolumes: {"Making room for its data", "Room made for its data"},
	agent.StagePlan:    {"Choosing a machine", "Machine chosen"},
	agent.StagePull:    {"Downloading", "Downloaded"},
	agent.StageStart:   {"Starting", "Started"},
	agent.StageHealthy: {"Waiting until it answers", "It answers"},
	agent.StageRouted:  {"Putting it on the web", "On the web"},
	agent.StageStop:    {"Stopping", "Stopped"},
	agent.StageRemove:  {"Removing", "Removed"},
	agent.StageDrain:   {"Moving its apps", "Its apps moved"},
	agent.StageRotate:  {"Changing the keys", "Keys changed"},
}

// coming are the steps of an install that are worth announcing.
var coming = []string{agent.StageCheck, agent.StageSecrets, agent.StagePull, agent.StageStart, agent.StageHealthy, agent.StageRouted}

// Stages is an operation as a list: what is done, what is under way, and of an install
// what is still to come.
func (c *Ctx) Stages(op live.Op) []StageView {
	var out []StageView
	seen := map[string]bool{}
	for _, s := range settled(op) {
		seen[s.Name] = true
		words, known := stageWords[s.Name]
		if !known {
			words = [2]string{s.Name, s.Name}
		}
		v := StageView{Level: "now", Text: c.T(words[0]), More: s.Message}
		switch s.State {
		case agent.EventDone:
			v.Level, v.Text = "done", c.T(words[1])
		case agent.EventFailed:
			v.Level = "failed"
		}
		out = append(out, v)
	}
	if op.Last.Final || !seen[agent.StageResolve] || seen[agent.StageRemove] {
		return out
	}
	last := -1
	for k, name := range coming {
		if seen[name] {
			last = k
		}
	}
	for _, name := range coming[last+1:] {
		out = append(out, StageView{Level: "next", Text: c.T(stageWords[name][1])})
	}
	return out
}

// settled are the stages without those that nobody ended though their time is over: the
// ones before a stage that is done or failed are done, and once the operation has failed
// what came beside that was broken off, but for the taking back.
func settled(op live.Op) []live.Stage {
	past := -1 // the last stage that is over
	for k, s := range op.Stages {
		if s.State == agent.EventDone || s.State == agent.EventFailed {
			past = k
		}
	}
	var out []live.Stage
	for k, s := range op.Stages {
		open := s.State != agent.EventDone && s.State != agent.EventFailed
		broken := op.Last.Final && op.Last.State == agent.EventFailed && k > past && s.Name != agent.StageRemove
		if open && broken {
			continue
		}
		if open && (k < past || op.Last.Final) {
			s.State = agent.EventDone
		}
		out = append(out, s)
	}
	return out
}

// Ago is a time as people say it; panel.ts goes on counting with the same words.
func (c *Ctx) Ago(t time.Time) string {
	if t.IsZero() {
		return c.T("never")
	}
	now := c.Now()
	d := now.Sub(t)
	switch size := d.Abs(); {
	case size < time.Minute:
		if d < 0 {
			return c.T("in a moment")
		}
		return c.T("just now")
	case size < time.Hour:
		return c.distance(d, int(size.Minutes()), "1 minute", "%d minutes")
	case size < 24*time.Hour:
		return c.distance(d, int(size.Hours()), "1 hour", "%d hours")
	case size < 30*24*time.Hour:
		return c.distance(d, int(size.Hours()/24), "1 day", "%d days")
	case t.Year() == now.Year():
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

func (c *Ctx) distance(d time.Duration, n int, one, many string) string {
	if d < 0 {
		return c.T("in %s", c.N(n, one, many))
	}
	return c.T("%s ago", c.N(n, one, many))
}

// stageWord is what an operation was at, in words.
func (c *Ctx) stageWord(stage string) string {
	words, known := stageWords[stage]
	if !known {
		return stage
	}
	return c.T(words[0])
}
