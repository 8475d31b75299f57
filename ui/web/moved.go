package web

import (
	"net/url"
	"strings"
)

// movingPage is shown while the agent starts anew under another domain.
type movingPage struct {
	Domain  string
	URL     string // where to sign in
	Picture string // what is there once the panel answers there
	First   bool   // it is the first run
}

// Moving ends a change of the cloud's domain: with a page that goes to the new address
// by itself, since none of the old one's answers any more.
func (c *Ctx) Moving(domain string, first bool) error {
	to := movedTo(c.Origin(), c.State().Settings.Domain, domain)
	origin := strings.TrimSuffix(to, signInPath)
	c.Echo.Response().Header().Set("Content-Security-Policy", picturesOf(origin))
	return c.Page(ownPages, "moving.html", movingPage{domain, to, origin + "/app-icon/180.png", first})
}

// picturesOf is ContentPolicy with the pictures of another origin.
func picturesOf(origin string) string {
	return strings.Replace(ContentPolicy, "img-src 'self'", "img-src 'self' "+origin, 1)
}

const signInPath = "/sign-in"

// movedTo is where people sign in once the cloud has another domain: at the same scheme
// and port as the origin that they see now.
func movedTo(origin, before, domain string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return "https://panel." + domain + signInPath
	}
	host, port := u.Hostname(), u.Port()
	if under, ok := strings.CutSuffix(host, "."+before); ok && before != "" {
		host = under + "." + domain
	} else {
		host = "panel." + domain
	}
	if port != "" {
		host += ":" + port
	}
	return u.Scheme + "://" + host + signInPath
}
