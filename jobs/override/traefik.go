package override

import (
	"maps"
	"slices"
	"strings"
)

// traefikTag is one of Traefik's tags, in its parts
// (https://doc.traefik.io/traefik/routing/providers/consul-catalog/):
// traefik.http.KIND.NAME.OPTION=VALUE.
type traefikTag struct {
	kind, name, option, value string
}

func readTag(tag string) (traefikTag, bool) {
	key, value, _ := strings.Cut(tag, "=")
	// Traefik takes keys in any case.
	parts := strings.SplitN(strings.ToLower(strings.TrimSpace(key)), ".", 5)
	if len(parts) < 4 || parts[1] != "http" {
		return traefikTag{}, false
	}
	t := traefikTag{kind: parts[2], name: parts[3], value: value}
	if len(parts) == 5 {
		t.option = parts[4]
	}
	return t, true
}

// checkTags lets all tags be that are not Traefik's, and holds those to the app's own
// hosts, names and doors. moved tells that the service is at
// another's port.
func (c *checker) checkTags(address string, before, tags []string, moved bool) {
	routers := map[string]map[string]string{} // name → option → value
	for _, tag := range tags {
		if slices.Contains(before, tag) && !isTraefiks(tag) {
			continue
		}
		if fixed, _, fills := strings.Cut(tag, "${"); fills && mayBecomeTraefiks(fixed) {
			c.refuse(address, "write the value out", "%s: what Nomad fills in cannot be checked", shortened(tag))
			continue
		}
		if !isTraefiks(tag) {
			continue
		}
		t, isHTTP := readTag(tag)
		if isHTTP && t.kind == "routers" {
			if routers[t.name] == nil {
				routers[t.name] = map[string]string{}
			}
			routers[t.name][t.option] = t.value
		}
		if slices.Contains(before, tag) {
			continue
		}
		key, value, _ := strings.Cut(tag, "=")
		switch {
		case key != strings.ToLower(strings.TrimSpace(key)):
			c.refuse(address, "write its name in lowercase letters", "%s: Traefik would take it for another tag too", shortened(tag))
		case key == "traefik.enable" && (value == "true" || value == "false"):
		case !isHTTP:
			c.refuse(address, "routes are traefik.http.routers.…, or a port of the machine", "%s: the cloud's front door takes no such tag", shortened(tag))
		case !c.ownName(t.name):
			c.refuse(address, "names of this app begin with "+c.app()+"_", "%s: %s could be another app's", shortened(tag), t.name)
		default:
			c.checkTag(address, tag, t)
		}
	}
	c.checkRouters(address, before, tags, routers, moved)
}

// isTraefiks tells whether Traefik looks at a tag.
func isTraefiks(tag string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(tag)), "traefik")
}

// mayBecomeTraefiks tells whether a tag that begins like this may be Traefik's once
// the rest of it is known.
func mayBecomeTraefiks(begin string) bool {
	return isTraefiks(begin) || strings.HasPrefix("traefik", strings.ToLower(strings.TrimSpace(begin)))
}

// ownName tells whether Traefik's name for something is the app's: one that was
// generated, or begins with the app's name and an underscore, which no name has.
func (c *checker) ownName(name string) bool {
	if strings.HasPrefix(name, c.app()+"_") {
		return true
	}
	for _, tag := range c.generatedTags() {
		if t, ok := readTag(tag); ok && t.name == name {
			return true
		}
	}
	return false
}

// middlewares are those that only touch the app's own requests and answers.
var middlewares = []string{
	"addprefix", "basicauth", "buffering", "chain", "circuitbreaker", "compress", "contenttype", "digestauth", "grpcweb",
	"headers", "inflightreq", "ipallowlist", "passtlsclientcert", "ratelimit", "redirectregex", "redirectscheme",
	"replacepath", "replacepathregex", "retry", "stripprefix", "stripprefixregex",
}

// serviceOptions are those of a Traefik service that do not lead anywhere else.
var serviceOptions = []string{
	"loadbalancer.passhostheader", "loadbalancer.server.scheme", "loadbalancer.sticky", "loadbalancer.responseforwarding",
	"loadbalancer.strategy", "loadbalancer.healthcheck.path", "loadbalancer.healthcheck.interval",
	"loadbalancer.healthcheck.timeout", "loadbalancer.healthcheck.method", "loadbalancer.healthcheck.status",
}

// checkTag checks one tag under a name of the app's own.
func (c *checker) checkTag(address, tag string, t traefikTag) {
	say := func(hint, why string) { c.refuse(address, hint, "%s: %s", shortened(tag), why) }
	switch t.kind {
	case "routers":
		c.checkRouterOption(address, tag, t)
	case "services":
		if !slices.ContainsFunc(serviceOptions, func(o string) bool { return t.option == o || strings.HasPrefix(t.option, o+".") }) {
			say("leave it out", "the app's route would lead elsewhere")
		}
		if t.option == "loadbalancer.healthcheck.path" && !ownPath(t.value) {
			say(`write a path of the app, such as "/health"`, "the front door would ask another machine")
		}
	case "middlewares":
		kind, _, _ := strings.Cut(t.option, ".")
		switch {
		case c.isDoor(t.name):
			say(hintDoor, "the door is the cloud's")
		case strings.HasSuffix(t.option, ".usersfile"):
			say("write the users themselves", "it would read a file of the front door's machine")
		case kind == "forwardauth":
			c.ask(address, "every request is shown to another server, with its cookies")
		case !slices.Contains(middlewares, kind):
			say("", "the cloud's front door does not take this middleware from an app")
		case kind == "chain" && !c.ownNames(t.value):
			say("names of this app begin with "+c.app()+"_", "it uses what is not the app's")
		}
	default:
		say("", "the cloud's front door takes no such tag")
	}
}

const hintDoor = "who passes is chosen when the app is installed, with --access"

// isDoor tells whether a middleware of that name was generated.
func (c *checker) isDoor(name string) bool {
	return slices.ContainsFunc(c.generatedTags(), func(tag string) bool {
		t, ok := readTag(tag)
		return ok && t.kind == "middlewares" && t.name == name
	})
}

// ownNames tells whether a list of names, split by commas, holds only the app's.
func (c *checker) ownNames(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if strings.Contains(name, "@") || !c.ownName(name) {
			return false
		}
	}
	return true
}

func (c *checker) checkRouterOption(address, tag string, t traefikTag) {
	short := shortened(tag)
	switch t.option {
	case "rule":
		if err := checkRule(t.value, c.allow.Hosts); err != nil {
			c.refuse(address, "the app answers to "+strings.Join(c.allow.Hosts, ", "), "%s: %v", short, err)
		}
	case "rulesyntax":
		c.refuse(address, "leave it out", "%s: rules are in Traefik's third form", short)
	case "service", "middlewares":
		if !c.ownNames(t.value) {
			c.refuse(address, "names of this app begin with "+c.app()+"_", "%s: it uses what is not the app's", short)
		}
	case "entrypoints":
		for e := range strings.SplitSeq(t.value, ",") {
			if e = strings.TrimSpace(e); e != "web" && e != "websecure" {
				c.refuse(address, "the front door's entrypoints are web and websecure", "%s: there is no entrypoint %s for apps", short, e)
			}
		}
	case "priority":
	case "tls":
		if t.value != "true" && t.value != "false" {
			c.refuse(address, `write "…tls=true"`, "%s: certificates are the cloud's", short)
		}
	default:
		c.refuse(address, "leave it out", "%s: the front door decides this itself", short)
	}
}

// checkRouters looks at each router as a whole: it has a rule of its own (else
// Traefik would make one up from the service's name), and whoever is asked at the
// generated door still is, also where a route without one comes to lead to another port.
func (c *checker) checkRouters(address string, before, tags []string, routers map[string]map[string]string, moved bool) {
	var doors []string
	generated := map[string]map[string]string{}
	for _, tag := range c.generatedTags() {
		t, ok := readTag(tag)
		if !ok || t.kind != "routers" {
			continue
		}
		if generated[t.name] == nil {
			generated[t.name] = map[string]string{}
		}
		generated[t.name][t.option] = t.value
		if t.option == "middlewares" {
			doors = append(doors, t.value)
		}
	}
	passes := func(has string, doors []string) bool {
		return len(doors) == 0 || slices.ContainsFunc(doors, func(d string) bool { return d == "" || has == d || strings.HasPrefix(has, d+",") })
	}
	for _, name := range slices.Sorted(maps.Keys(routers)) {
		options, old := routers[name], generated[name]
		needed := doors
		if old != nil && options["rule"] == old["rule"] && options["service"] == old["service"] && !moved {
			needed = []string{old["middlewares"]}
		}
		switch {
		case options["rule"] == "":
			c.refuse(address, "give it a rule: Host(`…`)", "the router %s has no rule of its own", name)
		case !passes(options["middlewares"], needed):
			c.refuse(address, hintDoor, "the router %s leaves out the door %s", name, needed[0])
		}
	}
	for _, tag := range before {
		t, ok := readTag(tag)
		if ok && t.kind == "middlewares" && len(routers) > 0 && !slices.Contains(tags, tag) {
			c.refuse(address, hintDoor, "the door %s is another than the cloud's", t.name)
		}
	}
}

// generatedTags are the tags of all services of the generated job.
func (c *checker) generatedTags() []string {
	var tags []string
	for _, g := range c.base.TaskGroups {
		for _, s := range g.Services {
			tags = append(tags, s.Tags...)
		}
		for _, t := range g.Tasks {
			for _, s := range t.Services {
				tags = append(tags, s.Tags...)
			}
		}
	}
	return tags
}
