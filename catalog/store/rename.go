package store

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var hostLike = regexp.MustCompile(`HOST|SERVER|ADDR|ENDPOINT|NODE|URL|URI|BROKER|SEED|CONTACT|UPSTREAM|PEER|TARGET|PROXY|DOMAIN`)

// rename writes the entry's names of services where a manifest has another name
// for them: a container's, an alias, one with an underscore.
func (im *importer) rename() {
	if len(im.app.services) == 1 {
		return
	}
	var names []string
	for name, ours := range im.hosts {
		if name != ours {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	slices.SortFunc(names, func(a, b string) int { return (len(b)-len(a))*2 + compare(a, b) })
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, regexp.QuoteMeta(n))
	}
	// In an address: after // or @, or before a port.
	inside := regexp.MustCompile(`(//|@)(` + strings.Join(quoted, "|") + `)([:/?]|$|["'\s,])|(^|[\s"',=;(\[])(` + strings.Join(quoted, "|") + `)(:[0-9])`)
	for _, s := range im.app.services {
		for i := range s.env {
			e := &s.env[i]
			if ours, ok := im.hosts[e.value.plain()]; ok && e.value.isLiteral() && hostLike.MatchString(strings.ToUpper(e.name)) {
				e.value = literal(ours)
			}
		}
		s.texts(func(t text) text {
			return t.each(func(l string) text {
				return literal(inside.ReplaceAllStringFunc(l, func(found string) string {
					m := inside.FindStringSubmatch(found)
					if m[2] != "" {
						return m[1] + im.hosts[m[2]] + m[3]
					}
					return m[4] + im.hosts[m[5]] + m[6]
				}))
			})
		})
		for i := range s.command {
			if ours, ok := im.hosts[s.command[i].plain()]; ok && s.command[i].isLiteral() && i > 0 && hostLike.MatchString(strings.ToUpper(s.command[i-1].plain())) {
				s.command[i] = literal(ours)
			}
		}
	}
}

// revealed marks the secrets that a person signs in with.
func (im *importer) revealed() {
	by := map[string]*secret{}
	for _, s := range im.app.secrets {
		by["secret."+s.name] = s
	}
	for _, s := range im.app.services {
		for _, e := range s.env {
			if im.app.defaultUser == "" && e.value.isLiteral() && !s.is(inside...) && signInName.MatchString(strings.ToUpper(e.name)) {
				im.app.defaultUser = oneLine(e.value.plain(), 200)
			}
			if len(e.value) != 1 || s.is(databases...) {
				continue
			}
			if sec := by[e.value[0].ref]; sec != nil && signIn.MatchString(strings.ToUpper(e.name)) {
				sec.reveal = true
			}
		}
	}
}

var signInName = regexp.MustCompile(`(ADMIN|INITIAL|DEFAULT|WEBUI|AUTH|LOGIN|SUPERUSER|ROOT)_?([A-Z]+_)?(USER|USERNAME|LOGIN|EMAIL)$`)

var signIn = regexp.MustCompile(`(ADMIN|INITIAL|INIT|DEFAULT|AUTH|LOGIN|WEB|WEBUI|DASHBOARD|UI|USER|ROOT_USER|SUPERUSER|OWNER|ACCESS)[A-Z_]*(PASSWORD|PASS|PASSWD|TOKEN)$|^(PASSWORD|PASS|HASHED_PASSWORD|SUDO_PASSWORD|CUSTOM_PASSWORD)$`)

// archOf is Go's name of an architecture, "" for one that the cloud does not run on.
func archOf(s string) string {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "amd64", "x86_64", "x86-64":
		return "amd64"
	case "arm64", "aarch64", "arm64v8":
		return "arm64"
	case "arm", "armv7", "arm/v7", "armhf", "arm32v7":
		return "arm"
	}
	return ""
}

// onlyArch narrows what the app runs on.
func (im *importer) onlyArch(arch string) {
	if !slices.Contains(im.arches, arch) {
		im.arches = append(im.arches, arch)
	}
}

// architectures puts together what the store says and what images are held to.
func (im *importer) architectures() {
	a := im.app
	switch {
	case len(im.arches) > 1:
		im.refuse(refusal("take an image for both", "its services are held to different processors: %s", strings.Join(im.arches, ", ")))
	case len(im.arches) == 1 && (len(a.architectures) == 0 || slices.Contains(a.architectures, im.arches[0])):
		a.architectures = im.arches
	}
	known := map[string]bool{}
	for _, x := range a.architectures {
		known[x] = true
	}
	a.architectures = slices.Sorted(maps.Keys(known))
}
