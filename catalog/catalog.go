package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Catalog is a set of entries that can be used. It does not change once made, so
// it may be read from anywhere at once.
type Catalog struct {
	entries []*App // sorted by name
	texts   []searchText
}

// searchText is what Search looks through, in small letters, best field first.
type searchText [5]string

func newCatalog(entries []*App) *Catalog {
	c := &Catalog{entries: entries}
	slices.SortFunc(c.entries, func(a, b *App) int { return cmp.Compare(a.Name, b.Name) })
	for _, a := range c.entries {
		c.texts = append(c.texts, searchText{
			strings.ToLower(a.Name), strings.ToLower(a.Title), strings.ToLower(a.Tagline),
			strings.ToLower(a.Category), strings.ToLower(a.Description),
		})
	}
	return c
}

// Entries are all entries, sorted by name. The slice is the caller's own.
func (c *Catalog) Entries() []*App { return slices.Clone(c.entries) }

// Get returns the entry of that name.
func (c *Catalog) Get(name string) (*App, bool) {
	i, ok := slices.BinarySearchFunc(c.entries, name, func(a *App, name string) int { return cmp.Compare(a.Name, name) })
	if !ok {
		return nil, false
	}
	return c.entries[i], true
}

// Nearest is the name of the entry that was probably meant, "" if none is near.
func (c *Catalog) Nearest(name string) string {
	names := make([]string, len(c.entries))
	for i, a := range c.entries {
		names[i] = a.Name
	}
	return nearest(name, names)
}

// Search returns the entries in which every word occurs, whatever its case, in the
// name, title, tagline, category or description; no words are all entries. The best
// match comes first: the name or title itself, then its beginning, a word of it, a word
// of the tagline, the middle of a name or title, and so on to the description. Equals
// are sorted by name.
func (c *Catalog) Search(words string) []*App {
	wanted := strings.Fields(strings.ToLower(words))
	if len(wanted) == 0 {
		return c.Entries()
	}
	type hit struct {
		app  *App
		rank int
	}
	var hits []hit
	for i, a := range c.entries {
		if rank, ok := c.texts[i].rank(wanted); ok {
			hits = append(hits, hit{a, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	found := make([]*App, len(hits))
	for i, h := range hits {
		found[i] = h.app
	}
	return found
}

// rank adds up how well each word matches; less is better.
func (t *searchText) rank(words []string) (int, bool) {
	sum := 0
	for _, w := range words {
		best := missing
		for i := range t {
			// The first fields are the best: what cannot become better is not looked at.
			if best <= grades[i][exact] {
				break
			}
			if how := match(t[i], w); how != none {
				best = min(best, grades[i][how])
			}
		}
		if best == missing {
			return 0, false
		}
		sum += best
	}
	return sum, true
}

// How a word stands in a text.
const (
	exact = iota
	begins
	wordIn // a word in it begins with it
	inside
	none
)

const missing = 1 << 10

// grades say how good a match is, by field (name, title, tagline, category,
// description) and how; less is better.
var grades = [5][4]int{
	{0, 1, 2, 4},
	{0, 1, 2, 4},
	{3, 3, 3, 6},
	{5, 5, 5, 6},
	{7, 7, 7, 8},
}

// match tells how a word stands in a text, both in small letters, at its best.
func match(text, word string) int {
	at := strings.Index(text, word)
	switch {
	case at < 0:
		return none
	case at == 0 && len(text) == len(word):
		return exact
	case at == 0:
		return begins
	}
	for from := at; ; {
		if b := text[from-1]; b < 0x80 && !('a' <= b && b <= 'z' || '0' <= b && b <= '9') {
			return wordIn
		}
		next := strings.Index(text[from+1:], word)
		if next < 0 {
			return inside
		}
		from += 1 + next
	}
}
