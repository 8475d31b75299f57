package home

import (
	"html/template"
	"sync"

	"github.com/dentropy/dcloud/ui/web"
)

// mostRendered bounds what is kept: some thousand tiles of less than 2 KB.
const mostRendered = 4096

// rendered keeps tiles as HTML. A tile looks the same to all who see it in a language,
// and of a hundred hardly one changes from one page to the next, while making them is
// most of the work of a page.
type rendered struct {
	mu    sync.Mutex
	tiles map[look]template.HTML
}

// look is all that a tile's HTML is made of.
type look struct {
	tile tile
	lang string
}

// of is a tile's HTML. It comes out of the part "home-tile", which escapes what it is
// given.
func (r *rendered) of(c *web.Ctx, t tile) (template.HTML, error) {
	key := look{t, c.Lang()}
	r.mu.Lock()
	html, there := r.tiles[key]
	r.mu.Unlock()
	if there {
		return html, nil
	}
	text, err := c.PartText(pages, "home-tile", t)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tiles == nil || len(r.tiles) >= mostRendered {
		r.tiles = map[look]template.HTML{}
	}
	r.tiles[key] = template.HTML(text)
	return r.tiles[key], nil
}
