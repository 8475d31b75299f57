package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// Ctx is one request.
type Ctx struct {
	Echo echo.Context
	*Kernel
	// Session is who asks; of no user on routes that are Open.
	Session agent.Session
	// Token is the session's, "" for nobody's.
	Token  string
	files  map[string][]byte // that came with the form, by the field's name
	lang   Language
	csrf   string // the form's token, once it was made
	before string // the secret of a browser that is not signed in
}

// Context carries who asks to the control service, and ends with the request.
func (c *Ctx) Context() context.Context { return c.Echo.Request().Context() }

// Param is a part of the path, Query of what follows it, Value of the form that was
// sent (and of nothing else), each "" where there is none.
func (c *Ctx) Param(name string) string { return c.Echo.Param(name) }
func (c *Ctx) Query(name string) string { return c.Echo.QueryParam(name) }
func (c *Ctx) Value(name string) string { return c.Echo.Request().PostForm.Get(name) }

// State is what the live hub knows now.
func (c *Ctx) State() *live.State { return c.Live.State() }

// May tells whether who asks may do something; pages leave out what they may not.
func (c *Ctx) May(do agent.Action) bool { return agent.Allows(c.Session.Role, do) }

// Enhanced tells whether a script of the page asks, for a part of it.
func (c *Ctx) Enhanced() bool {
	h := c.Echo.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-History-Restore-Request") != "true"
}

// Browser is where the request comes from.
func (c *Ctx) Browser() agent.Browser {
	b := agent.Browser{Address: c.Echo.RealIP(), Agent: c.Echo.Request().UserAgent()}
	if len(b.Agent) > 200 {
		b.Agent = strings.ToValidUTF8(b.Agent[:200], "")
	}
	return b
}

// Origin is the panel's own, as the browser sees it: "https://panel.ada.xyz".
func (c *Ctx) Origin() string {
	if c.secure() {
		return "https://" + c.Echo.Request().Host
	}
	return "http://" + c.Echo.Request().Host
}

// secure tells whether the browser speaks HTTPS, with us or with a front door.
func (c *Ctx) secure() bool {
	r := c.Echo.Request()
	if r.TLS != nil {
		return true
	}
	// Traefik names the protocol of a WebSocket, ws or wss.
	proto := strings.ToLower(r.Header.Get("X-Forwarded-Proto"))
	return c.fromDoor(r.RemoteAddr) && (proto == "https" || proto == "wss")
}

// fromDoor tells whether an address is one of a front door, which is believed.
func (k *Kernel) fromDoor(address string) bool {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	return ip.IsLoopback() || slices.ContainsFunc(k.Doors, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Done ends a change that went well: the browser goes on to a page of ours, which
// shows the message once. With "" nothing is shown.
func (c *Ctx) Done(page, message string) error {
	if message != "" {
		c.flash(message)
	}
	return c.Go(page)
}

// Changed is Done after the cloud's own settings were changed, which the next page
// shows already: they stand on all of them.
func (c *Ctx) Changed(page, message string) error {
	if err := c.Live.Refresh(c.Context()); err != nil {
		c.Log.Warn("the pages follow a change of settings later", "err", err)
	}
	return c.Done(page, message)
}

// Go sends the browser to a page of ours.
func (c *Ctx) Go(page string) error {
	page = Local(page)
	if c.Enhanced() {
		c.Echo.Response().Header().Set("HX-Redirect", page)
		return c.Echo.NoContent(http.StatusNoContent)
	}
	return c.Echo.Redirect(http.StatusSeeOther, page)
}

// cameFrom is the page whose form was sent, "" where it is none that can be looked at
// again: what was refused may have been typed into an answer to another form.
func (c *Ctx) cameFrom() string {
	r := c.Echo.Request()
	from, err := url.Parse(r.Referer())
	if r.Method != http.MethodPost || err != nil || from.Host != r.Host {
		return ""
	}
	page := Local(from.RequestURI())
	found := c.Echo.Echo().NewContext(r, nil)
	c.Echo.Echo().Router().Find(http.MethodGet, from.Path, found)
	for _, route := range c.Kernel.Routes() {
		if route.Method == http.MethodGet && route.Path == found.Path() && !route.Stream && page != "/" {
			return page
		}
	}
	return ""
}

// maxLink bounds what a link says to go on to.
const maxLink = 2000

// Local is a path of ours, "/" for anything else: what a link says to go on to may
// have been written by anybody.
func Local(page string) string {
	u, err := url.Parse(page)
	if err != nil || len(page) > maxLink || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(page, "/") || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n\t\x00") {
		return "/"
	}
	// Made anew from its parts, since browsers read some texts in other ways than we do.
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.Query().Encode(), Fragment: u.Fragment}).String()
}
