package app

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// stream is an answer of server-sent events.
type stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	w      io.Writer
	flush  func() error
}

func beginStream(c *web.Ctx) *stream {
	w := c.Echo.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	ctx, cancel := context.WithCancel(c.Context())
	return &stream{ctx, cancel, w, http.NewResponseController(w).Flush}
}

func (s *stream) end() { s.cancel() }

// send sends an event whose data is one line; without a name it is a comment that
// shows that the stream lives.
func (s *stream) send(event, data string) error {
	text := ": \n\n"
	if event != "" {
		text = "event: " + event + "\ndata: " + data + "\n\n"
	}
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.flush()
}

// signedIn asks again whether the person is, and may still do what this route is for.
func signedIn(c *web.Ctx) bool {
	s, err := c.Accounts.Session(c.Context(), c.Token)
	return err == nil && s.Role == c.Session.Role && agent.Allows(s.Role, agent.ActSeeLogs)
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
