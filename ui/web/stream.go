package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/ui/live"
)

// Patches are parts of a page by the id of their outermost element, as they are now.
type Patches map[string]string

// beat is how often a stream shows that it lives: a proxy, or a page, gives up one
// that is silent.
const beat = 15 * time.Second

// Follow keeps a page up to date: whenever something changed, it renders the page's
// parts and sends those that differ, as server-sent events named "patch" which htmx
// puts in the place of the elements of the same ids. The page says with v which state
// it was made of.
func (c *Ctx) Follow(render func(*live.State) (Patches, error)) error {
	w := c.Echo.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	flusher := http.NewResponseController(w)
	ctx := c.Context()
	state, changed := c.Live.Wait()
	sent := Patches{}
	if v, _ := strconv.ParseUint(c.Query("v"), 10, 64); v == state.Version {
		now, err := render(state)
		if err != nil {
			return err
		}
		sent = now
	}
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		now, err := render(state)
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte(difference(sent, now))); err != nil {
			return nil
		}
		if err := flusher.Flush(); err != nil {
			return nil
		}
		sent = now
		select {
		case <-changed:
			state, changed = c.Live.Wait()
		case <-alive.C:
			if !c.stillSignedIn() {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// stillSignedIn asks again, since a stream outlives the check at its beginning.
func (c *Ctx) stillSignedIn() bool {
	s, err := c.Accounts.Session(c.Context(), c.Token)
	return err == nil && s.Role == c.Session.Role
}

// difference is one event with what differs, or a comment.
func difference(before, now Patches) string {
	var b strings.Builder
	for id, html := range now {
		if before[id] == html {
			continue
		}
		for line := range strings.Lines(html) {
			if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
				fmt.Fprintf(&b, "data: %s\n", line)
			}
		}
	}
	if b.Len() == 0 {
		return ": \n\n"
	}
	return "event: patch\n" + b.String() + "\n"
}
