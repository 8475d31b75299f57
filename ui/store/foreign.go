package store

import (
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// foreign is what somebody should know of an entry that comes from a store of somebody
// else's; of an entry of the catalog it is the zero value.
type foreign struct {
	Store string
	Risky []string // what it could do that apps of the catalog do not
	Notes []string // what was changed or left out when it was taken over
	// MustRead: it is installed only by who says to have read this.
	MustRead bool
	Read     bool // they do
	Error    string
}

func foreignOf(e agent.Entry) foreign {
	if e.Store == "" {
		return foreign{}
	}
	f := foreign{Store: e.Store}
	for _, w := range e.Warnings {
		if web.Risky(w) {
			_, text, _ := strings.Cut(w, ": ")
			f.Risky = append(f.Risky, web.Sentence(text))
		} else {
			f.Notes = append(f.Notes, web.Sentence(w))
		}
	}
	f.MustRead = len(f.Risky)+len(e.Risks) > 0
	return f
}

// nameOf is the entry that a path is about: ENTRY, or STORE/ENTRY.
func nameOf(c *web.Ctx) string {
	if store := c.Param("store"); store != "" {
		return store + "/" + c.Param("entry")
	}
	return c.Param("entry")
}

// baseName is what an entry is called within its store: what an app of it is called.
func baseName(entry string) string { return entry[strings.LastIndexByte(entry, '/')+1:] }

// ownStore stands for the catalog itself where a store is chosen. No store is called so.
const ownStore = "-"

// storesOf are the stores that entries are of, by name.
func storesOf(entries []agent.Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Store != "" && !slices.Contains(out, e.Store) {
			out = append(out, e.Store)
		}
	}
	slices.Sort(out)
	return out
}

// of tells whether an entry is of the store that is asked for.
func (q question) of(e agent.Entry) bool {
	return q.Store == "" || q.Store == e.Store || q.Store == ownStore && e.Store == ""
}

// strange is 1 of an entry of a store: it never stands before the catalog's own.
func strange(e agent.Entry) int {
	if e.Store != "" {
		return 1
	}
	return 0
}
