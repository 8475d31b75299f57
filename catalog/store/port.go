package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// mapping2 is a port that the manifest publishes on the host.
type mapping2 struct {
	port, host int // host is 0 where any would do
	protocol   string
	title      string
}

// maxRange is the most ports of one range that are opened.
const maxRange = 64

func (im *importer) readPorts(s *service) {
	for _, item := range s.v.get("ports").list() {
		if item.kind == mapping {
			im.longPort(s, item)
			continue
		}
		im.shortPort(s, item)
	}
	for _, item := range s.v.get("expose").list() {
		text := strings.TrimSuffix(im.constant(item.text()), "/tcp")
		if n := number(text); s.inner == 0 && n > 0 && n <= 65535 {
			s.inner = n
		}
	}
	if len(s.mapped) > 512 {
		im.refuse(refusal("", "the service %s publishes %d ports; 512 are imported", s.name, len(s.mapped)))
	}
}

func (im *importer) longPort(s *service, item *node) {
	v := viewOf(item)
	v.ignore("mode", "app_protocol", "name")
	if ip := v.text("host_ip"); ip != "" && ip != "0.0.0.0" {
		im.note(Changed, s.name, "port "+short(v.text("target")), "it was published on "+short(ip)+" only; if it is opened, then on all of the machine's addresses at home")
	}
	host := strings.TrimSpace(im.constant(v.text("published")))
	im.ports(s, host, strings.TrimSpace(im.constant(v.text("target"))), v.text("protocol"), oneLine(v.text("name"), 200))
	im.leftovers(v, s.name, "ports")
}

// shortPort reads [[IP:]HOST:]CONTAINER[/PROTOCOL], where each may be a range.
func (im *importer) shortPort(s *service, item *node) {
	raw := strings.TrimSpace(im.constant(item.text()))
	spec, protocol, _ := strings.Cut(raw, "/")
	ip := ""
	if strings.HasPrefix(spec, "[") {
		var ok bool
		if ip, spec, ok = strings.Cut(spec, "]:"); !ok {
			ip = ""
		}
	}
	parts := strings.Split(spec, ":")
	if len(parts) == 3 {
		ip, parts = parts[0], parts[1:]
	}
	if ip == "127.0.0.1" || ip == "localhost" || ip == "[::1" {
		im.note(Changed, s.name, "port "+short(raw), "it was published for the machine itself only; it is not opened, and the front door leads to it where it is the app's page")
		parts = parts[len(parts)-1:]
	}
	switch len(parts) {
	case 1:
		im.ports(s, "", parts[0], protocol, "")
	case 2:
		im.ports(s, parts[0], parts[1], protocol, "")
	default:
		im.note(Dropped, s.name, "port "+short(raw), "it is not of the form HOST:CONTAINER")
	}
}

func (im *importer) ports(s *service, host, target, protocol, title string) {
	protocol = strings.ToLower(strings.TrimSpace(protocol))
	if protocol == "" {
		protocol = "tcp"
	}
	from, to, ok := portRange(target)
	hostFrom, hostTo, hostOK := portRange(host)
	what := "port " + short(target)
	switch {
	case !ok || host != "" && !hostOK || protocol != "tcp" && protocol != "udp":
		im.note(Dropped, s.name, what, "it is not a port and a protocol of tcp or udp")
		return
	case host != "" && hostTo-hostFrom != to-from:
		im.note(Changed, s.name, what, fmt.Sprintf("one of several ports of the machine was taken; it is %d", hostFrom))
	}
	if to-from >= maxRange {
		im.note(Risky, s.name, what, fmt.Sprintf("it is a range of %d ports; the first %d are opened", to-from+1, maxRange))
		to = from + maxRange - 1
	}
	for p := from; p <= to; p++ {
		m := mapping2{port: p, protocol: protocol, title: title}
		if host != "" && hostFrom+p-from <= 65535 {
			m.host = hostFrom + p - from
		}
		if !slices.ContainsFunc(s.mapped, func(o mapping2) bool { return o.port == m.port && o.protocol == m.protocol }) {
			s.mapped = append(s.mapped, m)
		} else {
			im.note(Dropped, s.name, fmt.Sprintf("port %d/%s", p, protocol), "it is published twice; the first one counts")
		}
	}
}

func portRange(s string) (from, to int, ok bool) {
	a, b, isRange := strings.Cut(strings.TrimSpace(s), "-")
	from, err := strconv.Atoi(a)
	to = from
	if err == nil && isRange {
		to, err = strconv.Atoi(b)
	}
	return from, to, err == nil && from > 0 && to <= 65535 && from <= to
}

// openPort makes a published port one of the machine's.
func (im *importer) openPort(s *service, m mapping2) {
	host := m.host
	if host == 0 {
		host = m.port
	}
	what := fmt.Sprintf("port %d/%s", m.port, m.protocol)
	if catalog.CloudPort(host) {
		other := im.freePort(host)
		im.note(Changed, s.name, what, fmt.Sprintf("port %d of the machine is the cloud's own; it is %d", host, other))
		host = other
	}
	for _, o := range im.app.services {
		for _, p := range o.ports {
			if p.host == host && (p.protocol == m.protocol || p.port != m.port || o != s) {
				other := im.freePort(host)
				im.note(Changed, s.name, what, fmt.Sprintf("port %d of the machine is taken by %s; it is %d", host, o.name, other))
				host = other
			}
		}
	}
	name := fmt.Sprintf("%s-%d", m.protocol, m.port)
	s.ports = append(s.ports, portOf{name: name, port: m.port, host: host, protocol: m.protocol, title: m.title})
}

// freePort is a port of the machine that neither the cloud nor the app has.
func (im *importer) freePort(near int) int {
	var taken []int
	for _, s := range im.app.services {
		for _, p := range s.ports {
			taken = append(taken, p.host)
		}
		for _, m := range s.mapped {
			taken = append(taken, m.host)
		}
	}
	port := near%10000 + 20000
	for slices.Contains(taken, port) || catalog.CloudPort(port) {
		port++
	}
	return port
}
