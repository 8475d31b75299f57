package store

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// describeCoolify reads the comments at the head of a Coolify template
// (https://coolify.io/docs/get-started/contribute/service).
func (im *importer) describeCoolify() {
	head := map[string]string{}
	for line := range bytes.Lines(im.src.manifest.Bytes) {
		rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("#"))
		if !ok {
			break
		}
		if key, value, ok := strings.Cut(string(rest), ":"); ok {
			head[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	a := im.app
	a.tagline = head["slogan"]
	a.category = head["category"]
	a.website = head["documentation"]
	if u := address(a.website); strings.HasPrefix(u, "https://github.com/") {
		a.source = u
	}
	a.frontPort = number(head["port"])
	if len(a.tagline) > 200 {
		a.description = oneLine(a.tagline, 4000)
	}
	if head["ignore"] == "true" {
		im.note(Info, "", "the template", "its store does not list it")
	}
}

// magic are the variables that Coolify makes up
// (https://coolify.io/docs/knowledge-base/docker/compose#coolify-s-magic-environment-variables).
var magic = regexp.MustCompile(`^SERVICE_(FQDN|URL|PASSWORDWITHSYMBOLS|PASSWORD|USER|REALBASE64|BASE64|HEX|NAME)(?:_(.*))?$`)

// declaresDoor reads SERVICE_URL_NAME_PORT and SERVICE_FQDN_NAME_PORT without a
// variable behind it: it says that the service has a page, and at which port.
func (im *importer) declaresDoor(s *service, name string, p pair) bool {
	m := magic.FindStringSubmatch(name)
	if m == nil || m[1] != "FQDN" && m[1] != "URL" || !p.bare && !strings.HasPrefix(p.value, "/") && p.value != "$"+name && p.value != "${"+name+"}" && p.value != "" {
		return false
	}
	if im.doorsRead {
		return true
	}
	door, port := m[2], 0
	if i := strings.LastIndexByte(door, '_'); i >= 0 {
		if n := number(door[i+1:]); n > 0 && n <= 65535 {
			door, port = door[:i], n
		}
	}
	if port == 0 {
		port = im.doorPort(s)
	}
	if strings.HasPrefix(p.value, "/") && p.value != "/" {
		im.note(Risky, s.name, "the path "+short(p.value), "it was below the app's own address; here the service has an address of its own, of which the app's pages may not know")
	}
	door = strings.ToUpper(door)
	if _, taken := im.doors[door]; taken {
		door += "_" + itoa(port) // a second page of the same service
	}
	im.addDoor(s, door, port)
	return true
}

// door is an address that Coolify gives a service.
type door struct {
	service   *service
	subdomain string
}

func (im *importer) addDoor(s *service, name string, port int) {
	subdomain := ""
	if len(im.doors) > 0 {
		taken := map[string]bool{}
		for _, d := range im.doors {
			taken[d.subdomain] = true
		}
		subdomain = distinctName(appName(name), taken)
	}
	im.doors[name] = door{s, subdomain}
	if slices.ContainsFunc(s.exposes, func(e exposeOf) bool { return e.port == port }) {
		return
	}
	im.expose(s, port, subdomain)
}

// doorPort is the port of a page whose declaration names none.
func (im *importer) doorPort(s *service) int {
	switch {
	case s.inner > 0:
		return s.inner
	case len(s.mapped) > 0:
		return s.mapped[0].port
	case im.app.frontPort > 0 && len(im.doors) == 0:
		return im.app.frontPort
	case usualPorts[s.base] > 0:
		return usualPorts[s.base]
	}
	if n := s.v.get("healthcheck"); n != nil {
		for _, item := range viewOf(n).get("test").list() {
			if m := askedPort.FindStringSubmatch(item.text()); m != nil {
				return number(m[1])
			}
		}
	}
	return 80
}

// findDoors reads all declarations before any use of them.
func (im *importer) findDoors() {
	for _, s := range im.app.services {
		for _, p := range s.v.get("environment").pairs() {
			im.declaresDoor(s, strings.TrimSpace(p.key), p)
		}
	}
	im.doorsRead = true
	// The page that the template's head names is the app's own.
	if len(im.app.services) == 0 || im.app.frontPort == 0 {
		return
	}
	var first *exposeOf
	for _, s := range im.app.services {
		for i := range s.exposes {
			if s.exposes[i].subdomain == "" {
				first = &s.exposes[i]
			}
		}
	}
	for _, s := range im.app.services {
		for i := range s.exposes {
			e := &s.exposes[i]
			if first != nil && first.port != im.app.frontPort && e.port == im.app.frontPort {
				e.subdomain, first.subdomain = "", e.subdomain
				e.name, first.name = "web", e.name
				for name, d := range im.doors {
					switch d.subdomain {
					case "":
						im.doors[name] = door{d.service, first.subdomain}
					case first.subdomain:
						im.doors[name] = door{d.service, ""}
					}
				}
				return
			}
		}
	}
}

// coolifyVariable is what one of Coolify's variables stands for.
func (im *importer) coolifyVariable(v variable) (text, bool) {
	switch v.name {
	case "COOLIFY_URL":
		return appURL, true
	case "COOLIFY_FQDN":
		return appHost, true
	}
	m := magic.FindStringSubmatch(v.name)
	if m == nil {
		return nil, false
	}
	name := m[2]
	switch m[1] {
	case "FQDN", "URL":
		return im.doorAddress(m[1], name), true
	case "NAME": // the name of the service's container
		for _, s := range im.app.services {
			if appName(s.name) == appName(name) {
				return literal(s.name), true
			}
		}
		return literal(appName(name)), true
	case "USER":
		return im.coolifyUser(v.name, name), true
	}
	size := ""
	if head, rest, ok := strings.Cut(name, "_"); ok && (head == "32" || head == "64" || head == "128") {
		size, name = head, rest
	} else if name == "32" || name == "64" || name == "128" {
		size, name = name, ""
	}
	s := im.secrets["var "+v.name]
	word := "key"
	if strings.HasPrefix(m[1], "PASSWORD") {
		word = "password"
	}
	if s == nil {
		s = im.secretLike("var "+v.name, settingName(name+"_"+word), "")
		s.title = titleOf(word + "_of_" + name)
		n := number(first(size, "32"))
		switch m[1] {
		case "REALBASE64":
			s.charset, s.bytes, s.length = "base64", n, 0
		case "HEX": // n characters, and each of them as two digits
			s.charset, s.bytes, s.length = "hex", n, 0
		default:
			s.length = n
		}
	}
	return s.use(), true
}

// coolifyUser is a name that Coolify makes at random. It is no secret, and stands
// in commands and checks: here it is a word, unless it is used as a password.
func (im *importer) coolifyUser(variable, name string) text {
	if catalog.AsksForSecret(name) || strings.Contains(name, "PASSWORD") || strings.Contains(name, "SECRET") || im.asSecret[variable] {
		s := im.secretLike("var "+variable, settingName(name), "")
		return s.use()
	}
	word := strings.ReplaceAll(settingName(name), "_", "")
	if len(word) < 5 || word == "root" || word == "mysql" { // some programs ask for five
		word += "user"
	}
	if word == "mariadb" || word == "mongodb" || word == "admin" || word == "rabbitmq" {
		return literal(word)
	}
	return literal(word)
}

// doorAddress is the address of a page, by the name that its declaration has.
func (im *importer) doorAddress(kind, name string) text {
	if i := strings.LastIndexByte(name, '_'); i >= 0 && number(name[i+1:]) > 0 {
		name = name[:i]
	}
	d := im.doors[strings.ToUpper(name)]
	switch {
	case d.subdomain != "" && kind == "FQDN":
		return text{{lit: d.subdomain + "-"}, {ref: "app.host"}}
	case d.subdomain != "":
		return text{{ref: `replace(app.url, "://", "://` + d.subdomain + `-")`}}
	case kind == "FQDN":
		return appHost
	}
	return appURL
}

// namesUsedAsSecrets finds the variables for users that stand where a secret does.
func (im *importer) namesUsedAsSecrets() {
	for _, s := range im.app.services {
		for _, p := range s.v.get("environment").pairs() {
			value := strings.Trim(p.value, "${}")
			if strings.HasPrefix(value, "SERVICE_USER_") && catalog.AsksForSecret(p.key) && !strings.Contains(strings.ToUpper(p.key), "ACCESS_KEY") {
				im.asSecret[value] = true
			}
		}
	}
}
