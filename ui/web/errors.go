package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"time"

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
	e := agent.AsError(err)
	if e.Code == agent.CodeInternal {
		return http.StatusInternalServerError, agent.Errorf(agent.CodeInternal, "something went wrong").
			WithHint("the agent's log says what; try again")
	}
	return e.HTTPStatus(), e
}

// handleError answers with what went wrong: as a page, or to a script as a message.
func (k *Kernel) handleError(err error, ec echo.Context) {
	if ec.Response().Committed {
		return
	}
	status, e := refusal(err)
	if status >= 500 {
		k.Log.Warn("the panel could not answer", "path", ec.Request().URL.Path, "err", err)
	}
	c := k.ctx(ec)
	var answer error
	switch {
	case ec.Request().Method == http.MethodHead:
		answer = ec.NoContent(status)
	case c.Enhanced():
		ec.Response().Header().Set("HX-Retarget", "#messages")
		ec.Response().Header().Set("HX-Reswap", "innerHTML")
		answer = c.render(status, ownPages[""], "message", e)
	default:
		answer = c.PageAs(status, ownPages, "error.html", refusalPage{status, e})
	}
	if answer != nil {
		k.Log.Error("the panel could not tell of an error", "err", answer)
	}
}

const flashCookie = "dcloud_flash"

// flash keeps a message for the next page.
func (c *Ctx) flash(message string) {
	c.setCookie(flashCookie, base64.RawURLEncoding.EncodeToString([]byte(message)), c.Now().Add(time.Minute))
}

// Flash is the message that the page before left, once.
func (c *Ctx) Flash() string {
	cookie, err := c.Echo.Cookie(flashCookie)
	if err != nil || cookie.Value == "" {
		return ""
	}
	c.setCookie(flashCookie, "", time.Unix(1, 0))
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(text) > 500 {
		return ""
	}
	return string(text)
}
