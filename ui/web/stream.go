package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/ui/live"
)

// Patches are parts of a page by the id of their outermost element, as they are now.
type Patches map[string]string

const (
	// streamWrite is how long a browser may leave a patch unread. One that falls behind
	// is cut off; it comes back and gets what is new by then.
	streamWrite = 30 * time.Second
	// patchApart is the least time between two patches: nobody reads faster.
	patchApart = 100 * time.Millisecond
)

// Follow keeps a page up to date: whenever something changed, it renders the page's
// parts and sends those that differ, as server-sent events named "patch" which htmx
// puts in the place of the elements of the same ids. The page says with v which state
// it was made of; a browser that comes back says itself which it has seen.
func (c *Ctx) Follow(render func(*live.State) (Patches, error)) error {
	return c.follow(render, false)
}

// FollowState is Follow for parts that are made of the state alone: a page of a state
// that is still remembered gets just what differs from that.
func (c *Ctx) FollowState(render func(*live.State) (Patches, error)) error {
	return c.follow(render, true)
}

func (c *Ctx) follow(render func(*live.State) (Patches, error), again bool) error {
	render = c.withAway(render)
	state, changed := c.Live.Wait()
	var shown Patches // what the page shows, nil where that is not known
	var err error
	if old := c.Live.Past(c.knownVersion()); again && old != nil && old != state {
		if shown, err = render(old); err != nil {
			return err
		}
	}
	now, err := render(state)
	if err != nil {
		return err // with a status: nothing was sent yet
	}
	w := c.Echo.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	first, sent := "retry: 2000\n\n", now
	if c.knownVersion() != state.Version {
		first += difference(shown, now, state.Version)
	}
	if !c.push(first) {
		return nil
	}
	ctx := c.Context()
	alive := time.NewTicker(c.beat)
	defer alive.Stop()
	for {
		select {
		case <-changed:
		case <-alive.C:
			if !c.push(": \n\n") {
				return nil
			}
			continue
		case <-ctx.Done():
			return nil
		}
		state, changed = c.Live.Wait()
		if now, err = render(state); err != nil {
			c.Log.Warn("a page cannot be followed any more", "path", c.Echo.Path(), "err", err)
			return nil // it comes back, and gets to know why
		}
		if text := difference(sent, now, state.Version); text != "" && !c.push(text) {
			return nil
		}
		sent = now
		if !pause(ctx, patchApart) {
			return nil
		}
	}
}

// withAway adds to a page's parts what its frame says while nothing answers.
func (c *Ctx) withAway(render func(*live.State) (Patches, error)) func(*live.State) (Patches, error) {
	return func(s *live.State) (Patches, error) {
		now, err := render(s)
		if err != nil {
			return nil, err
		}
		away, err := c.PartText(ownPages, "away", map[string]any{"Why": s.Away, "OOB": true})
		if err != nil {
			return nil, err
		}
		all := Patches{"away": away}
		maps.Copy(all, now)
		return all, nil
	}
}

// knownVersion is the state that the browser shows.
func (c *Ctx) knownVersion() uint64 {
	text := c.Echo.Request().Header.Get("Last-Event-ID")
	if text == "" {
		text = c.Query("v")
	}
	v, _ := strconv.ParseUint(text, 10, 64)
	return v
}

// push sends a text now, and tells whether the browser takes it.
func (c *Ctx) push(text string) bool {
	w := c.Echo.Response()
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(streamWrite)) // a test's recorder has none
	if _, err := w.Write([]byte(text)); err != nil {
		return false
	}
	return control.Flush() == nil
}

// difference is one event with what differs, by id, "" if nothing does.
func difference(before, now Patches, version uint64) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if old, known := before[id]; known && old == now[id] {
			continue
		}
		// A line break of any kind would end the field.
		for line := range strings.SplitSeq(oneBreak.Replace(now[id]), "\n") {
			b.WriteString("data: " + line + "\n")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("id: %d\nevent: patch\n%s\n", version, b.String())
}

var oneBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// pause waits, and tells whether the stream goes on.
func pause(ctx interface{ Done() <-chan struct{} }, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
