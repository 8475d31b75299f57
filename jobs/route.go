package jobs

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// Who passes the front door.
const (
	AccessApp     = "app"     // everyone; the app signs people in itself
	AccessPublic  = "public"  // everyone
	AccessPrivate = "private" // the home network, until the door can sign people in
	AccessMembers = "members" // likewise
)

// Entrypoints of Traefik that every route is offered on.
const (
	EntryPointHTTP  = "web"
	EntryPointHTTPS = "websecure"
)

// HomeNetwork is who passes a private or members door as long as the door cannot
// sign people in: this machine and addresses that no router of the internet
// carries. Loopback and link-local (RFC 6890, RFC 4291), private (RFC 1918),
// unique local (RFC 4193).
const HomeNetwork = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10"

// publicPath is what a prefix may hold: path characters of RFC 3986 without those
// that a Traefik rule or Nomad's interpolation reads.
var publicPath = regexp.MustCompile(`^/[A-Za-z0-9/._~@:,;=+-]*$`)

// hostname is an RFC 1123 name; anything else has no place in a rule.
var hostname = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// routeTags are the tags by which Traefik's Consul catalog provider routes a host
// to this service. The name is of routers, middleware and Traefik's service,
// and must be one of a kind in the pool. Every router comes twice: for HTTP,
// and for HTTPS.
func routeTags(name, host, access string, public []string) ([]string, error) {
	if !hostname.MatchString(host) {
		return nil, errorf("choose a subdomain of lowercase letters, digits and hyphens", "%q is no host name", host)
	}
	rule := "Host(`" + host + "`)"
	// Naming the service in a tag of its own is what makes it exist under that name.
	tags := []string{"traefik.enable=true", "traefik.http.services." + name + ".loadbalancer.passhostheader=true"}
	switch access {
	case AccessApp, AccessPublic:
		return append(tags, routers(name, name, rule, "", "")...), nil
	case AccessPrivate, AccessMembers:
	default:
		return nil, errorf("choose one of app, public, members, private", "%q is no access", access)
	}
	door := name + "_home"
	tags = append(tags, "traefik.http.middlewares."+door+".ipallowlist.sourcerange="+HomeNetwork)
	tags = append(tags, routers(name, name, rule, door, "")...)
	if len(public) == 0 {
		return tags, nil
	}
	open, err := pathRule(public)
	if err != nil {
		return nil, err
	}
	// Traefik takes the router with the highest priority; unsaid it is the
	// length of the rule, which a long host could win.
	return append(tags, routers(name+"_open", name, rule+" && ("+open+")", "", "10000")...), nil
}

func routers(name, service, rule, middleware, priority string) []string {
	var tags []string
	for _, secure := range []bool{false, true} {
		router, entrypoint := name, EntryPointHTTP
		if secure {
			router, entrypoint = name+"_tls", EntryPointHTTPS
		}
		at := "traefik.http.routers." + router + "."
		tags = append(tags, at+"rule="+rule, at+"entrypoints="+entrypoint, at+"service="+service)
		if secure {
			tags = append(tags, at+"tls=true")
		}
		if middleware != "" {
			tags = append(tags, at+"middlewares="+middleware)
		}
		if priority != "" {
			tags = append(tags, at+"priority="+priority)
		}
	}
	return tags
}

// pathRule matches whole path segments: /share is /share and what is below it,
// but not /shared.
func pathRule(prefixes []string) (string, error) {
	var alternatives []string
	for _, p := range prefixes {
		if !publicPath.MatchString(p) || strings.Contains(p, "..") || strings.Contains(p, "//") {
			return "", errorf(hintEntry, "the public path %q is not a plain path, such as /share", p)
		}
		dir := strings.TrimSuffix(p, "/") + "/"
		if dir != p {
			alternatives = append(alternatives, "Path(`"+p+"`)")
		}
		alternatives = append(alternatives, "PathPrefix(`"+dir+"`)")
	}
	return strings.Join(alternatives, " || "), nil
}

// Access is who passes the door of one exposed port.
func Access(in Input, x catalog.Expose) string {
	own := orElse(x.Access, AccessPrivate)
	if in.Intent.Access == "" {
		return own
	}
	// What was chosen is for the app's own door. One beside it (an administrator's page, a
	// port that must not be seen) can be made narrower by it, and never wider.
	if x.Subdomain != "" && slices.Index(widths, own) < slices.Index(widths, in.Intent.Access) {
		return own
	}
	return in.Intent.Access
}

// widths are the kinds of access, from the narrowest.
var widths = []string{AccessPrivate, AccessMembers, AccessApp, AccessPublic}
