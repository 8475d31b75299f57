package store

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

const (
	// shelf is how many entries are sent at once: more than most screens hold, and not so
	// many that a browser is busy with them while the next letter is typed.
	shelf = 24
	// longest is the most of a search that is looked at, in bytes.
	longest = 100
)

// Orders of the entries.
const (
	byMatch = ""     // as the search ranks them; where nothing is searched, what fits first
	byName  = "name" // by title
	bySize  = "size" // those that need the least memory first
)

// question is what somebody looks for.
type question struct {
	Q        string
	Category string // "" for all
	Store    string // "" for all, ownStore for the catalog's own
	Fits     bool   // only what fits on a machine that there is
	Sort     string
	Page     int // from 1
}

// ask reads a question from a link. What makes no sense in it is left out, since links
// are typed and shortened by people.
func ask(v url.Values) question {
	q := question{Q: strings.Join(strings.Fields(clip(v.Get("q"), longest)), " "), Category: clip(v.Get("category"), 40), Store: clip(v.Get("store"), 60), Fits: v.Get("fits") == "1", Page: 1}
	if s := v.Get("sort"); s == byName || s == bySize {
		q.Sort = s
	}
	if n, err := strconv.Atoi(v.Get("page")); err == nil && n > 0 {
		q.Page = min(n, 10_000)
	}
	return q
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// Link leads to the answer.
func (q question) Link() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Q)
	set("category", q.Category)
	set("store", q.Store)
	set("sort", q.Sort)
	if q.Fits {
		v.Set("fits", "1")
	}
	if q.Page > 1 {
		v.Set("page", strconv.Itoa(q.Page))
	}
	if len(v) == 0 {
		return "/store"
	}
	return "/store?" + v.Encode()
}

// Turn is the same question for another page of the answer.
func (q question) Turn(page int) question {
	q.Page = page
	return q
}

// answer are the entries of one page.
type answer struct {
	Entries []agent.Entry
	Total   int // in all pages
	Page    int
	Pages   int
}

// choose picks and orders of what a search found. A page beyond the last is the last.
func choose(found []agent.Entry, q question) answer {
	out := make([]agent.Entry, 0, len(found))
	for _, e := range found {
		if (q.Category == "" || e.Category == q.Category) && (!q.Fits || len(e.Fits) > 0) && q.of(e) {
			out = append(out, e)
		}
	}
	title := func(a, b agent.Entry) int { return cmp.Or(compareTitles(a.Title, b.Title), strange(a)-strange(b)) }
	switch {
	case q.Sort == bySize:
		slices.SortStableFunc(out, func(a, b agent.Entry) int { return cmp.Or(cmp.Compare(a.Memory, b.Memory), title(a, b)) })
	case q.Sort == byMatch && q.Q == "":
		nowhere := func(e agent.Entry) int { return max(0, 1-len(e.Fits)) }
		slices.SortStableFunc(out, func(a, b agent.Entry) int {
			return cmp.Or(strange(a)-strange(b), cmp.Compare(nowhere(a), nowhere(b)), title(a, b))
		})
	case q.Sort == byMatch:
		slices.SortStableFunc(out, func(a, b agent.Entry) int { return strange(a) - strange(b) })
	case q.Sort == byName:
		slices.SortStableFunc(out, title)
	}
	a := answer{Total: len(out), Pages: max(1, (len(out)+shelf-1)/shelf)}
	a.Page = min(q.Page, a.Pages)
	from := (a.Page - 1) * shelf
	a.Entries = out[from:min(from+shelf, len(out))]
	return a
}

// compareTitles orders as a reader would, whatever the case of the letters.
func compareTitles(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		x, y := lower(a[0]), lower(b[0])
		if x != y {
			return cmp.Compare(x, y)
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
