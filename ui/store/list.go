package store

import (
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// shop is the store's first page.
type shop struct {
	Ask        question
	Categories []category
	Stores     []string // beside the catalog
	All        int      // entries that there are
	Results    results
}

// results is what was found, which is all that is sent while somebody types.
type results struct {
	Ask     question
	Count   string // in words
	Cards   []card
	Total   int
	Page    int
	More    string // the link to the next page, "" on the last
	Before  string // to the one before, "" on the first
	Wider   string // where nothing was found: the same search in all that there is
	Clear   string // likewise: everything
	Machine bool   // there are machines
}

// card is one entry.
type card struct {
	Name    string
	Title   string
	Tagline string
	Store   string // "" for the catalog's own
	Fits    string // "fits pi1, pi2"
	Nowhere bool   // it fits on none
	Pill    pill
	Lazy    bool // its icon is fetched once it is near to be seen
}

// eager are the cards whose icons are fetched at once: what a screen shows.
const eager = 12

func list(c *web.Ctx) error {
	q := ask(c.Echo.QueryParams())
	found, err := c.Cloud.Catalog(c.Context(), q.Q)
	if err != nil {
		return err
	}
	r := resultsOf(c, found, q)
	// htmx asks for whole pages too, when it goes back to one.
	if c.Enhanced() && c.Echo.Request().Header.Get("HX-History-Restore-Request") != "true" && c.Echo.Request().Header.Get("HX-Boosted") != "true" {
		if c.Echo.Request().Header.Get("HX-Target") == "store-more" {
			return c.Part(pages, "store-next", r)
		}
		return c.Part(pages, "store-results", r)
	}
	all := found
	if q.Q != "" {
		if all, err = c.Cloud.Catalog(c.Context(), ""); err != nil {
			return err
		}
	}
	return c.Page(pages, "store.html", shop{Ask: q, Categories: categoriesOf(all, c.T), Stores: storesOf(all), All: len(all), Results: r})
}

func resultsOf(c *web.Ctx, found []agent.Entry, q question) results {
	s := c.State()
	a := choose(found, q)
	r := results{Ask: q, Total: a.Total, Page: a.Page, Machine: len(s.Nodes) > 0, Clear: "/store"}
	r.Count = c.N(a.Total, "1 app", "%d apps")
	if q.Q != "" {
		r.Count = c.T("%s for “%s”", r.Count, q.Q)
	}
	if a.Page < a.Pages {
		r.More = q.Turn(a.Page + 1).Link()
	}
	if a.Page > 1 {
		r.Before = q.Turn(a.Page - 1).Link()
	}
	if q.Q != "" && (q.Category != "" || q.Fits || q.Store != "") {
		r.Wider = question{Q: q.Q}.Link()
	}
	for k, e := range a.Entries {
		r.Cards = append(r.Cards, card{Name: e.Name, Title: e.Title, Tagline: e.Tagline, Store: e.Store, Lazy: k >= eager || a.Page > 1, Pill: pillOf(e, s, c.Session.Role),
			Fits: strings.Join(e.Fits, ", "), Nowhere: len(e.Fits) == 0 && len(s.Nodes) > 0})
	}
	return r
}
