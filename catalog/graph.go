package catalog

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// checkNames holds the names that expressions and after use against the declared ones.
func (r *reader) checkNames() {
	declared := map[string][]string{"setting": nil, "secret": nil, "service": nil}
	for _, s := range r.app.Settings {
		declared["setting"] = append(declared["setting"], s.Name)
	}
	for _, s := range r.app.Secrets {
		declared["secret"] = append(declared["secret"], s.Name)
	}
	for _, s := range r.app.Services {
		declared["service"] = append(declared["service"], s.Name)
	}
	for _, ref := range slices.Concat(r.references, r.after) {
		if r.full() {
			return
		}
		names, ok := declared[ref.Kind]
		if !ok {
			continue // app and pool were checked when they were read
		}
		if !slices.Contains(names, ref.Name) {
			r.problems = append(r.problems, ref.unknown(names))
		} else if ref.Field == "port" && r.app.Service(ref.Name).MainPort() == 0 {
			r.fail(ref.where, "", "service %s says no port: write port = … in it", quoted(ref.Name))
		}
	}
	r.checkPasswords()
	for _, ref := range r.after {
		if s := r.app.Service(ref.Name); s != nil && s.MainPort() == 0 && !s.Once {
			r.fail(ref.where, "", "service %s says no port to wait for: write port = … in it", quoted(ref.Name))
		}
	}
}

// checkPasswords holds the settings of type password to where a secret may stand:
// that one is a password is known only when all settings have been read.
func (r *reader) checkPasswords() {
	for _, ref := range r.references {
		if ref.Kind != "setting" || ref.insertable || r.full() {
			continue
		}
		for _, s := range r.app.Settings {
			if s.Name == ref.Name && s.Type == "password" {
				r.problems = append(r.problems, ref.misused())
			}
		}
	}
}

// checkOrder refuses services that wait for each other, and names the circle.
func (r *reader) checkOrder() {
	const (
		unseen = iota
		open   // on the path
		done
	)
	state := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		service := r.app.Service(name)
		if service == nil || state[name] == done || r.full() {
			return
		}
		if state[name] == open {
			circle := append(slices.Clone(path[slices.Index(path, name):]), name)
			r.fail(r.afterRange(path[len(path)-1], name), "", "services wait for each other: %s", strings.Join(circle, " → "))
			return
		}
		state[name] = open
		path = append(path, name)
		for _, next := range service.After {
			visit(next)
		}
		path = path[:len(path)-1]
		state[name] = done
	}
	for _, s := range r.app.Services {
		visit(s.Name)
	}
}

// afterRange is where a service says that it comes after another.
func (r *reader) afterRange(service, name string) hcl.Range {
	for _, ref := range r.after {
		if ref.from == service && ref.Name == name {
			return ref.where
		}
	}
	return hcl.Range{}
}

// checkSockets refuses two services on one port: the containers of an app share
// localhost.
func (r *reader) checkSockets() {
	type key struct {
		protocol string
		port     int
	}
	first := map[key]string{}
	for _, s := range r.sockets {
		k := key{s.protocol, s.port}
		if owner, taken := first[k]; taken && owner != s.service {
			r.fail(s.where, "", "services %s and %s both listen on port %d/%s, and an app's containers share one address",
				quoted(owner), quoted(s.service), s.port, s.protocol)
		} else {
			first[k] = s.service
		}
	}
}

// StartLevels are the services in the order of their after: those of a level can
// start together, once all of the levels before accept connections.
func (a *App) StartLevels() [][]string {
	var levels [][]string
	started := map[string]bool{}
	for len(started) < len(a.Services) {
		var level []string
		for _, s := range a.Services {
			ready := !slices.ContainsFunc(s.After, func(name string) bool { return !started[name] })
			if !started[s.Name] && ready {
				level = append(level, s.Name)
			}
		}
		if len(level) == 0 {
			return levels // a circle, which Parse refuses
		}
		for _, name := range level {
			started[name] = true
		}
		levels = append(levels, level)
	}
	return levels
}
