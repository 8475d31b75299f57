package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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

// timed notes until when a request may arrive.
type timed struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (w *timed) SetReadDeadline(t time.Time) error { w.until = t; return nil }

func TestAScriptsAnswerThatNeverArrivesHoldsNothingForever(t *testing.T) {
	w := &timed{ResponseRecorder: httptest.NewRecorder()}
	var until time.Time
	route := act(Open, new(int))
	route.Handle = func(c *Ctx) error { until = w.until; return c.Echo.NoContent(http.StatusNoContent) }
	p := newPanel(t, page(Open), route)
	shown := p.do(ada, "GET", "/page", "")
	r := httptest.NewRequest("POST", "/act", strings.NewReader("{}"))
	r.Host = "panel.test"
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-CSRF-Token", formToken.FindStringSubmatch(shown.Body.String())[1])
	began := time.Now()
	p.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || until.Before(began) || until.After(time.Now().Add(formTime)) {
		t.Errorf("%d, and the handler may wait until %s for what was sent at %s", w.Code, until, began)
	}
}
