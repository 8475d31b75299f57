package web

import (
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// VerdictView is what would come of a change, in words: {{template "verdict"}}.
type VerdictView struct {
	Level string // ok, info, warn or bad
	Icon  string
	Text  string
	More  string
	Why   []string // of what cannot be done: what stands against it, a line each
}

// Verdict puts into words what the scheduler would do with an app that is there.
func (c *Ctx) Verdict(v agent.Verdict, title string) VerdictView {
	switch v.Do {
	case agent.VerdictNothing:
		return VerdictView{Level: "ok", Icon: "check", Text: c.T("Nothing would change."), More: c.T("%s runs on as it does.", title)}
	case agent.VerdictInPlace:
		return VerdictView{Level: "ok", Icon: "check", Text: c.T("It would be changed while it runs."), More: c.T("Nobody would notice.")}
	case agent.VerdictRestart:
		return VerdictView{Level: LevelInfo, Icon: "rotate-ccw", Text: c.T("%s would start anew.", title), More: c.T("It is away for some seconds. Its data stays.")}
	case agent.VerdictPlace:
		view := VerdictView{Level: LevelInfo, Icon: "play", Text: c.T("%s would be started.", title)}
		if v.Node != "" {
			view.Text = c.T("%s would be started on %s.", title, v.Node)
		}
		return view
	case agent.VerdictStop:
		return VerdictView{Level: LevelWarn, Icon: "square", Text: c.T("%s would be stopped.", title), More: c.T("Its data stays.")}
	case agent.VerdictBlocked:
		return VerdictView{Level: LevelBad, Icon: "octagon-alert", Text: c.T("This fits on none of your machines as they are."), Why: v.Why}
	}
	return VerdictView{Level: LevelInfo, Icon: "info", Text: c.T("What would happen is not known.")}
}

// Outlook puts into words what would come of a plan for an app that is there.
func (c *Ctx) Outlook(p agent.Plan, title string) VerdictView {
	if p.Verdict.Do == agent.VerdictNothing && len(p.Diff) > 0 {
		return VerdictView{Level: LevelInfo, Icon: "square", Text: c.T("%s is stopped.", title), More: c.T("It would start with this the next time.")}
	}
	return c.Verdict(p.Verdict, title)
}

// Besides are what a plan tells beside its verdict, which begins "it would be" or "it is".
func (c *Ctx) Besides(p agent.Plan) []string {
	var out []string
	for _, s := range p.Changes {
		if !strings.HasPrefix(s, "it would be ") && !strings.HasPrefix(s, "it is ") {
			out = append(out, Sentence(s))
		}
	}
	return out
}

// ChangeView is a line of a difference: {{template "diff"}}.
type ChangeView struct {
	Op    string // added, changed, removed
	Sign  string
	Word  string // for those who hear the page
	Path  []string
	Last  string // of the address
	Whole string // the address
	Old   string
	New   string
}

// mostChanges are shown; a list of more tells nobody anything.
const mostChanges = 200

// Changes puts a difference between two jobs into lines.
func (c *Ctx) Changes(diff []agent.Change) []ChangeView {
	diff = diff[:min(len(diff), mostChanges)]
	out := make([]ChangeView, 0, len(diff))
	for _, d := range diff {
		v := ChangeView{Op: d.Op, Whole: d.Address, Old: d.Old, New: d.New}
		switch d.Op {
		case agent.DiffAdded:
			v.Sign, v.Word = "+", c.T("added")
		case agent.DiffRemoved:
			v.Sign, v.Word = "−", c.T("taken away")
		default:
			v.Sign, v.Word = "~", c.T("changed")
		}
		steps := splitAddress(d.Address)
		v.Path, v.Last = steps[:len(steps)-1], steps[len(steps)-1]
		out = append(out, v)
	}
	return out
}

// Unshown are the changes of a difference that Changes left out.
func (c *Ctx) Unshown(diff []agent.Change) int { return max(0, len(diff)-mostChanges) }

// splitAddress takes an address apart at its dots, but for those in quotes:
// group.miniflux.task.web.template["secrets/x.env"].
func splitAddress(address string) []string {
	var out []string
	from, quoted := 0, false
	for k := range len(address) {
		switch {
		case address[k] == '"' && (k == 0 || address[k-1] != '\\'):
			quoted = !quoted
		case address[k] == '.' && !quoted:
			out = append(out, address[from:k])
			from = k + 1
		}
	}
	return append(out, address[from:])
}

// Risky tells of a note about an entry of a store whether it is about what the entry
// could do, and not merely about what was left out of it.
func Risky(note string) bool { return strings.HasPrefix(note, "Risky: ") }

// unfit begins what is told of an app whose override does not fit (any more).
const unfit = "its override does not fit"

// Unfit parts what is told of an app's override: what it reaches beyond its container,
// and why it does not fit any more.
func Unfit(risks []string) (reaches, broken []string) {
	for _, r := range risks {
		if strings.HasPrefix(r, unfit) {
			broken = append(broken, r)
		} else {
			reaches = append(reaches, r)
		}
	}
	return reaches, broken
}

// inLine is where the line stands in why an override does not fit.
var inLine = regexp.MustCompile(`^, in line (\d+):`)

// UnfitHint says of an override that does not fit any more what that comes to, without
// the scheduler's words, which stand where it is put right.
func UnfitHint(t func(string, ...any) string, why string) string {
	if m := inLine.FindStringSubmatch(strings.TrimPrefix(why, unfit)); m != nil {
		return t("Line %s does not go with the app as it is now. It runs on as it did.", m[1])
	}
	return t("It does not go with the app as it is now. It runs on as it did.")
}
