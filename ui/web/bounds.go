package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// pageTime is what a page may take to make, writeTime what a browser may take to
	// read it.
	pageTime  = 30 * time.Second
	writeTime = 60 * time.Second
	// slowTime is the same of a route that is Slow: as long as the API gives what it does.
	slowTime = 6 * time.Minute
	// beat is how often a stream shows that it lives, and asks whether its person still
	// is signed in: a proxy, or a page, gives up one that is silent.
	beat = 15 * time.Second
	// maxOpen is how many streams a person may have open, of all browsers together: each
	// makes its pieces of a page anew whenever something changes.
	maxOpen = 100
)

// opened counts the streams that people have open.
type opened struct {
	mu sync.Mutex
	of map[string]int // by the person's name
}

// enter counts one more, which leave takes back; false where there are too many.
func (o *opened) enter(user string) (leave func(), ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of[user] >= maxOpen {
		return nil, false
	}
	if o.of == nil {
		o.of = map[string]int{}
	}
	o.of[user]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.of[user]--; o.of[user] <= 0 {
			delete(o.of, user)
		}
	}, true
}

func errTooManyOpen() error {
	return &statusError{http.StatusTooManyRequests, agent.Errorf(agent.CodeUnavailable, "too many pages are open at once").
		WithHint("close some of them")}
}

// bounded gives a route its time: a page half a minute, what is slow some minutes, a
// stream as long as the panel runs. The function ends it.
func (c *Ctx) bounded(r Route) (done func()) {
	control, before := http.NewResponseController(c.Echo.Response()), c.Context()
	if !r.Stream {
		most := pageTime
		if r.Slow {
			most = slowTime
		}
		if r.Upload {
			most += uploadTime
		}
		// The next request on this connection sets another; not every writer has one.
		_ = control.SetWriteDeadline(time.Now().Add(most - pageTime + writeTime))
		ctx, cancel := context.WithTimeout(before, most)
		c.withContext(ctx)
		return func() { cancel(); c.withContext(before) }
	}
	_ = control.SetWriteDeadline(time.Time{})
	ctx, cancel := context.WithCancel(before)
	unlink := context.AfterFunc(c.stopping, cancel)
	c.withContext(ctx)
	return func() { unlink(); cancel(); c.withContext(before) }
}

// whileSignedIn runs a stream, whose context ends with the session that opened it, or
// with its role.
func (c *Ctx) whileSignedIn(handle func(*Ctx) error) error {
	if c.Token == "" {
		return handle(c) // of the gallery, or open to all
	}
	leave, ok := c.opened.enter(c.Session.User)
	if !ok {
		return errTooManyOpen()
	}
	defer leave()
	ctx, cancel := context.WithCancel(c.Context())
	c.withContext(ctx)
	// Nothing of c: the handler has it meanwhile.
	token, was, who, each := c.Token, c.Session, c.Accounts, c.beat
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(each)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			// An answer that cannot be had now is no end.
			now, err := who.Session(ctx, token)
			var e *agent.Error
			gone := errors.As(err, &e) && e.Code == agent.CodeUnauthorized
			if gone || err == nil && (now.User != was.User || now.Role != was.Role) {
				cancel()
				return
			}
		}
	}()
	defer func() { cancel(); <-ended }()
	return handle(c)
}

func (c *Ctx) withContext(ctx context.Context) {
	c.Echo.SetRequest(c.Echo.Request().WithContext(ctx))
}

// staysOpen tells whether a request asks for something without an end.
func staysOpen(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") ||
		strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}
