package web

import (
	"net/http"
	"sync"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestOnePersonCannotOpenStreamsWithoutEnd(t *testing.T) {
	opened, end := make(chan struct{}), make(chan struct{})
	p := newPanel(t, Route{Method: "GET", Path: "/live", Action: agent.ActOpenApps, Stream: true, Handle: func(c *Ctx) error {
		opened <- struct{}{}
		<-end
		return c.Echo.NoContent(http.StatusNoContent)
	}})
	p.accounts.set("bobs", &agent.Session{User: "bob", Role: agent.RoleGuest})
	var open sync.WaitGroup
	for range maxOpen {
		open.Go(func() { p.do("bobs", "GET", "/live", "") })
		<-opened
	}
	if w := p.do("bobs", "GET", "/live", "", "Accept", "text/event-stream"); w.Code != http.StatusTooManyRequests {
		t.Errorf("one more answers %d", w.Code)
	}
	open.Go(func() { p.do(ada, "GET", "/live", "") })
	<-opened // somebody else is not held up
	close(end)
	open.Wait()
	open.Go(func() { p.do("bobs", "GET", "/live", "") })
	<-opened
	open.Wait()
	if len(p.opened.of) != 0 {
		t.Errorf("%v are counted, and none is open", p.opened.of)
	}
}
