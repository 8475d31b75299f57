package home

import (
	"html/template"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// grid are the apps. OOB, here and elsewhere, marks a part that is sent to a page that
// is open, for the place of the element of the same id.
type grid struct {
	Tiles   []tile
	HTML    []template.HTML // of the tiles
	Store   bool            // the plus at the end
	Suggest []agent.Entry
	Fit     bool // the suggestions fit on machines that there are
	Guest   bool
	Empty   bool
	Waiting bool    // nothing is known yet
	Places  [4]bool // that are kept free meanwhile
	OOB     bool
}

// key says which apps are in the grid, in which order.
func (g grid) key() string {
	var b strings.Builder
	for _, t := range g.Tiles {
		b.WriteString(t.Name + " ")
	}
	return b.String()
}

// tile is one app.
type tile struct {
	Name    string
	Entry   string
	Title   string
	Href    string // the app itself, or its page where it cannot be opened; "" for neither
	Opens   bool   // Href is the app itself
	Details string // its page, "" for who may not see it
	State   string // where it is not well, "" where it is
	Level   string // of the dot beside Word, which says the state in the few letters that a tile has room for
	Word    string
	// Caution is what its override asks for beyond a container, or why it does not fit.
	Caution string
	Ring    bool
	Percent int
	OOB     bool
}

// ID is that of the tile's element.
func (t tile) ID() string { return "tile-" + t.Name }

// shortStates are the states that a tile tells of.
var shortStates = map[string]string{
	agent.StateInstalling: "Installing", agent.StateDegraded: "Not well", agent.StateStopped: "Stopped", agent.StateFailed: "Failed",
}

func (h *home) grid(c *web.Ctx, s *live.State, suggest []agent.Entry) (grid, error) {
	g := grid{
		Tiles: tiles(s, c.Session.Role, h.titles.of(c, s.Apps)),
		Store: c.May(agent.ActSeeStore), Guest: !c.May(agent.ActSeeApp), Suggest: suggest,
	}
	g.Empty = len(g.Tiles) == 0
	g.Waiting = g.Empty && s.Away != nil
	for k := range g.Tiles {
		t := &g.Tiles[k]
		if t.State != "" {
			t.Level, t.Word = c.StateWord(t.State).Level, c.T(shortStates[t.State])
		}
		if _, broken := web.Unfit(s.Risks[t.Name]); len(broken) > 0 && t.Caution != "" {
			t.Caution = c.T("What was changed by hand does not fit any more.")
		}
		html, err := h.rendered.of(c, *t)
		if err != nil {
			return g, err
		}
		g.HTML = append(g.HTML, html)
	}
	g.Fit = slices.ContainsFunc(suggest, func(e agent.Entry) bool { return len(e.Fits) > 0 })
	return g, nil
}

// tiles are the apps that somebody of a role sees, by title.
func tiles(s *live.State, role string, titles map[string]string) []tile {
	out := make([]tile, 0, len(s.Apps))
	for _, a := range s.Apps {
		if !agent.Sees(role, a) {
			continue
		}
		t := tile{Name: a.Name, Entry: a.Entry, Title: titleOf(a, titles)}
		if agent.Allows(role, agent.ActSeeApp) {
			t.Details = "/apps/" + a.Name
			t.Caution = strings.Join(s.Risks[a.Name], "; ")
		}
		if a.State != agent.StateRunning {
			t.State = a.State
		}
		if a.State == agent.StateInstalling {
			t.Ring, t.Percent = true, percent(s, a.Name)
		}
		t.Href = t.Details
		if opens(a) {
			t.Href, t.Opens = a.URL, true
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b tile) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return out
}

// opens tells whether a tap leads to the app itself.
func opens(a agent.App) bool {
	return a.URL != "" && (a.State == agent.StateRunning || a.State == agent.StateDegraded)
}

// percent of an operation on an app that is under way.
func percent(s *live.State, app string) int {
	op, ok := s.Ops[app]
	if !ok || op.Last.Final {
		return 0
	}
	return min(max(op.Last.Percent, 0), 100)
}

// titleOf is what stands under an app's icon: the entry's title, or, where somebody
// chose a name, that name as one would write it.
func titleOf(a agent.App, titles map[string]string) string {
	if t := titles[a.Entry]; t != "" && a.Name == a.Entry[strings.LastIndexByte(a.Entry, '/')+1:] {
		return t
	}
	words := strings.ReplaceAll(a.Name, "-", " ")
	r, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return words
	}
	return string(unicode.ToUpper(r)) + words[size:]
}
