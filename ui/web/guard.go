package web

import (
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/dentropy/dcloud/agent"
)

// secured sends the headers that keep a page to itself: its own scripts and styles,
// no frames, nothing told to other sites.
func (k *Kernel) secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		h := ec.Response().Header()
		h.Set("Content-Security-Policy", ContentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if k.ctx(ec).secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(ec)
	}
}

// ContentPolicy lets a page load what we serve, and nothing inline.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// rightHost answers only under the panel's name, so that no other name that leads here
// borrows a person's session.
func (k *Kernel) rightHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		host := ec.Request().Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if k.Host != "" && !strings.EqualFold(strings.TrimSuffix(host, "."), k.Host) {
			return &statusError{http.StatusMisdirectedRequest, agent.Errorf(agent.CodeInvalid, "the panel is not here").
				WithHint("it is at %s", k.Host)}
		}
		return next(ec)
	}
}

// compressed compresses what is worth it.
func compressed(next echo.HandlerFunc) echo.HandlerFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 512, Skipper: func(ec echo.Context) bool {
		return ec.Request().Method == http.MethodHead
	}})(next)
}

// recovered turns a panic into an error, so that one page's mistake is one page's.
func (k *Kernel) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler {
					panic(r)
				}
				if ec.Response().Committed {
					panic(http.ErrAbortHandler) // so that nobody takes half of it for whole
				}
				k.Log.Error("a page panicked", "path", ec.Path(), "panic", r, "stack", string(debug.Stack()))
				err = agent.Errorf(agent.CodeInternal, "something went wrong while making this page")
			}
		}()
		return next(ec)
	}
}

// here is the page that the person is on: the one asked for, or where its form is.
func (c *Ctx) here() string {
	r := c.Echo.Request()
	if r.Method == http.MethodGet && !c.Enhanced() {
		return Local(r.URL.RequestURI())
	}
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return Local(u.RequestURI())
}

func query(text string) string { return url.QueryEscape(text) }
