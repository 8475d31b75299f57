package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// sessionCookie is Lax, so that a link from an app to the panel finds its person signed
// in; what changes something needs our form's token too.
const sessionCookie = "dcloud_session"

// cookieName is the name under which a cookie is kept. Over HTTPS its prefix makes the
// browser refuse one that an app beside the panel plants.
// https://developer.mozilla.org/docs/Web/HTTP/Cookies#cookie_prefixes
func (c *Ctx) cookieName(name string) string {
	if c.secure() {
		return "__Host-" + name
	}
	return name
}

// Cookie is the value of one that SetCookie set, "" for none.
func (c *Ctx) Cookie(name string) string {
	cookie, err := c.Echo.Cookie(c.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SetCookie keeps something in the browser that no script sees. A time that is past
// deletes it.
func (c *Ctx) SetCookie(name, value string, expires time.Time) {
	c.Echo.SetCookie(&http.Cookie{Name: c.cookieName(name), Value: value, Path: "/", Expires: expires, HttpOnly: true,
		Secure: c.secure(), SameSite: http.SameSiteLaxMode})
}

// maxToken bounds what is looked up as a session's token.
const maxToken = 512

func sessionToken(c *Ctx) string {
	if token := c.Cookie(sessionCookie); len(token) <= maxToken {
		return token
	}
	return ""
}

// whoAsks finds the session of the browser. That nobody can tell just now matters only
// to routes that need somebody.
func (c *Ctx) whoAsks() error {
	if c.Gallery {
		far := c.Now().Add(24 * time.Hour)
		c.Session = agent.Session{ID: "gallery", User: "ada", Title: "Ada", Role: agent.RoleOwner, Created: c.Now(), Expires: far, Sudo: far}
	}
	token := sessionToken(c)
	if token == "" {
		return nil
	}
	s, err := c.Accounts.Session(c.Context(), token)
	var e *agent.Error
	switch {
	case err == nil:
		c.Token, c.Session = token, s
	case errors.As(err, &e) && e.Code == agent.CodeUnauthorized:
		c.Forget()
	default:
		return err
	}
	return nil
}

// Remember signs a browser in.
func (c *Ctx) Remember(s agent.SignedIn) {
	c.Token, c.Session, c.csrf = s.Token, s.Session, ""
	c.SetCookie(sessionCookie, s.Token, s.Session.Expires)
}

// Forget signs the browser out; the session itself is ended by Accounts.
func (c *Ctx) Forget() {
	c.Token, c.Session, c.csrf = "", agent.Session{}, ""
	c.SetCookie(sessionCookie, "", time.Unix(1, 0))
}

// signInFirst sends who is not signed in to where they do so, and back afterwards.
func (c *Ctx) signInFirst() error {
	r := c.Echo.Request()
	if r.Method != http.MethodGet && r.Method != http.MethodHead || staysOpen(r) {
		return agent.Errorf(agent.CodeUnauthorized, "You are not signed in any more.").WithHint("Sign in again.")
	}
	return c.Go("/sign-in?next=" + query(c.here()))
}

// sudoFirst asks for a proof, and goes back afterwards.
func (c *Ctx) sudoFirst() error {
	if staysOpen(c.Echo.Request()) {
		return &statusError{http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "show once more that it is you").
			WithHint("load the page again")}
	}
	return c.Go("/sudo?next=" + query(c.here()))
}
