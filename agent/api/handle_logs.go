package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// logs serves an app's lines. A reader may pause for as long as it likes (a pager
// does), so there is no deadline on a line until the server stops.
func (s *Server) logs() endpoint {
	return endpoint{out: reflect.TypeFor[logMessage](), status: http.StatusOK, media: "application/x-ndjson", handle: func(c echo.Context) error {
		opts, err := logOptions(c)
		if err != nil {
			return err
		}
		ctx, done, err := s.stream(c)
		if err != nil {
			return err
		}
		defer done()
		return s.sendLogs(ctx, c, opts)
	}}
}

func logOptions(c echo.Context) (agent.LogOptions, error) {
	opts := agent.LogOptions{Service: c.QueryParam("service")}
	if opts.Service != "" {
		if err := checkName("a service", opts.Service); err != nil {
			return opts, err
		}
	}
	tail, err := queryUint(c, "tail", maxTail)
	if err != nil {
		return opts, err
	}
	opts.Tail = int(tail)
	opts.Follow, err = queryBool(c, "follow")
	return opts, err
}

// sendLogs answers with the first line, or with an error's status where there is
// none; an error after that is the last line.
func (s *Server) sendLogs(ctx context.Context, c echo.Context, opts agent.LogOptions) error {
	control := http.NewResponseController(c.Response())
	defer control.SetWriteDeadline(time.Time{})
	defer hurryAfter(ctx, control, s.streamGrace)()
	c.Response().Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(c.Response())
	enc.SetEscapeHTML(false)
	err := s.svc.Logs(ctx, c.Param("name"), opts, func(line agent.LogLine) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := enc.Encode(line); err != nil || !opts.Follow {
			return err
		}
		return control.Flush()
	})
	switch {
	case err != nil && !c.Response().Committed:
		c.Response().Header().Del("Content-Type")
		return err
	case err != nil:
		explained, _ := s.explain(err, c)
		return enc.Encode(errorBody{Error: explained})
	case !c.Response().Committed:
		c.Response().WriteHeader(http.StatusOK)
	}
	return nil
}
