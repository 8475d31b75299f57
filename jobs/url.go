package jobs

import (
	"strconv"

	"github.com/dentropy/dcloud/catalog"
)

// Host is the name that an exposed port answers to: SUBDOMAIN.DOMAIN, and for a
// port with a subdomain of its own PREFIX-SUBDOMAIN.DOMAIN. It is one label
// below the domain either way, which one wildcard certificate or record covers.
func Host(in Input, x catalog.Expose) string {
	sub := Subdomain(in.Intent)
	if x.Subdomain != "" {
		sub = x.Subdomain + "-" + sub
	}
	return sub + "." + in.Pool.Domain
}

// Hosts lists every host that the app answers to, in the entry's order: no two
// apps may have one in common.
func Hosts(in Input) []string {
	var hosts []string
	for _, s := range in.Entry.Services {
		for _, x := range s.Exposes {
			hosts = append(hosts, Host(in, x))
		}
	}
	return hosts
}

// Subdomain is the intent's, or else the app's name.
func Subdomain(i Intent) string {
	if i.Subdomain != "" {
		return i.Subdomain
	}
	return i.Name
}

// URL is where a subdomain is reached, "http://miniflux.dcloud.localhost:8080".
// It has no trailing slash, and no port where that is the scheme's own.
func URL(p Pool, subdomain string) string {
	return p.scheme() + "://" + subdomain + "." + p.Domain + p.portSuffix()
}

// AppURL is where the app is reached, "" if it exposes nothing.
func AppURL(in Input) string {
	for _, s := range in.Entry.Services {
		for _, x := range s.Exposes {
			return in.Pool.scheme() + "://" + Host(in, x) + in.Pool.portSuffix()
		}
	}
	return ""
}

func (p Pool) scheme() string {
	if p.Scheme == "https" {
		return "https"
	}
	return "http"
}

func (p Pool) portSuffix() string {
	port, usual := p.HTTPPort, 80
	if p.scheme() == "https" {
		port, usual = p.HTTPSPort, 443
	}
	if port == 0 || port == usual {
		return ""
	}
	return ":" + strconv.Itoa(port)
}
