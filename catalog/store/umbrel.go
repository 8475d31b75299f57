package store

import (
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// describeUmbrel reads umbrel-app.yml, and what its framework adds to a compose
// file: the service app_proxy, which says where the page is, and variables
// (https://github.com/getumbrel/umbrel-apps, README.md).
func (im *importer) describeUmbrel(taken map[string]bool) {
	top, r := readYAML(im.src.about.Bytes)
	if r != nil || top.kind != mapping {
		im.refuse(refusal("check umbrel-app.yml", "its umbrel-app.yml cannot be read"))
		return
	}
	if im.src.about.Path == im.src.manifest.Path {
		im.refuse(refusal("add its docker-compose.yml", "the app has no docker-compose.yml"))
		return
	}
	v, a := viewOf(top), im.app
	im.named(v.text("id"), taken)
	a.title, a.tagline, a.description = v.text("name"), v.text("tagline"), paragraph(v.text("description"))
	a.category, a.version, a.website, a.source = v.text("category"), v.text("version"), v.text("website"), v.text("repo")
	a.defaultUser = v.text("defaultUsername")
	a.screenshots = pictures(v.get("gallery"))
	if page := v.text("path"); page != "" && page != "/" {
		a.notes = "Its page is at " + oneLine(page, 200) + "."
	}
	if p := v.text("defaultPassword"); p != "" || v.flag("deterministicPassword") {
		a.notes = strings.TrimSpace(a.notes + "\n\nThe password of the first account is among the app's secrets.")
	}
	for _, d := range v.get("dependencies").list() {
		if d.text() != "" {
			im.refuse(refusal("write an entry that has both in it", "it needs the app %s of Umbrel beside it, and apps do not reach into each other here", short(d.text())))
		}
	}
	if v.flag("disabled") {
		im.note(Risky, "", "the app", "its store gives it up")
	}
	v.ignore("deterministicPassword", "defaultPassword", "manifestVersion", "releaseNotes", "developer", "support", "port", "gallery", "submitter", "submission", "icon", "torOnly", "permissions",
		"defaultShell", "widgets", "optimizedForUmbrelHome", "installSize", "implements", "backupIgnore")
	im.leftovers(v, "", "umbrel-app.yml")
	im.umbrelVariables()
	im.umbrelProxy()
}

func (im *importer) umbrelProxy() {
	proxy := viewOf(viewOf(im.top.get("services")).get("app_proxy"))
	for _, p := range proxy.get("environment").pairs() {
		switch p.key {
		case "APP_HOST":
			host := strings.TrimSuffix(strings.TrimPrefix(im.constant(p.value), im.src.name+"_"), "_1")
			im.app.front = host
		case "APP_PORT":
			im.app.frontPort = number(im.constant(p.value))
		case "PROXY_AUTH_ADD":
			im.note(Info, "", "the door", "Umbrel let people in without its own sign-in; here the app's door is private until you open it")
		case "PROXY_AUTH_WHITELIST":
			im.note(Changed, "", "paths without sign-in "+short(p.value), "the whole app is behind the door; write them into public if apps on phones need them")
		case "PROXY_AUTH_BLACKLIST":
		default:
			im.note(Info, "", "app_proxy "+short(p.key), "the front door is the cloud's own")
		}
	}
}

// umbrelVariables are those that Umbrel sets, and what exports.sh of the app does.
func (im *importer) umbrelVariables() {
	set := func(name string, t text) { im.vars[name] = variableValue{text: t, set: true} }
	set("APP_DATA_DIR", literal(strings.TrimSuffix(dataDir, "/")))
	set("UMBREL_ROOT", literal("/umbrel"))
	set("APP_DOMAIN", appHost)
	set("DEVICE_DOMAIN_NAME", appHost)
	set("DEVICE_HOSTNAME", appHost)
	set("APP_HIDDEN_SERVICE", literal("notyetset.onion"))
	set("APP_ID", literal(im.app.name))
	if exports, ok := im.src.beside["exports.sh"]; ok && len(exports.Bytes) <= maxFileSize {
		im.umbrelExports(string(exports.Bytes), set)
	}
}

// umbrelExports reads the plain exports of a script. What it would have to run is
// not run: such a variable is asked for, or made.
func (im *importer) umbrelExports(script string, set func(string, text)) {
	for _, line := range strings.Split(script, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "export ") {
			continue
		}
		for _, p := range parseEnvFile(line) {
			if strings.Contains(p.value, "$(") || strings.Contains(p.value, "`") {
				im.note(Changed, "", "variable "+p.key, "exports.sh works it out by a program, which is not run: it is made or asked for")
				continue
			}
			if strings.Contains(p.key, "_IP") && strings.HasPrefix(p.value, "10.2") {
				// A fixed address on Umbrel's network: here it is the app's own.
				set(p.key, literal("127.0.0.1"))
				continue
			}
			if catalog.AsksForSecret(p.key) && p.value != "" && !strings.Contains(p.value, "$") {
				s := im.secretFor(p.key, p.value)
				set(p.key, s.use())
				s.used = false
				continue
			}
			set(p.key, expand(p.value, im.lookup))
		}
	}
}

// umbrelVariable are variables that are one of a kind.
func (im *importer) umbrelVariable(v variable) (text, bool) {
	switch {
	case v.name == "APP_SEED":
		s := im.secretLike("var APP_SEED", "app_seed", "")
		s.charset, s.bytes, s.length = "hex", 32, 0
		return s.use(), true
	case v.name == "APP_PASSWORD":
		s := im.secretLike("var APP_PASSWORD", "app_password", "")
		s.reveal, s.title = true, "Password of the first account"
		return s.use(), true
	case strings.HasPrefix(v.name, "APP_BITCOIN_"), strings.HasPrefix(v.name, "APP_LIGHTNING_"), strings.HasPrefix(v.name, "APP_ELECTRS_"), strings.HasPrefix(v.name, "TOR_"):
		im.note(Risky, "", "variable "+v.name, "it tells of another app of Umbrel, which is not here: it is empty")
		return nil, true
	}
	return nil, false
}

// formatVariable is what a variable stands for that the format knows.
func (im *importer) formatVariable(v variable) (text, bool) {
	switch im.format {
	case Coolify:
		return im.coolifyVariable(v)
	case Umbrel:
		return im.umbrelVariable(v)
	}
	return nil, false
}
