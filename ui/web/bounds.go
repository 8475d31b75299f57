package web

import (
	"context"
	"net/http"
	"strings"
	"time"
)

const (
	// pageTime is what a page may take to make, writeTime what a browser may take to
	// read it.
	pageTime  = 30 * time.Second
	writeTime = 60 * time.Second
	// beat is how often a stream shows that it lives, and asks whether its person still
	// is signed in: a proxy, or a page, gives up one that is silent.
	beat = 15 * time.Second
)

// bounded gives a route its time: a page half a minute, a stream as long as its person
// is signed in and the panel runs. The function ends it.
func (c *Ctx) bounded(stream bool) (done func()) {
	control, before := http.NewResponseController(c.Echo.Response()), c.Context()
	if !stream {
		// The next request on this connection sets another; not every writer has one.
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		ctx, cancel := context.WithTimeout(before, pageTime)
		c.withContext(ctx)
		return func() { cancel(); c.withContext(before) }
	}
	_ = control.SetWriteDeadline(time.Time{})
	ctx, cancel := context.WithCancel(before)
	unlink := context.AfterFunc(c.stopping, cancel)
	c.withContext(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(c.beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if !c.stillSignedIn() {
					cancel()
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		unlink()
		cancel()
		<-ended // it uses the request, which is another's afterwards
		c.withContext(before)
	}
}

func (c *Ctx) withContext(ctx context.Context) {
	c.Echo.SetRequest(c.Echo.Request().WithContext(ctx))
}

// staysOpen tells whether a request asks for something without an end.
func staysOpen(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") ||
		strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}
