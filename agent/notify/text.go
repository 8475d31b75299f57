package notify

import (
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// verbs say of an action that failed what was to be done.
var verbs = map[string]string{
	"install": "be installed", "start": "be started", "stop": "be stopped", "restart": "be restarted", "remove": "be removed",
	"configure": "be changed", "drain": "be drained", "undrain": "be opened again", "node-remove": "be removed", "node-join": "join",
}

// Title is the message in a few words: "Ada's cloud: miniflux could not be installed".
func (m Message) Title() string {
	a := m.Activity
	about := a.App
	if about == "" {
		about = a.Node
	}
	switch verb, known := verbs[a.Action]; {
	case a.Action == "test":
		return m.Cloud + ": this is a test"
	case a.Action == "crash":
		return m.Cloud + ": " + about + " is not well"
	case a.Action == "node-down":
		return m.Cloud + ": " + about + " does not answer"
	case known && about != "":
		return m.Cloud + ": " + about + " could not " + verb
	case about != "":
		return m.Cloud + ": " + a.Action + " of " + about + " failed"
	}
	return m.Cloud + ": " + a.Action + " failed"
}

// Text says what happened and what to do next. The app's log is not in it: what people
// wrote to an app is not to lie with others.
func (m Message) Text() string {
	a := m.Activity
	var lines []string
	if a.Error != nil {
		lines = append(lines, sentence(a.Error.Message))
		if a.Error.Hint != "" {
			lines = append(lines, sentence(a.Error.Hint))
		}
	}
	if a.Detail != "" {
		lines = append(lines, sentence(a.Detail))
	}
	if a.Actor != "" && a.Action != "test" {
		lines = append(lines, "Asked for by "+a.Actor+".")
	}
	if len(lines) == 0 {
		return m.Title()
	}
	return strings.Join(lines, "\n")
}

// sentence begins in upper case and ends with a stop, unless it ends with a command.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if s[0] >= 'a' && s[0] <= 'z' && !strings.HasPrefix(s, "dcloud") && !strings.HasPrefix(s, "sudo") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") && !strings.Contains(s, "dcloud ") {
		s += "."
	}
	return s
}

// priority of ntfy, 1 to 5: who is asleep is not to be woken by an install that failed.
func (m Message) priority() string {
	switch m.Activity.Action {
	case "crash", "node-down":
		return "4"
	}
	return "3"
}

// tags of ntfy; the first is shown as a symbol (https://docs.ntfy.sh/emojis/).
func (m Message) tags() string {
	tags := []string{"warning"}
	if m.Activity.Action == "test" || m.Activity.Outcome == agent.OutcomeDone {
		tags[0] = "white_check_mark"
	}
	return strings.Join(append(tags, m.Activity.Action), ",")
}
