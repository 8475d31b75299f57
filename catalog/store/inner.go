package store

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
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
		if s.inner == 0 && m.protocol == "tcp" {
			s.inner = m.port
		}
	}
	if s.inner == 0 && s.health != nil {
		for _, t := range s.health.command {
			if m := askedPort.FindStringSubmatch(t.plain()); m != nil && s.inner == 0 && number(m[1]) <= 65535 {
				s.inner = number(m[1])
			}
		}
	}
}

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

// settlePorts sees to it that no two services listen on one port: those of an app
// share one address.
func (im *importer) settlePorts() {
	if len(im.app.services) == 1 {
		return
	}
	owner := map[int]*service{}
	for _, s := range im.app.services { // pages and opened ports stay where they are
		for _, port := range s.fixed() {
			if o := owner[port]; o != nil && o != s {
				im.clash(o, s, port)
				continue
			}
			owner[port] = s
		}
	}
	for _, s := range im.app.services {
		if s.inner == 0 || owner[s.inner] == s {
			continue
		}
		if owner[s.inner] == nil {
			owner[s.inner] = s
			continue
		}
		im.clash(owner[s.inner], s, s.inner)
		if s.inner != 0 {
			owner[s.inner] = s
		}
	}
}

func (s *service) fixed() []int {
	var ports []int
	for _, e := range s.exposes {
		ports = append(ports, e.port)
	}
	for _, p := range s.ports {
		if !slices.Contains(ports, p.port) && p.protocol == "tcp" {
			ports = append(ports, p.port)
		}
	}
	return ports
}

// clash moves a service to another port, by what its image takes for that, or
// refuses the app.
func (im *importer) clash(first, second *service, port int) {
	to := port + 1
	for slices.ContainsFunc(im.app.services, func(s *service) bool {
		return s.inner == to || slices.Contains(s.fixed(), to)
	}) {
		to++
	}
	movers := []*service{second, first}
	if len(second.fixed()) > 0 && len(first.fixed()) == 0 {
		movers = []*service{first, second}
	}
	for _, s := range movers {
		if im.move(s, port, to) {
			im.note(Changed, s.name, fmt.Sprintf("port %d", port), fmt.Sprintf("%s listens there too, and an app's services share one address: it is moved to %d, and who asks it is told", other(s, first, second).name, to))
			return
		}
	}
	im.refuse(refusal("let one of them listen elsewhere, by its own settings, and import it again",
		"the services %s and %s both listen on port %d, and an app's services share one address", first.key, second.key, port))
}

func other(s, a, b *service) *service {
	if s == a {
		return b
	}
	return a
}

// move lets a service listen on another port.
func (im *importer) move(s *service, from, to int) bool {
	number := strconv.Itoa(to)
	switch {
	case s.is("postgres", "pgvector", "postgis", "timescaledb", "postgresql"):
		s.set("PGPORT", number) // the server reads it, as its clients do
	case s.is("mysql", "mariadb", "percona"):
		s.set("MYSQL_TCP_PORT", number)
	case s.is("redis", "valkey") && (len(s.command) == 0 || strings.HasSuffix(s.command[0].plain(), "-server")):
		if len(s.command) == 0 {
			s.command = []text{literal(s.base + "-server")}
		}
		s.command = append(s.command, literal("--port"), literal(number))
	case s.is("mongo") && (len(s.command) == 0 || s.command[0].plain() == "mongod"):
		if len(s.command) == 0 {
			s.command = []text{literal("mongod")}
		}
		s.command = append(s.command, literal("--port"), literal(number))
	default:
		if !im.moveByVariable(s, from, number) {
			return false
		}
	}
	for i := range s.exposes {
		if s.exposes[i].port == from {
			s.exposes[i].port = to
		}
	}
	for i := range s.ports {
		if s.ports[i].port == from {
			s.ports[i].port = to
		}
	}
	if s.inner == from || s.inner == 0 {
		s.inner = to
	}
	im.readdress(s, from, number)
	return true
}

// moveByVariable uses the variable that says where the service listens, if it has
// one, or PORT, which most programs that listen on 3000 take.
func (im *importer) moveByVariable(s *service, from int, to string) bool {
	if names := portVariables[s.base]; len(names) > 0 {
		for _, name := range names {
			s.set(name, to)
		}
		return true
	}
	for i := range s.env {
		e := &s.env[i]
		name := strings.ToUpper(e.name)
		if e.value.plain() == strconv.Itoa(from) && (name == "PORT" || strings.HasSuffix(name, "_PORT") && !strings.Contains(name, "DB") && !strings.Contains(name, "REDIS") && !strings.Contains(name, "SMTP")) {
			e.value = literal(to)
			return true
		}
		if m := bindsTo.FindStringSubmatch(e.value.plain()); m != nil && m[2] == strconv.Itoa(from) && e.value.isLiteral() && bindName.MatchString(name) {
			e.value = literal(m[1] + to)
			return true
		}
	}
	if from == 3000 || from == 5000 || from == 8000 || from == 8080 {
		if slices.ContainsFunc(s.env, func(e variableOf) bool { return e.name == "PORT" }) {
			return false
		}
		s.set("PORT", to)
		im.note(Risky, s.name, "variable PORT", "whether the program heeds it is not known here; if the app does not start, let it listen on "+to+" by its own settings")
		return true
	}
	return false
}

// portVariables are those by which programs are told where to listen.
var portVariables = map[string][]string{"n8n": {"N8N_PORT", "QUEUE_HEALTH_CHECK_PORT"}, "gitea": {"GITEA__server__HTTP_PORT"}, "forgejo": {"FORGEJO__server__HTTP_PORT"},
	"grafana": {"GF_SERVER_HTTP_PORT"}, "opensearch": {"http.port"}, "elasticsearch": {"http.port"}, "searxng": {"GRANIAN_PORT"}}

var (
	bindsTo  = regexp.MustCompile(`^((?:0\.0\.0\.0|127\.0\.0\.1|\[::\]|\*)?:)(\d+)$`)
	bindName = regexp.MustCompile(`ADDR|BIND|LISTEN`)
)

func (s *service) set(name, value string) {
	i := slices.IndexFunc(s.env, func(e variableOf) bool { return e.name == name })
	if i < 0 {
		s.env = append(s.env, variableOf{name: name, value: literal(value)})
		return
	}
	s.env[i] = variableOf{name: name, value: literal(value)}
}

// readdress tells every service where another one listens now: in addresses with
// its port, in addresses without one, and in variables that are the port alone.
func (im *importer) readdress(moved *service, from int, to string) {
	names := strings.Join(im.namesOf(moved), "|")
	with := regexp.MustCompile(`((?:^|[^A-Za-z0-9_.-])(?:` + names + `)):` + strconv.Itoa(from) + `(\D|$)`)
	without := regexp.MustCompile(`((?:://|@)(?:` + names + `))(/|$|\?)`)
	isName := regexp.MustCompile(`^(?:` + names + `)$`)
	itself := regexp.MustCompile(`((?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])):` + strconv.Itoa(from) + `(\D|$)`)
	for _, s := range im.app.services {
		s.texts(func(t text) text {
			return t.each(func(l string) text {
				l = with.ReplaceAllString(l, "${1}:"+to+"${2}")
				if _, database := usualPorts[moved.base]; database {
					l = without.ReplaceAllString(l, "${1}:"+to+"${2}")
				}
				if s == moved {
					l = itself.ReplaceAllString(l, "${1}:"+to+"${2}")
				}
				return literal(l)
			})
		})
		for _, e := range s.env {
			prefix, ok := strings.CutSuffix(strings.TrimSuffix(strings.ToUpper(e.name), "NAME"), "HOST")
			if !ok || !isName.MatchString(e.value.plain()) {
				continue
			}
			for i := range s.env {
				if strings.ToUpper(s.env[i].name) == prefix+"PORT" {
					s.env[i].value = literal(to)
				}
			}
			if !slices.ContainsFunc(s.env, func(v variableOf) bool { return strings.ToUpper(v.name) == prefix+"PORT" }) {
				im.note(Risky, s.name, "variable "+e.name, "where "+moved.name+" listens now, port "+to+", has to be told too: look up which variable that is")
			}
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
