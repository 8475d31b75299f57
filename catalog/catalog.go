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
// name, title, tagline, category or description; no words are all entries. Those
// whose name matches come first, then by title, and so on; the start of a word
// counts for more than its middle. Equals are sorted by name.
func (c *Catalog) Search(words string) []*App {
	wanted := strings.Fields(strings.ToLower(words))
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
func (t searchText) rank(words []string) (int, bool) {
	sum := 0
	for _, w := range words {
		best := -1
		for i, field := range t {
			if grade := matchGrade(field, w); grade >= 0 {
				best = 4*i + grade
				break
			}
		}
		if best < 0 {
			return 0, false
		}
		sum += best
	}
	return sum, true
}

// matchGrade is 0 where the field is the word, 1 where it starts with it, 2 where a
// word in it does, 3 where it stands anywhere, and -1 where it does not.
func matchGrade(field, word string) int {
	switch {
	case field == word:
		return 0
	case strings.HasPrefix(field, word):
		return 1
	case strings.Contains(field, " "+word), strings.Contains(field, "-"+word):
		return 2
	case strings.Contains(field, word):
		return 3
	}
	return -1
}
