package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
)

// statusError is an error with a status of its own.
type statusError struct {
	status int
	err    *agent.Error
}

func (e *statusError) Error() string { return e.err.Message }
func (e *statusError) Unwrap() error { return e.err }

func errNotYours() error {
	return &statusError{http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "this is not yours to see or to change").
		WithHint("ask the cloud's owner")}
}

// refusal is what a person gets to see of an error, and its status.
func refusal(err error) (int, *agent.Error) {
	var s *statusError
	if errors.As(err, &s) {
		return s.status, s.err
	}
	var h *echo.HTTPError
	if errors.As(err, &h) {
		switch h.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed:
			return h.Code, agent.Errorf(agent.CodeNotFound, "there is nothing here")
		case http.StatusRequestEntityTooLarge:
			return h.Code, agent.Errorf(agent.CodeInvalid, "that is more than the panel takes at once")
		}
		if h.Code < 500 {
			return h.Code, agent.Errorf(agent.CodeInvalid, "the panel could not read what was sent")
		}
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return refusal(errTooBig())
	}
	e := agent.AsError(err)
	if e.Code == agent.CodeInternal && errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, agent.Errorf(agent.CodeUnavailable, "it took too long").
			WithHint("try again in a moment")
	}
	if e.Code == agent.CodeInternal {
		return http.StatusInternalServerError, agent.Errorf(agent.CodeInternal, "something went wrong").
			WithHint("the agent's log says what; try again")
	}
	return e.HTTPStatus(), e
}

// handleError answers with what went wrong: as a page, or to a script as a message.
func (k *Kernel) handleError(err error, ec echo.Context) {
	if ec.Response().Committed {
		k.Log.Debug("an answer broke off", "path", ec.Path(), "err", err)
		return
	}
	status, e := refusal(err)
	if gone := ec.Request().Context().Err(); status >= 500 && !errors.Is(gone, context.Canceled) {
		k.Log.Warn("the panel could not answer", "path", ec.Path(), "err", err)
	}
	c := k.ctx(ec)
	if err := c.tell(status, e); err != nil {
		k.Log.Error("the panel could not tell of an error", "err", err)
	}
}

// tell answers with an error in the way that who asks reads.
func (c *Ctx) tell(status int, e *agent.Error) error {
	r, h := c.Echo.Request(), c.Echo.Response().Header()
	switch {
	case r.Method == http.MethodHead:
		return c.Echo.NoContent(status)
	case staysOpen(r):
		return c.Echo.String(status, c.T(e.Message)+"\n")
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"), strings.HasPrefix(r.Header.Get("Accept"), "application/json"):
		return c.Echo.JSON(status, map[string]any{"error": agent.Error{Code: e.Code, Message: c.T(e.Message), Hint: c.T(e.Hint)}})
	case c.Enhanced():
		h.Set("HX-Retarget", "#messages")
		h.Set("HX-Reswap", "innerHTML")
		return c.render(status, ownPages[""], "message", e)
	}
	page := refusalPage{Status: status, Error: e, Back: c.cameFrom()}
	if status >= http.StatusInternalServerError && r.Method == http.MethodGet {
		page.Again = Local(r.URL.RequestURI())
	}
	return c.PageAs(status, ownPages, "error.html", page)
}

// Refused tells whether an error is one that the person can do something about where
// they are, so that a form shows it and keeps what was typed; anything else goes to
// the error page. A cloud that is away may be back in a moment: that is one of them.
func Refused(err error) (*agent.Error, bool) {
	var e *agent.Error
	if !errors.As(err, &e) {
		return nil, false
	}
	switch e.Code {
	case agent.CodeInvalid, agent.CodeConflict, agent.CodeFailed, agent.CodeUnauthorized, agent.CodeUnavailable:
		return e, true
	}
	return nil, false
}

// RefusedStatus is the status of a form that was refused: too many tries, or a cloud
// that is away, are not a form that was filled in wrongly.
func RefusedStatus(e *agent.Error) int {
	if e.Code == agent.CodeUnavailable {
		return e.HTTPStatus()
	}
	return http.StatusUnprocessableEntity
}

// Answer answers a script of a page: with what it asked for, or with why not, in words.
func (c *Ctx) Answer(v any, err error) error {
	if err == nil {
		return c.Echo.JSON(http.StatusOK, v)
	}
	e, ok := Refused(err)
	if !ok {
		return err
	}
	return c.Echo.JSON(RefusedStatus(e), agent.Error{Code: e.Code, Message: c.T(e.Message), Hint: c.T(e.Hint)})
}
