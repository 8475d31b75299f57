package store

import (
	"slices"
	"strings"
)

// service is one container of the entry as it grows.
type service struct {
	key, name  string // theirs, ours
	v          *view
	image      string
	base       string // the image's last word, without registry and tag: "postgres"
	entrypoint []text
	command    []text
	env        []variableOf
	files      []fileOf
	exposes    []exposeOf
	ports      []portOf
	mapped     []mapping2 // published ports, before the front door is chosen
	inner      int        // where the others reach it, 0 if unknown
	volumes    []volumeOf
	tmpfs      []string
	caps       []string
	devices    []string
	health     *healthOf
	after      []string // ours
	once       bool
	init       bool
	readOnly   bool
	user       string
	workdir    string
	stopSignal string
	stopWait   int // seconds
	shm        int // MiB
	cpu        int
	memory     int
	memoryMax  int
}

type variableOf struct {
	name     string
	value    text
	optional bool // left out where its setting is empty
}

type fileOf struct {
	path, mode string
	content    text
}

type exposeOf struct {
	name, subdomain string
	port            int
}

type portOf struct {
	name, protocol string
	port, host     int
	title          string
}

type volumeOf struct {
	name, path, owner, mode, kind, from string
	readOnly                            bool
	source                              string // what it was: a host's path or a volume's name
	fits                                bool   // owner is known to be right
}

type healthOf struct {
	path              string
	command           []text
	interval, timeout int
}

// convert makes the services of the entry.
func (im *importer) convert() {
	services := im.top.get("services")
	if services == nil || services.kind != mapping || len(services.keys) == 0 {
		im.refuse(refusal("name the folder or file of an app", "the manifest has no services"))
		return
	}
	im.gather(services)
	if im.err != nil {
		return
	}
	for _, s := range im.app.services {
		im.readImage(s)
		im.readOptions(s)
		im.readPorts(s)
	}
	if im.format == Coolify && im.err == nil {
		im.findDoors()
		im.namesUsedAsSecrets()
	}
	for _, s := range im.app.services {
		im.readEnv(s)
		im.readCommand(s)
		im.readVolumes(s)
		im.readHealth(s)
		im.forms(s)
		im.leftovers(s.v, s.name, "")
		if im.err != nil {
			return
		}
	}
	im.finishTop()
	im.openDoor()
	im.readAfter()
	im.settlePorts()
	im.shareVolumes()
	im.rename()
	for _, s := range im.app.services {
		im.hideLiterals(s)
	}
	for _, s := range im.app.services {
		im.secretsOutOfArguments(s)
	}
	im.lonelySecrets()
	im.revealed()
	im.fromImage()
	im.architectures()
}

// gather lists the services that are to run, under names of ours.
func (im *importer) gather(services *node) {
	if len(services.keys) > 60 {
		im.refuse(refusal("", "it has %d services; 60 are imported", len(services.keys)))
		return
	}
	taken := map[string]bool{}
	for i, key := range services.keys {
		n := services.items[i]
		if n.kind != mapping {
			im.refuse(&Refusal{Message: "the service " + short(key) + " is not a map", Line: n.line})
			return
		}
		n, r := im.extended(services, key, n, 0)
		if r != nil {
			im.refuse(r)
			return
		}
		v := viewOf(n)
		if im.skipped(key, v) {
			continue
		}
		s := &service{key: key, name: distinctName(appName(key), taken), v: v}
		taken[s.name] = true
		im.app.services = append(im.app.services, s)
		im.hosts[key] = s.name
	}
	if len(im.app.services) == 0 {
		im.refuse(refusal("", "no service of it would run"))
		return
	}
	for _, s := range im.app.services {
		for _, alias := range im.aliases(s) {
			if _, taken := im.hosts[alias]; !taken && alias != "" {
				im.hosts[alias] = s.name
			}
		}
	}
}

// extended lays a service over the one that it extends, in the same file.
func (im *importer) extended(services *node, key string, n *node, depth int) (*node, *Refusal) {
	ext := viewOf(n).get("extends")
	if ext == nil {
		return n, nil
	}
	name := ext.text()
	if ext.kind == mapping {
		if file := viewOf(ext).text("file"); file != "" {
			return nil, &Refusal{Message: "the service " + short(key) + " extends one of the file " + short(file), Hint: "write it out: docker compose config", Line: ext.line}
		}
		name = viewOf(ext).text("service")
	}
	i := slices.Index(services.keys, name)
	if i < 0 || depth > 8 || services.items[i].kind != mapping {
		return nil, &Refusal{Message: "the service " + short(key) + " extends " + short(name) + ", which is not there", Line: ext.line}
	}
	base, r := im.extended(services, name, services.items[i], depth+1)
	if r != nil {
		return nil, r
	}
	out := &node{kind: mapping, line: n.line}
	for i, k := range n.keys {
		if k == "extends" {
			continue
		}
		item := n.items[i]
		if j := slices.Index(base.keys, k); k == "environment" && j >= 0 {
			item = mergedPairs(base.items[j], item)
		}
		out.keys, out.items = append(out.keys, k), append(out.items, item)
	}
	for i, k := range base.keys {
		if !slices.Contains(out.keys, k) && k != "extends" && k != "container_name" && k != "depends_on" {
			out.keys, out.items = append(out.keys, k), append(out.items, base.items[i])
		}
	}
	return out, nil
}

func mergedPairs(base, over *node) *node {
	out := &node{kind: mapping, line: over.line}
	for _, p := range append(over.pairs(), base.pairs()...) {
		if !slices.Contains(out.keys, p.key) {
			out.keys = append(out.keys, p.key)
			out.items = append(out.items, &node{value: p.value, null: p.bare, line: p.line})
		}
	}
	return out
}

// skipped leaves out services that Compose would not start either, and those that
// are the store's own machinery.
func (im *importer) skipped(key string, v *view) bool {
	if im.format == Umbrel && (key == "app_proxy" || key == "tor" || key == "tor_server") {
		return true // read by describeUmbrel
	}
	var profiles []string
	for _, p := range v.get("profiles").list() {
		profiles = append(profiles, p.text())
	}
	if len(profiles) == 0 || slices.Contains(profiles, "") {
		return false
	}
	im.note(Dropped, "", "service "+key, "it starts only under the profile "+strings.Join(profiles, ", "))
	return true
}

// aliases are the other names under which services of the app reach this one.
func (im *importer) aliases(s *service) []string {
	names := []string{im.constant(s.v.text("container_name")), im.constant(s.v.text("hostname"))}
	if networks := s.v.get("networks"); networks != nil && networks.kind == mapping {
		for _, n := range networks.items {
			for _, a := range viewOf(n).get("aliases").list() {
				names = append(names, im.constant(a.text()))
			}
		}
	}
	if im.format == Umbrel {
		names = append(names, im.src.name+"_"+s.key+"_1")
	}
	return names
}

// service finds one by its key or by a name that it is reached under.
func (im *importer) service(name string) *service {
	ours, ok := im.hosts[name]
	if !ok {
		return nil
	}
	for _, s := range im.app.services {
		if s.name == ours {
			return s
		}
	}
	return nil
}

// constant is a value where no setting may stand: variables are their defaults.
func (im *importer) constant(s string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	return expand(s, func(v variable) text {
		if known, ok := im.vars[v.name]; ok && (known.text.plain() != "" || !v.hasElse) {
			return literal(known.text.plain())
		}
		if t, ok := im.formatVariable(v); ok {
			return literal(t.plain())
		}
		switch strings.ToUpper(v.name) {
		case "PUID", "PGID", "UID", "GID", "USER_ID", "GROUP_ID":
			return literal("1000")
		}
		return literal(v.fallback)
	}).plain()
}

// value is a value where expressions may stand.
func (im *importer) value(s string) text { return expand(s, im.lookup) }

// finishTop notes what of the whole file is not in the entry.
func (im *importer) finishTop() {
	im.top.ignore("services", "version", "name", "volumes", "networks", "configs", "secrets")
	for _, key := range im.top.left() {
		if !strings.HasPrefix(key, "x-") {
			im.note(Dropped, "", short(key), "the importer does not know this key; see whether the app needs it")
		}
	}
	networks := im.top.get("networks")
	if networks == nil || networks.kind != mapping {
		return
	}
	for i, key := range networks.keys {
		v := viewOf(networks.items[i])
		if v.get("internal").isTrue() {
			im.note(Changed, "", "network "+short(key), "it kept services away from the internet; an app's services share one network, which reaches it")
		}
		if d := v.text("driver"); d == "macvlan" || d == "ipvlan" || d == "host" {
			im.note(Risky, "", "network "+short(key), "it gave services addresses on the home network ("+short(d)+"); they are reached through the front door and the ports that the entry opens")
		}
	}
}
