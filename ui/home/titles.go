package home

import (
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// askAgain is how often the catalog is asked at most for a title that it did not have.
const askAgain = time.Minute

// titles keeps what the catalog calls its entries: it is large, and the home screen
// wants a dozen words of it.
type titles struct {
	mu    sync.Mutex
	known map[string]string // by entry; never changed once set
	asked time.Time
}

// of returns titles by entry. An entry that the catalog does not have has none, nor has
// any while the catalog does not answer.
func (t *titles) of(c *web.Ctx, apps []agent.App) map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	missing := false
	for _, a := range apps {
		if _, ok := t.known[a.Entry]; !ok {
			missing = true
		}
	}
	if !missing || c.Now().Sub(t.asked) < askAgain {
		return t.known
	}
	t.asked = c.Now()
	entries, err := c.Cloud.Catalog(c.Context(), "")
	if err != nil {
		c.Log.Warn("the catalog does not answer", "err", err)
		return t.known
	}
	known := make(map[string]string, len(entries))
	for _, e := range entries {
		known[e.Name] = e.Title
	}
	t.known = known
	return known
}
