package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// statusError is an error whose HTTP status is not that of its code.
type statusError struct {
	err    *agent.Error
	status int
}

func (e statusError) Error() string { return e.err.Message }

func (e statusError) Unwrap() error { return e.err }

func withStatus(status int, err *agent.Error) error { return statusError{err, status} }

// handleError answers a request that failed.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		s.log.Warn("answer broke off", "request", requestID(c), "error", err)
		return
	}
	e, status := s.explain(err, c)
	if c.Request().Method == http.MethodHead {
		c.NoContent(status)
		return
	}
	if err := writeJSON(c, status, errorBody{Error: e}); err != nil {
		s.log.Debug("error not delivered", "request", requestID(c), "error", err)
	}
}

// explain turns any error into what a person gets to see, and its status. What
// was not meant for people is logged, and they get a number to find it by.
func (s *Server) explain(err error, c echo.Context) (*agent.Error, int) {
	var special statusError
	var ours *agent.Error
	var echos *echo.HTTPError
	switch {
	case errors.As(err, &special):
		return special.err, special.status
	case errors.As(err, &ours):
		return ours, ours.HTTPStatus()
	case errors.As(err, &echos):
		return explainEcho(echos, c.Request())
	case s.stopping.Err() != nil && errors.Is(err, context.Canceled):
		return errStopping(), http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return agent.Errorf(agent.CodeUnavailable, "it took too long").WithHint("see what is slow: dcloud doctor"),
			http.StatusServiceUnavailable
	case errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil:
		return agent.Errorf(agent.CodeUnavailable, "the request was given up"), http.StatusServiceUnavailable
	}
	s.log.Error("request failed", "request", requestID(c), "method", c.Request().Method, "route", c.Path(), "error", err)
	return agent.Errorf(agent.CodeInternal, "something went wrong inside the agent (request %s)", requestID(c)).
		WithHint("its log says more; see: dcloud doctor"), http.StatusInternalServerError
}

// explainEcho translates the errors that echo's router makes.
func explainEcho(err *echo.HTTPError, r *http.Request) (*agent.Error, int) {
	const hint = "GET /v1/openapi.json lists what there is"
	switch err.Code {
	case http.StatusNotFound:
		return agent.Errorf(agent.CodeNotFound, "there is no %s", shown(r.URL.Path)).WithHint(hint), err.Code
	case http.StatusMethodNotAllowed:
		return agent.Errorf(agent.CodeInvalid, "%s does not answer to %s", shown(r.URL.Path), shown(r.Method)).WithHint(hint), err.Code
	}
	return agent.Errorf(agent.CodeInvalid, "%s", strings.ToLower(http.StatusText(err.Code))).WithHint(hint), err.Code
}

// shown shortens what a stranger sent, for a message.
func shown(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "?")
}

// writeJSON answers with v. It is encoded whole before the status is sent, so that
// a value that cannot be encoded is an error and not half an answer.
func writeJSON(c echo.Context, status int, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return c.Blob(status, echo.MIMEApplicationJSON, buf.Bytes())
}

// identify numbers the request and logs what became of it.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		// A page of the panel may have left a time limit on the connection.
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{})
		c.Response().Header().Set(echo.HeaderXRequestID, strings.ToLower(rand.Text()[:12]))
		err := next(c)
		if err != nil {
			c.Error(err) // so that the status is known here
		}
		s.log.Debug("request", "request", requestID(c), "method", c.Request().Method, "route", c.Path(),
			"status", c.Response().Status, "actor", agent.Actor(c.Request().Context()))
		return nil
	}
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// secure sets the headers of answers that no browser should show, keep or embed.
func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// recoverPanics makes an error of a panic. An answer that was begun is broken off,
// so that nobody takes it for whole.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("panic", "request", requestID(c), "route", c.Path(), "panic", p, "stack", string(debug.Stack()))
			if c.Response().Committed {
				panic(http.ErrAbortHandler)
			}
			err = agent.Errorf(agent.CodeInternal, "something went wrong inside the agent (request %s)", requestID(c)).
				WithHint("its log says more; see: dcloud doctor")
		}()
		return next(c)
	}
}
