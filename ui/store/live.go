package store

import (
	"maps"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// follow sends the pills of entries that are installed, or were while this page was
// open. Which cards a page shows changes with each key, so the pills come in one hidden
// list, and the page's script (store.ts) puts each where its card is.
func follow(c *web.Ctx) error {
	known := map[string]agent.Entry{} // entries that had an app
	return c.Follow(func(s *live.State) (web.Patches, error) {
		there := map[string]bool{}
		for _, a := range s.Apps {
			if there[a.Entry] = true; known[a.Entry].Name == "" {
				known[a.Entry] = entryOf(c, a.Entry)
			}
		}
		var pills []pill
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if !there[name] {
				known[name] = entryOf(c, name) // where it fits may have changed
			}
			pills = append(pills, pillOf(known[name], s, c.Session.Role))
		}
		text, err := c.PartText(pages, "store-live", pills)
		return web.Patches{"store-live": text}, err
	})
}

// entryOf is an entry, or as much of it as is known without the catalog.
func entryOf(c *web.Ctx, name string) agent.Entry {
	e, err := c.Cloud.Entry(c.Context(), name)
	if err != nil {
		return agent.Entry{Name: name, Title: name}
	}
	return e
}
