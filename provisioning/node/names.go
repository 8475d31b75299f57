package node

import (
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`) // RFC 1123
	uuid  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

func isLabel(s string) bool { return label.MatchString(s) }

func isUUID(s string) bool { return uuid.MatchString(s) }

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16]), nil
}

// CleanName makes a node's name from a host name: its first label, lower case,
// with what DNS does not allow turned into hyphens; "node" if nothing is left.
func CleanName(hostname string) string {
	first, _, _ := strings.Cut(strings.ToLower(hostname), ".")
	var b strings.Builder
	for _, r := range first {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	name := b.String()
	name = strings.Trim(name, "-")
	if len(name) > 63 {
		name = strings.Trim(name[:63], "-")
	}
	if name == "" {
		return "node"
	}
	return name
}

// CleanDomain is how a domain is kept: lower case, without the root's dot.
func CleanDomain(domain string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(domain), "."))
}

// checkDomain says whether apps can have names beneath the domain.
func checkDomain(domain string) error {
	hint := "use a name of your own such as cloud.example.org, or leave --domain out for " + DefaultDomain
	if _, err := netip.ParseAddr(domain); err == nil {
		return refuse(nil, hint, "%s is an address; apps need a name of their own beneath a domain", domain)
	}
	labels := strings.Split(domain, ".")
	for _, l := range labels {
		if isLabel(l) {
			continue
		}
		for _, r := range l {
			if r > 0x7f {
				return refuse(nil, "give the form that begins with xn--", "the domain %q is not in ASCII", shorten(domain))
			}
		}
		return refuse(nil, hint, "%q is no domain name: its part %q is not made of a-z, 0-9 and inner hyphens, at most 63", shorten(domain), shorten(l))
	}
	if len(labels) < 2 {
		return refuse(nil, hint, "the domain %q has only one part; certificates and cookies need two", domain)
	}
	if _, err := strconv.Atoi(labels[len(labels)-1]); err == nil {
		return refuse(nil, hint, "%q is no domain name: its last part is a number", shorten(domain))
	}
	// RFC 1035 allows 253; an app's own label with its dot comes before it.
	if len(domain) > 253-64 {
		return refuse(nil, hint, "the domain has %d characters; 189 leave room for an app's name", len(domain))
	}
	return nil
}

func shorten(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// checkPorts says whether Traefik can listen on the two.
func checkPorts(http, https int) error {
	for _, given := range []struct {
		flag string
		port int
	}{{"--http-port", http}, {"--https-port", https}} {
		flag, port := given.flag, given.port
		if port < 1 || port > 65535 {
			return refuse(nil, "choose another with "+flag, "%d is no port: ports go from 1 to 65535", port)
		}
		if owner := engineOf(port); owner != "" {
			return refuse(nil, "choose another with "+flag, "port %d belongs to %s", port, owner)
		}
	}
	if http == https {
		return refuse(nil, "choose another with --https-port", "HTTP and HTTPS cannot share port %d", http)
	}
	return nil
}
