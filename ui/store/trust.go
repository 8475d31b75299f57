package store

import (
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// trust is what somebody should know before an install, in three lines.
type trust struct{ Lines []trustLine }

// trustLine is one of them.
type trustLine struct {
	Kind    string // reach, may, doors
	Title   string
	Texts   []string
	Unusual bool // worth a second look
}

// text is T of *web.Ctx.
type text = func(string, ...any) string

// trustOf says who can reach an app, what it may do to the machine it runs on, and
// which doors of its own it opens.
func trustOf(e agent.Entry, t text) trust {
	reach := trustLine{Kind: "reach", Title: t("Who can open it"), Texts: []string{t(accessSentence(e.Access))}, Unusual: e.Access == "public"}
	if len(e.Public) > 0 && e.Access != "public" && e.Access != "app" {
		reach.Texts = append(reach.Texts, t("%s is open to everybody, so that links that you give away work.", strings.Join(e.Public, ", ")))
		reach.Unusual = true
	}
	may := trustLine{Kind: "may", Title: t("What it may do")}
	doors := trustLine{Kind: "doors", Title: t("Doors of its own")}
	for _, r := range e.Risks {
		switch {
		case strings.HasPrefix(r, "opens port "):
			if len(e.Ports) == 0 {
				doors.Texts = append(doors.Texts, t("It %s.", r))
			}
		case strings.HasPrefix(r, "is open to everyone"), strings.HasPrefix(r, "leaves the path"):
			// The first line says so already.
		default:
			may.Texts = append(may.Texts, t("It %s.", strings.TrimPrefix(r, "it ")))
		}
	}
	if may.Unusual = len(may.Texts) > 0; !may.Unusual {
		may.Texts = []string{t("Nothing unusual: it runs shut in, and sees its own files alone.")}
	}
	for _, p := range e.Ports {
		doors.Texts = append(doors.Texts, t("It opens %s to the network of its machine.", p))
	}
	if doors.Unusual = len(doors.Texts) > 0; !doors.Unusual {
		doors.Texts = []string{t("None: it is reached through the front door alone.")}
	}
	return trust{[]trustLine{reach, may, doors}}
}
