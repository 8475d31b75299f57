package web

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// followed is a route that shows the apps' names and the cloud's, a part each.
func followed() Route { return followedBy((*Ctx).Follow) }

func followedBy(follow func(*Ctx, func(*live.State) (Patches, error)) error) Route {
	return Route{Method: "GET", Path: "/live", Action: agent.ActOpenApps, Stream: true, Handle: func(c *Ctx) error {
		return follow(c, func(s *live.State) (Patches, error) {
			var names []string
			for _, a := range s.Apps {
				if a.Name == "broken" {
					return nil, errors.New("no such page")
				}
				names = append(names, a.Name)
			}
			return Patches{"apps": "<p id=apps>\n\n" + strings.Join(names, ",") + "\r</p>", "name": "<p id=name>" + s.Settings.Name + "</p>"}, nil
		})
	}}
}

// stream reads a stream's events off a server.
type stream struct {
	t    *testing.T
	body io.ReadCloser
	read *bufio.Reader
}

func (p *panel) open(v uint64, headers ...string) (*stream, *http.Response) {
	p.t.Helper()
	p.Host = ""
	s := httptest.NewServer(p.Handler())
	p.t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	p.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/live?v="+strconv.FormatUint(v, 10), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Accept-Encoding", "gzip")
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { resp.Body.Close() })
	return &stream{p.t, resp.Body, bufio.NewReader(resp.Body)}, resp
}

// next is the next block of the stream, "" at its end.
func (s *stream) next() string {
	var b strings.Builder
	for {
		line, err := s.read.ReadString('\n')
		if err != nil {
			return ""
		}
		if b.WriteString(line); line == "\n" {
			return b.String()
		}
	}
}

func TestAPageThatIsUpToDateGetsOnlyWhatChanges(t *testing.T) {
	p := newPanel(t, followed())
	s, resp := p.open(p.Live.State().Version)
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" || resp.Header.Get("Content-Encoding") != "" {
		t.Errorf("the stream is %q, %q", kind, resp.Header.Get("Content-Encoding"))
	}
	if first := s.next(); first != "retry: 2000\n\n" {
		t.Errorf("it begins with %q", first)
	}
	p.source.have("news")
	if err := p.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "id: " + strconv.FormatUint(p.Live.State().Version, 10) + "\nevent: patch\ndata: <p id=apps>\ndata: \ndata: news\ndata: </p>\n\n"
	if got := s.next(); got != want {
		t.Errorf("a change is told as %q, want %q", got, want)
	}
}

func TestAPageOfAnOlderStateGetsAllThatItShows(t *testing.T) {
	p := newPanel(t, followed())
	now := p.Live.State().Version
	s, _ := p.open(now - 1)
	s.next()
	if got := s.next(); !strings.Contains(got, "id=apps") || !strings.Contains(got, "id=name") {
		t.Errorf("it gets %q", got)
	}
	// A browser that comes back asks for the address that it was given, but has seen more.
	s, _ = p.open(now-1, "Last-Event-ID", strconv.FormatUint(now, 10))
	s.next()
	p.source.have("news")
	p.Live.Refresh(t.Context())
	if got := s.next(); !strings.Contains(got, "id=apps") || strings.Contains(got, "id=name") {
		t.Errorf("back again it gets %q", got)
	}
}

func TestAStreamEndsWithTheSessionOrItsRole(t *testing.T) {
	for what, then := range map[string]*agent.Session{"ended": nil, "lowered": {User: "ada", Role: agent.RoleGuest}} {
		p := newPanel(t, followed())
		p.beat = 10 * time.Millisecond
		s, _ := p.open(p.Live.State().Version)
		s.next()
		if got := s.next(); got != ": \n\n" {
			t.Errorf("it shows that it lives with %q", got)
		}
		p.accounts.set(token, then)
		for s.next() != "" {
		}
		if _, err := s.read.ReadByte(); err != io.EOF {
			t.Errorf("%s: it ended with %v", what, err)
		}
	}
}

func TestAStreamGoesOnWhileNobodyCanSayWhoIsSignedIn(t *testing.T) {
	p := newPanel(t, followed())
	p.beat = 5 * time.Millisecond
	s, _ := p.open(p.Live.State().Version)
	s.next()
	p.accounts.mu.Lock()
	p.accounts.err = errors.New("no leader")
	p.accounts.mu.Unlock()
	for range 10 {
		if s.next() != ": \n\n" {
			t.Fatal("it ended")
		}
	}
}

func TestStreamsEndWhenThePanelStops(t *testing.T) {
	p := newPanel(t, followed())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	s, _ := p.open(0)
	s.next()
	cancel()
	for s.next() != "" {
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAPageThatCannotBeMadeIsAnAnswerAndNoStream(t *testing.T) {
	p := newPanel(t, followed())
	p.source.have("broken")
	p.Live.Refresh(t.Context())
	if _, resp := p.open(0); resp.StatusCode != 500 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("answered %d, %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}

// stuck is a browser that takes the head of a stream and nothing more.
type stuck struct {
	discard
	deadline time.Time
}

func (s *stuck) Write([]byte) (int, error)          { return 0, io.ErrShortWrite }
func (s *stuck) Flush()                             {}
func (s *stuck) SetWriteDeadline(t time.Time) error { s.deadline = t; return nil }

func TestABrowserThatDoesNotReadIsCutOff(t *testing.T) {
	p := newPanel(t, followed())
	r := httptest.NewRequest("GET", "/live", nil)
	r.Host = "panel.test"
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	w := &stuck{discard: discard{http.Header{}}}
	began := time.Now()
	p.Handler().ServeHTTP(w, r) // returns, or the test never ends
	if w.deadline.Before(began) || w.deadline.After(time.Now().Add(streamWrite)) {
		t.Errorf("from %v on it had until %v to read", began, w.deadline)
	}
}

func TestPagesAreCompressed(t *testing.T) {
	p := newPanel(t, page(agent.ActOwnAccount))
	w := p.do(ada, "GET", "/page", "", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !strings.Contains(string(text), "</html>") {
		t.Errorf("it is %s, %v", text, err)
	}
	if w := p.do(ada, "HEAD", "/page", "", "Accept-Encoding", "gzip"); w.Code != 200 || w.Body.Len() != 0 && w.Header().Get("Content-Encoding") != "" {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestAPatchCannotSayMoreThanItsPart(t *testing.T) {
	got := difference(nil, Patches{"x": "a\rdata: b\revent: c\n\n\nid: 9"}, 5)
	if got != "id: 5\nevent: patch\ndata: a\ndata: data: b\ndata: event: c\ndata: \ndata: \ndata: id: 9\n\n" {
		t.Errorf("it is %q", got)
	}
	if difference(Patches{"x": "a"}, Patches{"x": "a"}, 5) != "" || difference(Patches{"x": "a"}, nil, 5) != "" {
		t.Error("nothing new is sent")
	}
	if !strings.Contains(difference(nil, Patches{"x": ""}, 5), "data: \n") {
		t.Error("a part that became empty is not sent")
	}
}

func TestAPageOfARememberedStateGetsJustWhatDiffersWhereItIsMadeOfTheStateAlone(t *testing.T) {
	p := newPanel(t, followedBy((*Ctx).FollowState))
	then := p.Live.State().Version
	p.source.have("news")
	if err := p.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, _ := p.open(then)
	s.next()
	if got := s.next(); !strings.Contains(got, "id=apps") || strings.Contains(got, "id=name") {
		t.Errorf("it gets %q", got)
	}
	s, _ = p.open(then - 1)
	s.next()
	if got := s.next(); !strings.Contains(got, "id=apps") || !strings.Contains(got, "id=name") {
		t.Errorf("of a state that nobody remembers it gets %q", got)
	}
}
