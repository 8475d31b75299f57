package store

import (
	"fmt"
	"slices"
	"strings"
)

// Ports that speak something else than HTTP, and are never an app's page.
var notWeb = []int{21, 22, 23, 25, 53, 67, 68, 69, 88, 110, 111, 123, 137, 138, 139, 143, 161, 389, 445, 465, 514, 554, 587, 636, 853, 873, 990,
	993, 995, 1433, 1521, 1883, 1900, 3306, 3389, 3478, 4190, 5060, 5222, 5269, 5353, 5432, 5671, 5672, 6379, 6881, 8883, 9042, 9092, 11211,
	19132, 21027, 22000, 25565, 27015, 27017, 34197, 51413}

// Ports that are a page where there is a choice, the likelier first.
var likelyWeb = []int{80, 8080, 3000, 8000, 5000, 8888, 9000, 8081, 8090, 4000, 7000, 8096, 1880, 2283, 8123}

// inside are images that only other services talk to.
var inside = []string{"postgres", "postgresql", "mysql", "mariadb", "percona", "redis", "valkey", "keydb", "dragonfly", "memcached", "mongo",
	"mongodb", "rabbitmq", "clickhouse-server", "elasticsearch", "opensearch", "pgvector", "postgis", "timescaledb", "kafka", "zookeeper", "nats",
	"redis-stack-server", "infinity", "etcd", "pgvecto-rs", "cassandra", "couchdb", "neo4j", "influxdb"}

// openDoor chooses what the front door leads to, and what else is opened.
func (im *importer) openDoor() {
	main := im.mainDoor()
	im.distinctDoors(main)
	for _, s := range im.app.services {
		for _, m := range s.mapped {
			im.settleMapped(s, m, main)
		}
	}
	if main == nil {
		if !slices.ContainsFunc(im.app.services, func(s *service) bool { return len(s.exposes) > 0 }) {
			im.note(Info, "", "the front door", "the app has no page that is known of, so it has no address of its own")
		}
		return
	}
	// The first service's first page is the app's address.
	i := slices.Index(im.app.services, main)
	rest := slices.Delete(slices.Clone(im.app.services), i, i+1)
	im.app.services = append([]*service{main}, rest...)
	if im.app.scheme == "https" {
		im.note(Risky, main.name, fmt.Sprintf("port %d", main.exposes[0].port), "the app speaks HTTPS there itself; the front door speaks HTTP to apps, so switch it off in the app, or it answers with an error")
	}
}

// distinctDoors sees to it that only the main page answers at the app's own host.
func (im *importer) distinctDoors(main *service) {
	taken := map[string]bool{"": true}
	for _, s := range im.app.services {
		for i := range s.exposes {
			e := &s.exposes[i]
			if s == main && i == 0 {
				e.subdomain = ""
				continue
			}
			if e.subdomain == "" {
				e.subdomain = s.name
			}
			e.subdomain = distinctName(e.subdomain, taken)
			taken[e.subdomain] = true
		}
	}
}

// settleMapped decides what becomes of a published port.
func (im *importer) settleMapped(s *service, m mapping2, main *service) {
	what := fmt.Sprintf("port %d/%s", m.port, m.protocol)
	isPage := slices.ContainsFunc(s.exposes, func(e exposeOf) bool { return e.port == m.port })
	switch {
	case isPage && m.protocol == "tcp":
		im.note(Changed, s.name, what, "it is behind the front door instead of open on the machine")
	case m.protocol == "tcp" && (m.port == 443 || m.port == 8443 || m.host == 443) && main == s && len(s.exposes) > 0 && m.port != s.exposes[0].port:
		im.note(Dropped, s.name, what, "HTTPS is spoken by the front door")
	case s != main && main != nil && s.is(inside...):
		im.note(Dropped, s.name, what, "only the app's own services reach it; it is not opened on the machine")
	default:
		im.openPort(s, m)
	}
}

// mainDoor is the service whose page is the app's, with that page exposed; nil if
// there is none.
func (im *importer) mainDoor() *service {
	if s, port := im.saidDoor(); s != nil {
		im.expose(s, port, "")
		return s
	}
	for _, s := range im.app.services { // Coolify's, exposed while they were read
		if len(s.exposes) > 0 && s.exposes[0].subdomain == "" {
			return s
		}
	}
	for _, s := range im.app.services {
		if len(s.exposes) > 0 {
			s.exposes[0].subdomain = ""
			return s
		}
	}
	s, port := im.likelyDoor()
	if s == nil {
		return nil
	}
	im.expose(s, port, "")
	return s
}

// saidDoor is what the format says of the page.
func (im *importer) saidDoor() (*service, int) {
	a := im.app
	front := im.service(a.front)
	if a.published > 0 {
		for _, s := range im.app.services {
			for _, m := range s.mapped {
				if m.host == a.published && m.protocol == "tcp" && (front == nil || s == front || a.frontPort == 0) {
					return s, m.port
				}
			}
		}
		if front != nil && front.v.text("network_mode") == "host" {
			return front, a.published // what it listens on is what the host showed
		}
	}
	if front != nil && a.frontPort > 0 {
		return front, a.frontPort
	}
	if front != nil {
		for _, m := range front.mapped {
			if m.protocol == "tcp" && !slices.Contains(notWeb, m.port) {
				return front, m.port
			}
		}
		if front.inner > 0 {
			return front, front.inner
		}
	}
	return nil, 0
}

// likelyDoor guesses: a port that is usual for pages, on a service that is no
// database, else the first that is not known to be something else.
func (im *importer) likelyDoor() (*service, int) {
	for _, s := range im.app.services { // what Traefik was told
		for _, p := range s.v.get("labels").pairs() {
			if strings.HasSuffix(p.key, ".loadbalancer.server.port") {
				if n := number(im.constant(p.value)); n > 0 && n <= 65535 {
					return s, n
				}
			}
		}
	}
	var first *service
	port, rank := 0, len(likelyWeb)+1
	for _, s := range im.app.services {
		if s.is(inside...) {
			continue
		}
		for _, m := range s.mapped {
			if m.protocol != "tcp" || slices.Contains(notWeb, m.port) {
				continue
			}
			r := slices.Index(likelyWeb, m.port)
			if r < 0 {
				r = len(likelyWeb)
			}
			if r < rank {
				first, port, rank = s, m.port, r
			}
		}
	}
	if first != nil {
		im.note(Info, first.name, fmt.Sprintf("port %d", port), "it is taken for the app's page, and the front door leads to it")
		return first, port
	}
	for _, s := range im.app.services {
		if s.inner > 0 && !slices.Contains(notWeb, s.inner) && !s.is(inside...) {
			im.note(Info, s.name, fmt.Sprintf("port %d", s.inner), "it is taken for the app's page, and the front door leads to it")
			return s, s.inner
		}
	}
	for _, s := range im.app.services {
		name, _, _, _ := reference(s.image)
		if port := imagesSeen()[name].port; port > 0 && !s.is(inside...) {
			im.note(Info, s.name, fmt.Sprintf("port %d", port), "other stores have the page of this image there, and the front door leads to it")
			return s, port
		}
	}
	return nil, 0
}

// expose puts a port behind the front door.
func (im *importer) expose(s *service, port int, subdomain string) {
	if port < 1 || port > 65535 || slices.ContainsFunc(s.exposes, func(e exposeOf) bool { return e.port == port }) {
		return
	}
	name := "web"
	if subdomain != "" {
		name = subdomain
	}
	taken := map[string]bool{}
	for _, e := range s.exposes {
		taken[e.name] = true
	}
	s.exposes = append(s.exposes, exposeOf{name: distinctName(appName(name), taken), subdomain: subdomain, port: port})
}
