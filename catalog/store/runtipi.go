package store

import (
	"encoding/json"
	"slices"
	"strings"
)

// describeRuntipi reads config.json of a Runtipi app, with the fields of its form
// (https://runtipi.io/docs/reference/config-json).
func (im *importer) describeRuntipi(taken map[string]bool) {
	top, r := readYAML(im.src.about.Bytes)
	if r != nil || top.kind != mapping {
		im.refuse(refusal("check config.json", "its config.json cannot be read"))
		return
	}
	v, a := viewOf(top), im.app
	im.named(v.text("id"), taken)
	a.title, a.tagline, a.description = v.text("name"), v.text("short_desc"), paragraph(v.text("description"))
	a.version, a.source, a.website = v.text("version"), v.text("source"), v.text("website")
	if c := v.get("categories").list(); len(c) > 0 {
		a.category = c[0].text()
	}
	for _, item := range v.get("supported_architectures").list() {
		if arch := archOf(item.text()); arch != "" && !slices.Contains(a.architectures, arch) {
			a.architectures = append(a.architectures, arch)
		}
	}
	a.published = number(v.text("port"))
	if suffix := v.text("url_suffix"); suffix != "" && suffix != "/" {
		a.notes = "Its page is at /" + strings.TrimPrefix(oneLine(suffix, 200), "/") + "."
	}
	if v.flag("deprecated") || v.has("available") && !v.flag("available") {
		im.note(Risky, "", "the app", "its store gives it up")
	}
	if v.flag("https") {
		a.scheme = "https"
	}
	if uid, gid := v.text("uid"), v.text("gid"); uid != "" || gid != "" {
		im.note(Info, "", "uid and gid", "volumes belong to whom the services run as")
	}
	v.ignore("$schema", "schemaVersion", "exposable", "dynamic_config", "tipi_version", "author", "created_at", "updated_at", "min_tipi_version",
		"available", "deprecated", "force_expose", "generate_vapid_keys", "requirements", "no_gui", "force_pull", "urn")
	if v.flag("generate_vapid_keys") {
		im.note(Risky, "", "keys for push messages", "make a pair of VAPID keys and give them at the install")
	}
	for _, f := range v.get("form_fields").list() {
		im.formField(viewOf(f))
	}
	im.leftovers(v, "", "config.json")
	im.runtipiVariables()
}

// formField makes a setting or a secret of a question.
func (im *importer) formField(f *view) {
	name := f.text("env_variable")
	if !variableName.MatchString(name) || im.vars[name].set {
		return
	}
	kind, fallback := f.text("type"), f.text("default")
	f.ignore("max", "min", "regex", "pattern_error", "encoding", "placeholder")
	title, help := oneLine(f.text("label"), 100), oneLine(f.text("hint"), 1000)
	required := f.flag("required")
	options := f.get("options")
	im.leftovers(f, "", "form_fields")
	if kind == "random" || kind == "password" && fallback != "" || kind == "password" && required && !isForeign(strings.ToUpper(name)) {
		s := im.secretLike("var "+name, settingName(name), "")
		if n := number(f.text("min")); kind == "random" && n >= 4 && n <= 256 {
			s.length = n
		}
		if f.text("encoding") == "base64" {
			s.charset, s.bytes, s.length = "base64", max(s.length, 32), 0
		}
		s.title, s.reveal = first(title, s.title), kind == "password"
		if kind == "password" {
			im.note(Changed, "", "the question "+short(name), "nobody needs to think one up: it is made at the install, and its owner can see it")
		}
		im.vars[name] = variableValue{text: s.use(), set: true}
		s.used = false
		return
	}
	ours := map[string]string{"password": "password", "email": "email", "number": "number", "boolean": "bool", "url": "url"}[kind]
	var choices []string
	for _, o := range options.list() {
		if value := viewOf(o).text("value"); value != "" && oneLine(value, 4000) == value && !slices.Contains(choices, value) {
			choices = append(choices, value)
		}
	}
	s := &setting{name: im.valueName(settingName(name)), title: first(title, titleOf(name)), help: help, kind: first(ours, "string"), required: required}
	switch {
	case len(choices) > 0 && (slices.Contains(choices, fallback) || fallback == ""):
		s.kind, s.choices = "choice", choices
		if fallback == "" && !required {
			fallback = choices[0]
		}
	case s.kind == "number" && !wholeNumber.MatchString(fallback) && !(required && fallback == ""):
		s.kind = "string"
	case s.kind == "bool" && fallback != "true" && fallback != "false":
		fallback = "false"
	case (s.kind == "email" || s.kind == "url") && fallback != "":
		s.kind = "string" // whether the default is one is the catalog's to judge
	}
	if fallback != "" && s.kind != "password" {
		s.fallback, s.hasDefault, s.required = clean(fallback), true, false
	}
	if s.kind == "bool" {
		s.required = false
	}
	s.advanced = !s.required
	im.settings[name] = s
	im.app.settings = append(im.app.settings, s)
	im.vars[name] = variableValue{text: s.use(), set: true}
	s.used = false
}

// use of a variable that a form or a file gave marks what is behind it as used.
func (im *importer) mark(t text) text {
	for _, p := range t {
		for _, s := range im.app.settings {
			s.used = s.used || p.ref == "setting."+s.name
		}
		for _, s := range im.app.secrets {
			s.used = s.used || strings.Contains(p.ref, "secret."+s.name)
		}
	}
	return t
}

// runtipiVariables are those that Runtipi sets for every app
// (https://runtipi.io/docs/reference/environment-variables).
func (im *importer) runtipiVariables() {
	for name, t := range map[string]text{
		"APP_DATA_DIR": literal(strings.TrimSuffix(dataDir, "/")), "ROOT_FOLDER_HOST": literal("/runtipi"), "APP_ID": literal(im.app.name),
		"APP_PORT": literal("__port__"), "APP_DOMAIN": appHost, "APP_HOST": appHost, "LOCAL_DOMAIN": {{ref: "pool.domain"}},
		"APP_EXPOSED": literal("true"), "APP_PROTOCOL": {{ref: `trimsuffix(app.url, "://${app.host}")`, plain: "http"}},
		"INTERNAL_IP": appHost, "NETWORK_INTERFACE": literal("0.0.0.0"), "TZ": timezone, "DNS_IP": literal("1.1.1.1"),
		"UID": literal("1000"), "GID": literal("1000"), "STORAGE_PATH": literal("/runtipi"), "RUNTIPI_APP_DATA_PATH": literal(dataDir[:len(dataDir)-1]),
		"RUNTIPI_MEDIA_PATH": literal("/runtipi/media"),
	} {
		im.vars[name] = variableValue{text: t, set: true}
	}
	im.vars["APP_PORT"] = variableValue{text: literal("8999"), set: true}
	if im.app.published > 0 {
		im.vars["APP_PORT"] = variableValue{text: literal(itoa(im.app.published)), set: true}
	}
	im.vars["APP_PROTOCOL"] = variableValue{text: text{{ref: `trimsuffix(app.url, "://${app.host}")`, plain: "http"}}, set: true}
}

// readRuntipi turns docker-compose.json, Runtipi's own form, into a compose file;
// docker-compose.yml is one already
// (https://runtipi.io/docs/reference/dynamic-compose).
func (im *importer) readRuntipi(top *node) (*node, *Refusal) {
	if im.src.manifest.Path == im.src.about.Path {
		return nil, refusal("add its docker-compose.json", "the app has no docker-compose.json or docker-compose.yml")
	}
	services := viewOf(top).get("services")
	if services == nil || services.kind != list {
		return top, nil
	}
	out := &node{kind: mapping}
	for _, item := range services.items {
		v := viewOf(item)
		name := first(v.text("name"), "service")
		if slices.Contains(out.keys, name) {
			return nil, &Refusal{Message: "two services are named " + short(name), Line: item.line}
		}
		out.keys, out.items = append(out.keys, name), append(out.items, im.runtipiService(name, v))
	}
	return &node{kind: mapping, keys: []string{"services"}, items: []*node{out}, line: top.line}, nil
}

// itsNames are Runtipi's words for what Compose calls otherwise.
var itsNames = map[string]string{"dependsOn": "depends_on", "healthCheck": "healthcheck", "capAdd": "cap_add", "capDrop": "cap_drop", "extraHosts": "extra_hosts",
	"networkMode": "network_mode", "stopSignal": "stop_signal", "stopGracePeriod": "stop_grace_period", "workingDir": "working_dir", "shmSize": "shm_size",
	"readOnly": "read_only", "securityOpt": "security_opt", "stdinOpen": "stdin_open", "extraLabels": "labels", "memLimit": "mem_limit"}

func (im *importer) runtipiService(name string, v *view) *node {
	out := &node{kind: mapping, line: v.n.line}
	set := func(key string, n *node) { out.keys, out.items = append(out.keys, key), append(out.items, n) }
	port := v.text("internalPort")
	if v.flag("isMain") {
		im.app.front, im.app.frontPort = name, number(port)
	} else if number(port) > 0 {
		set("expose", &node{kind: list, items: []*node{{value: port}}})
	}
	var ports []*node
	for _, p := range v.get("addPorts").list() {
		pv := viewOf(p)
		for _, protocol := range []string{"tcp", "udp"} {
			if pv.flag(protocol) || protocol == "tcp" && !pv.has("tcp") && !pv.has("udp") {
				ports = append(ports, mapOf("target", pv.text("containerPort"), "published", pv.text("hostPort"), "protocol", protocol))
			}
		}
	}
	if len(ports) > 0 {
		set("ports", &node{kind: list, items: ports})
	}
	var volumes []*node
	for _, m := range v.get("volumes").list() {
		mv := viewOf(m)
		volumes = append(volumes, mapOf("type", "bind", "source", mv.text("hostPath"), "target", mv.text("containerPath"), "read_only", mv.text("readOnly")))
	}
	if len(volumes) > 0 {
		set("volumes", &node{kind: list, items: volumes})
	}
	if env := v.get("environment"); env != nil {
		set("environment", runtipiEnv(env))
	}
	v.ignore("name", "isMain", "internalPort", "addPorts", "volumes", "environment", "addToMainNetwork")
	for i, key := range v.n.keys {
		switch {
		case v.used[key]:
		case itsNames[key] != "":
			item := v.n.items[i]
			if key == "healthCheck" {
				item = &node{kind: mapping, keys: slices.Clone(item.keys), items: item.items, line: item.line}
				for j, k := range item.keys {
					item.keys[j] = map[string]string{"startPeriod": "start_period", "startInterval": "start_interval"}[k]
					item.keys[j] = first(item.keys[j], k)
				}
			}
			set(itsNames[key], item)
		default:
			set(key, v.n.items[i])
		}
	}
	return out
}

// runtipiEnv takes both forms: a map, and a list of {key, value}.
func runtipiEnv(env *node) *node {
	if env.kind == mapping {
		return env
	}
	out := &node{kind: mapping, line: env.line}
	for _, item := range env.list() {
		v := viewOf(item)
		if k := v.text("key"); k != "" && !slices.Contains(out.keys, k) {
			out.keys, out.items = append(out.keys, k), append(out.items, &node{value: v.text("value"), line: item.line})
		}
	}
	return out
}

func mapOf(pairs ...string) *node {
	n := &node{kind: mapping}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.keys, n.items = append(n.keys, pairs[i]), append(n.items, &node{value: pairs[i+1], null: pairs[i+1] == ""})
	}
	return n
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }
