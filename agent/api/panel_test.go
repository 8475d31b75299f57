package api

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
)

func TestThePanelServesAllThatIsNotBelowV1AndNoMore(t *testing.T) {
	s := New(&fake{}, Options{Panel: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })})
	for target, want := range map[string]int{"/": 418, "/v11": 418, "/apps/a": 418, "/v1": 401, "/v1/": 401, "/v1/apps": 401, "/v1/ping": 200} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if w.Code != want {
			t.Errorf("%s answered %d, want %d", target, w.Code, want)
		}
	}
	w := httptest.NewRecorder()
	New(&fake{}, Options{}).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without a panel / answered %d", w.Code)
	}
}

// TestThePanelsStreamsEndWhenTheServerStops shows it for events and for a WebSocket,
// which http.Server does not wait for.
func TestThePanelsStreamsEndWhenTheServerStops(t *testing.T) {
	path := socketPath(t)
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	inside, left := make(chan struct{}, 2), make(chan struct{}, 2)
	ctx, cancel := context.WithCancel(context.Background())
	s := New(&fake{}, Options{Panel: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/socket" {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.CloseNow()
		}
		inside <- struct{}{}
		<-r.Context().Done()
		left <- struct{}{}
	})})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	c := dial(t, path)
	req, err := c.request(context.Background(), "GET", "/live", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	go func() {
		if resp, err := c.http.Do(req); err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}()
	conn, _, err := websocket.Dial(context.Background(), c.base+"/socket", &websocket.DialOptions{HTTPClient: c.http})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	<-inside
	<-inside
	cancel()
	<-s.killed.Done() // Serve is over
	if err := <-ended; err != nil || len(left) != 2 {
		t.Errorf("%d streams ended: %v", len(left), err)
	}
}
