package api

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// writeTimeout is how long a client may leave an event or a heartbeat unread. One
// that falls behind is cut off; it comes back with Last-Event-ID.
const writeTimeout = 30 * time.Second

// events serves one app's events, or those of all where the path names none.
func (s *Server) events() endpoint {
	return endpoint{out: reflect.TypeFor[agent.Event](), status: http.StatusOK, media: "text/event-stream", handle: func(c echo.Context) error {
		after, err := lastEvent(c)
		if err != nil {
			return err
		}
		ctx, done, err := s.stream(c)
		if err != nil {
			return err
		}
		defer done()
		events, err := s.svc.Events(ctx, c.Param("name"), after)
		if err != nil {
			return err
		}
		return sendStream(ctx, c, s.streamGrace, events, func(w io.Writer, ev agent.Event) error {
			if !agent.Allows(agent.Role(ctx), agent.ActSeeLogs) {
				ev.Logs = nil
			}
			return writeEvent(w, ev)
		})
	}}
}

// lastEvent is the ID after which the client wants events. A browser that comes
// back sends the header, with the query of its first request.
func lastEvent(c echo.Context) (uint64, error) {
	if text := c.Request().Header.Get("Last-Event-ID"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, agent.Errorf(agent.CodeInvalid, "the header Last-Event-ID is not a number")
		}
		return n, nil
	}
	return queryUint(c, "after", math.MaxUint64)
}

// sendStream writes what comes as server-sent events until the channel or the context
// ends, or the client does not take them. What is being written at the end of the
// context may take grace.
func sendStream[T any](ctx context.Context, c echo.Context, grace time.Duration, events <-chan T, put func(io.Writer, T) error) error {
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	c.Response().WriteHeader(http.StatusOK)
	control := http.NewResponseController(c.Response())
	// The next request on this connection has no deadline.
	defer control.SetWriteDeadline(time.Time{})
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	send := func(write func() error) error {
		control.SetWriteDeadline(time.Now().Add(writeTimeout))
		if ctx.Err() != nil { // the shorter limit may just have been set, and taken back by this
			control.SetWriteDeadline(time.Now().Add(grace))
		}
		if err := write(); err != nil {
			return err
		}
		return control.Flush()
	}
	// The headers go out at once: the client waits for them.
	if err := send(func() error { _, err := io.WriteString(c.Response(), "retry: 1000\n\n"); return err }); err != nil {
		return err
	}
	defer hurryAfter(ctx, control, grace)()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case ev, ok := <-events:
			if !ok {
				return nil
			}
			err = send(func() error { return put(c.Response(), ev) })
		case <-ticker.C:
			err = send(func() error { _, err := io.WriteString(c.Response(), ":\n\n"); return err })
		}
		if err != nil {
			return err
		}
	}
}

// hurryAfter lets what is being written once ctx is over take grace at most. The
// function that it returns ends that and waits for it: after its handler, a response
// and its connection belong to another request.
func hurryAfter(ctx context.Context, control *http.ResponseController, grace time.Duration) (end func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		control.SetWriteDeadline(time.Now().Add(grace))
	})
	return func() {
		if !stop() {
			<-done
		}
	}
}

func writeEvent(w io.Writer, ev agent.Event) error {
	data, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	name := "step"
	if ev.Final {
		name = "final"
	}
	return writeSSE(w, ev.ID, name, data)
}
