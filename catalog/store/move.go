package store

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// settlePorts sees to it that no two services listen on one port: those of an app
// share one address.
func (im *importer) settlePorts() {
	if len(im.app.services) == 1 {
		return
	}
	im.unknownPorts()
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
	im.checkedPorts(owner)
}

// unknownPorts warns where two services may listen on one port and the manifest does
// not say so. A second container of an image that is known is taken for a worker.
func (im *importer) unknownPorts() {
	known := map[string]bool{}
	for _, s := range im.app.services {
		if s.mainPort() > 0 {
			known[s.image] = true
		}
	}
	var names []string
	for _, s := range im.app.services {
		if s.mainPort() == 0 && !s.once && !known[s.image] {
			names = append(names, s.name)
		}
	}
	if len(names) > 1 {
		im.note(Risky, "", "where "+strings.Join(names, ", ")+" listen", "the manifest does not say, and an app's services share one address: if two listen on one port, the second does not start")
	}
}

// checkedPorts looks at the ports that services ask themselves in their checks: where
// another one listens there, both cannot.
func (im *importer) checkedPorts(owner map[int]*service) {
	for _, s := range im.app.services {
		if s.health == nil {
			continue
		}
		asked := 0
		for _, t := range s.health.command {
			if m := askedPort.FindStringSubmatch(t.plain()); m != nil && asked == 0 {
				asked = number(m[1])
			}
		}
		o := owner[asked]
		if o == nil || o == s || s.inner == asked || slices.Contains(s.fixed(), asked) {
			continue
		}
		if _, ok := portVariables[s.base]; ok {
			im.clash(o, s, asked)
			continue
		}
		im.note(Risky, s.name, fmt.Sprintf("port %d", asked), "its check asks itself there, and "+o.name+" listens there too: an app's services share one address, so let this one listen elsewhere by its own settings")
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
