package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/assets"
)

// maxForm bounds what a form may send.
const maxForm = "1M"

// New returns a kernel that serves the routes.
func New(o Options, routes []Route) *Kernel {
	if o.Now == nil {
		o.Now = time.Now
	}
	routes = append(slices.Clone(routes), ownRoutes()...)
	k := &Kernel{Options: o, echo: echo.New(), routes: routes}
	e := k.echo
	e.HTTPErrorHandler = k.handleError
	trust := []echo.TrustOption{echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range o.Doors {
		trust = append(trust, echo.TrustIPRange(ipNet(p)))
	}
	e.IPExtractor = echo.ExtractIPFromXFFHeader(trust...)
	e.Use(k.recovered, k.rightHost, secured, middleware.BodyLimit(maxForm), compressed(k.streams()), k.csrf())
	e.GET("/assets/*", echo.WrapHandler(assets.Handler()))
	for _, r := range routes {
		e.Add(r.Method, r.Path, k.handler(r))
	}
	return k
}

// Handler serves the panel.
func (k *Kernel) Handler() http.Handler { return k.echo }

// Routes is the table of all that is served, for the test that walks it.
func (k *Kernel) Routes() []Route { return slices.Clone(k.routes) }

// handler is a route behind the checks that its row asks for.
func (k *Kernel) handler(r Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := &Ctx{Echo: ec, Kernel: k, lang: languageOf(ec.Request())}
		ec.Set(ctxKey, c)
		c.Token = sessionToken(ec)
		if c.Token != "" {
			s, err := k.Accounts.Session(c.Context(), c.Token)
			var e *agent.Error
			switch {
			case err == nil:
				c.Session = s
			case errors.As(err, &e) && e.Code == agent.CodeUnauthorized:
				c.Forget()
			default:
				return err
			}
		}
		if r.Action == Open {
			return r.Handle(c)
		}
		if c.Session.User == "" {
			return c.signInFirst()
		}
		ec.SetRequest(ec.Request().WithContext(agent.WithActor(ec.Request().Context(), c.Session.Actor())))
		if !c.May(r.Action) {
			return errNotYours()
		}
		if r.Sudo && !k.Now().Before(c.Session.Sudo) {
			return c.sudoFirst()
		}
		return r.Handle(c)
	}
}

const ctxKey = "dcloud.ctx"

// cookies of the panel. Lax, so that a link from an app to the panel finds its person
// signed in; what changes something needs our form's token too.
const sessionCookie = "dcloud_session"

func sessionToken(ec echo.Context) string {
	cookie, err := ec.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Remember signs a browser in.
func (c *Ctx) Remember(s agent.SignedIn) {
	c.Token, c.Session = s.Token, s.Session
	c.setCookie(sessionCookie, s.Token, s.Session.Expires)
}

// Forget signs the browser out; the session itself is ended by Accounts.
func (c *Ctx) Forget() {
	c.Token, c.Session = "", agent.Session{}
	c.setCookie(sessionCookie, "", time.Unix(1, 0))
}

func (c *Ctx) setCookie(name, value string, expires time.Time) {
	c.Echo.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", Expires: expires, HttpOnly: true,
		Secure: c.Echo.Scheme() == "https", SameSite: http.SameSiteLaxMode})
}

// signInFirst sends who is not signed in to where they do so, and back afterwards.
func (c *Ctx) signInFirst() error {
	if c.Echo.Request().Method != http.MethodGet || c.Echo.Request().Header.Get("Accept") == "text/event-stream" {
		return agent.Errorf(agent.CodeUnauthorized, "%s", c.T("You are not signed in any more.")).WithHint("%s", c.T("Sign in again."))
	}
	return c.Go("/sign-in?next=" + query(c.here()))
}

// sudoFirst asks for a proof, and goes back afterwards.
func (c *Ctx) sudoFirst() error {
	return c.Go("/sudo?next=" + query(c.here()))
}

// streams are the paths that are not compressed, and not ended.
func (k *Kernel) streams() func(path string) bool {
	var paths []string
	for _, r := range k.routes {
		if r.Stream {
			paths = append(paths, r.Path)
		}
	}
	return func(path string) bool { return slices.Contains(paths, path) }
}

// Ctx of a request, also where it failed before its handler.
func (k *Kernel) ctx(ec echo.Context) *Ctx {
	if c, ok := ec.Get(ctxKey).(*Ctx); ok {
		return c
	}
	return &Ctx{Echo: ec, Kernel: k, lang: languageOf(ec.Request())}
}

// Run follows the control service until the context ends.
func (k *Kernel) Run(ctx context.Context) error { return k.Live.Run(ctx) }
