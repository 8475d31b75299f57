package home

import (
	"cmp"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// suggestedShelves are the categories of which a first app is proposed, in this order.
var suggestedShelves = []string{"files", "photos", "passwords", "reading", "notes", "media", "home", "communication", "office"}

// suggested are apps to begin with, for a cloud that has none and somebody who may
// install some.
func suggested(c *web.Ctx, s *live.State) []agent.Entry {
	if len(s.Apps) > 0 || !c.May(agent.ActInstall) {
		return nil
	}
	entries, err := c.Cloud.Catalog(c.Context(), "")
	if err != nil {
		c.Log.Warn("the catalog does not answer", "err", err)
		return nil
	}
	return suggestions(entries)
}

// suggestions are three of the catalog's own entries, of different shelves. Those that fit on a machine come
// before those that do not, small ones before large ones.
func suggestions(entries []agent.Entry) []agent.Entry {
	shelf := func(e agent.Entry) int {
		if k := slices.Index(suggestedShelves, e.Category); k >= 0 {
			return k
		}
		return len(suggestedShelves)
	}
	fits := func(e agent.Entry) int { return min(len(e.Fits), 1) }
	// Nobody has looked at what other people's stores have: that is for who looks for it.
	sorted := slices.DeleteFunc(slices.Clone(entries), func(e agent.Entry) bool { return e.Store != "" })
	slices.SortStableFunc(sorted, func(a, b agent.Entry) int {
		return cmp.Or(-cmp.Compare(fits(a), fits(b)), cmp.Compare(shelf(a), shelf(b)), cmp.Compare(a.Memory, b.Memory), cmp.Compare(a.Name, b.Name))
	})
	var out []agent.Entry
	for _, e := range sorted {
		same := func(o agent.Entry) bool { return o.Category == e.Category }
		if len(out) < 3 && !slices.ContainsFunc(out, same) {
			out = append(out, e)
		}
	}
	return out
}
