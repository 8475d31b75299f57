package store

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// What a pill is.
const (
	pillInstall = "install"
	pillRing    = "ring" // being installed
	pillOpen    = "open"
	pillApp     = "app"   // it is there and cannot be opened: to the app's page
	pillEntry   = "entry" // it cannot be installed by this person, or here: to the entry's page
)

// pill is the one button of a card. What it says follows the live state, in place.
type pill struct {
	Entry   string
	Title   string // of the entry
	Kind    string
	Href    string
	Percent int // of a ring
}

// pillOf is the pill of an entry for somebody.
func pillOf(e agent.Entry, s *live.State, role string) pill {
	p := pill{Entry: e.Name, Title: e.Title, Kind: pillEntry, Href: "/store/" + e.Name}
	if agent.Allows(role, agent.ActInstall) && len(e.Fits) > 0 {
		p.Kind, p.Href = pillInstall, "/store/"+e.Name+"/install"
	}
	rank := 0
	for _, a := range s.Apps {
		if a.Entry != e.Name {
			continue
		}
		// One that is being installed is what just happened; then what can be opened.
		switch {
		case a.State == agent.StateInstalling && rank < 3:
			rank, p.Kind, p.Href, p.Percent = 3, pillRing, "/apps/"+a.Name, 0
			if op, ok := s.Ops[a.Name]; ok && !op.Last.Final {
				p.Percent = min(max(op.Last.Percent, 0), 100)
			}
		case a.URL != "" && (a.State == agent.StateRunning || a.State == agent.StateDegraded) && rank < 2:
			rank, p.Kind, p.Href = 2, pillOpen, a.URL
		case rank < 1:
			rank, p.Kind, p.Href = 1, pillApp, "/apps/"+a.Name
		}
	}
	return p
}

// installedAs lists the apps that were made of an entry.
func installedAs(entry string, s *live.State) []agent.App {
	var out []agent.App
	for _, a := range s.Apps {
		if a.Entry == entry {
			out = append(out, a)
		}
	}
	return out
}
