package store

import (
	"regexp"
	"slices"
	"strings"
)

// usualPorts are where images listen that are used within apps.
var usualPorts = map[string]int{"postgres": 5432, "postgresql": 5432, "pgvector": 5432, "postgis": 5432, "timescaledb": 5432, "pgvecto-rs": 5432, "mysql": 3306, "mariadb": 3306,
	"percona": 3306, "redis": 6379, "valkey": 6379, "keydb": 6379, "dragonfly": 6379, "redis-stack-server": 6379, "mongo": 27017, "mongodb": 27017, "ferretdb": 27017,
	"rabbitmq": 5672, "minio": 9000, "elasticsearch": 9200, "opensearch": 9200, "meilisearch": 7700, "memcached": 11211, "clickhouse-server": 8123, "nats": 4222,
	"typesense": 8108, "qdrant": 6333, "weaviate": 8080, "chroma": 8000, "gotenberg": 3000, "tika": 9998, "chrome": 3000, "mailpit": 8025, "kafka": 9092, "zookeeper": 2181,
	"influxdb": 8086, "couchdb": 5984, "cassandra": 9042, "neo4j": 7687, "docker-socket-proxy": 2375, "searxng": 8080, "ollama": 11434, "mosquitto": 1883, "etcd": 2379}

// listen finds where a service listens: by its image, by how others name it, by
// what the manifest says, or by its own check.
func (im *importer) listen(s *service) {
	if s.inner == 0 {
		s.inner = usualPorts[s.base]
	}
	named := regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])(?:` + strings.Join(im.namesOf(s), "|") + `):(\d{2,5})(?:\D|$)`)
	for _, other := range im.app.services {
		if other == s || s.inner != 0 {
			continue
		}
		other.texts(func(t text) text {
			for _, p := range t {
				if m := named.FindStringSubmatch(p.lit); m != nil && s.inner == 0 && number(m[1]) <= 65535 {
					s.inner = number(m[1])
				}
			}
			return t
		})
	}
	for _, m := range s.mapped {
		if s.inner == 0 && len(s.exposes) == 0 && m.protocol == "tcp" {
			s.inner = m.port
		}
	}
	for _, e := range s.env {
		if n := number(e.value.plain()); s.inner == 0 && len(s.exposes) == 0 && n > 0 && n <= 65535 && ownPort.MatchString(strings.ToUpper(e.name)) {
			s.inner = n
		}
	}
	if s.inner == 0 && len(s.exposes) == 0 && s.health != nil {
		for _, t := range s.health.command {
			if m := askedPort.FindStringSubmatch(t.plain()); m != nil && s.inner == 0 && number(m[1]) <= 65535 {
				s.inner = number(m[1])
			}
		}
	}
}

// ownPort are variables that say where the program itself listens.
var ownPort = regexp.MustCompile(`^(PORT|HTTP_PORT|LISTEN_PORT)$|_HTTP_SERVER_PORT$`)

// namesOf are the names by which others reach a service, for a pattern.
func (im *importer) namesOf(s *service) []string {
	var names []string
	for name, ours := range im.hosts {
		if ours == s.name {
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b)*1000 - len(a)*1000 + compare(a, b) })
	return names
}

// texts goes over every text of a service in which another may be named.
func (s *service) texts(change func(text) text) {
	for i := range s.env {
		s.env[i].value = change(s.env[i].value)
	}
	for i := range s.files {
		s.files[i].content = change(s.files[i].content)
	}
	for i := range s.command {
		s.command[i] = change(s.command[i])
	}
	for i := range s.entrypoint {
		s.entrypoint[i] = change(s.entrypoint[i])
	}
	if s.health != nil {
		for i := range s.health.command {
			s.health.command[i] = change(s.health.command[i])
		}
	}
}

// mainPort is where others reach it in the entry, as catalog.Service.MainPort has it.
func (s *service) mainPort() int {
	if s.once {
		return 0
	}
	if len(s.exposes) > 0 && s.inner == 0 {
		return s.exposes[0].port
	}
	return s.inner
}

// readAfter reads depends_on and links: who starts before whom.
func (im *importer) readAfter() {
	for _, s := range im.app.services {
		im.listen(s)
	}
	for _, s := range im.app.services {
		n := s.v.get("depends_on")
		if n != nil && n.kind == mapping {
			for i, key := range n.keys {
				condition := viewOf(n.items[i]).text("condition")
				if other := im.service(key); other != nil && condition == "service_completed_successfully" {
					other.once = true
				}
				im.follows(s, key)
			}
		}
		for _, item := range n.list() {
			im.follows(s, item.text())
		}
		for _, item := range s.v.get("links").list() {
			name, alias, _ := strings.Cut(item.text(), ":")
			if other := im.service(name); other != nil {
				if _, taken := im.hosts[alias]; alias != "" && !taken {
					im.hosts[alias] = other.name
				}
				im.follows(s, name)
			}
		}
	}
	im.runOnce()
	for _, s := range im.app.services {
		s.after = slices.DeleteFunc(s.after, func(name string) bool {
			other := im.service(name)
			if other.once || other.mainPort() > 0 {
				return false
			}
			im.note(Info, s.name, "start after "+name, "where "+name+" listens is not known, so nothing waits for it: the app tries again until it is there")
			return true
		})
	}
	im.breakCircles()
}

func (im *importer) follows(s *service, key string) {
	other := im.service(key)
	if other == nil {
		im.note(Dropped, s.name, "start after "+short(key), "there is no such service")
		return
	}
	if other != s && !slices.Contains(s.after, other.name) {
		im.hosts[other.name] = other.name
		s.after = append(s.after, other.name)
	}
}

// runOnce settles which services run to their end: those that others wait for to
// have ended, and those that are not to be started again.
func (im *importer) runOnce() {
	stays := 0
	for _, s := range im.app.services {
		if s.v.text("restart") == "no" && len(s.exposes) == 0 && len(s.ports) == 0 && s.health == nil && len(im.app.services) > 1 && !s.is(databases...) {
			s.once = true
		}
		if s.once && (len(s.exposes) > 0 || len(s.ports) > 0) {
			s.once = false
		}
		if !s.once {
			stays++
		}
	}
	for _, s := range im.app.services {
		if stays == 0 {
			s.once = false
		}
		if s.once {
			s.inner, s.health = 0, nil
			im.note(Info, s.name, "the service", "it runs to its end at every start of the app, before those that wait for it")
		}
	}
}

// breakCircles takes out what would make services wait for each other.
func (im *importer) breakCircles() {
	const (
		open = 1
		done = 2
	)
	state := map[string]int{}
	var visit func(s *service)
	visit = func(s *service) {
		state[s.name] = open
		s.after = slices.DeleteFunc(s.after, func(name string) bool {
			if state[name] == open {
				im.note(Changed, s.name, "start after "+name, "they wait for each other: this one does not")
				return true
			}
			if state[name] != done {
				visit(im.service(name))
			}
			return false
		})
		state[s.name] = done
	}
	for _, s := range im.app.services {
		if state[s.name] == 0 {
			visit(s)
		}
	}
}

// namesService tells whether a default is, or has in it, the address of one of the
// app's own services.
func (im *importer) namesService(value string) bool {
	if value == "" {
		return false
	}
	if _, ok := im.hosts[value]; ok && len(im.hosts) > 1 {
		return true
	}
	for _, m := range inAnAddress.FindAllStringSubmatch(value, 4) {
		if _, ok := im.hosts[m[1]]; ok {
			return true
		}
	}
	return false
}

var inAnAddress = regexp.MustCompile(`(?:://|@|^)([A-Za-z0-9_.-]+)(?::\d+|/|$)`)
