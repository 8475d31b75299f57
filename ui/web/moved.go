package web

import (
	"net/url"
	"strings"
)

// MovedTo is where people sign in once the cloud has another domain: at the same scheme
// and port as the origin that they see now.
func MovedTo(origin, before, domain string) string {
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
