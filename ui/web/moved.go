package web

import (
	"net/url"
	"strings"
)

// movingPage is shown while the agent starts anew under another domain.
type movingPage struct {
	Domain string
	URL    string // where to sign in
	First  bool   // it is the first run
}

// Moving ends a change of the cloud's domain: with a page that goes to the new address
// by itself, since none of the old one's answers any more.
func (c *Ctx) Moving(domain string, first bool) error {
	url := movedTo(c.Origin(), c.State().Settings.Domain, domain)
	return c.Page(ownPages, "moving.html", movingPage{domain, url, first})
}

// movedTo is where people sign in once the cloud has another domain: at the same scheme
// and port as the origin that they see now.
func movedTo(origin, before, domain string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return "https://panel." + domain
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
	return u.Scheme + "://" + host + "/sign-in"
}
