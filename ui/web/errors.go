package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
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
	return c.PageAs(status, ownPages, "error.html", refusalPage{status, e})
}

const flashCookie = "dcloud_flash"

// maxFlash bounds a message for the next page, in bytes.
const maxFlash = 500

// flash keeps a message for the next page, signed, since it is shown as ours.
func (c *Ctx) flash(message string) {
	if len(message) > maxFlash {
		message = strings.ToValidUTF8(message[:maxFlash], "") + "…"
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(message))
	c.SetCookie(flashCookie, text+"."+flashSum(c.secret(), text), c.Now().Add(time.Minute))
}

// Flash is the message that the page before left, once.
func (c *Ctx) Flash() string {
	value := c.Cookie(flashCookie)
	if value == "" {
		return ""
	}
	c.SetCookie(flashCookie, "", time.Unix(1, 0))
	text, sum, _ := strings.Cut(value, ".")
	message, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(sum), []byte(flashSum(c.secret(), text))) {
		return ""
	}
	return string(message)
}

func flashSum(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("dcloud flash " + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
