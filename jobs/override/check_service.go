package override

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// serviceName is what Consul serves as a DNS label.
var serviceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkServices holds the services of a group or task to names, ports and routes of
// the app's own, where they are not as generated.
func (c *checker) checkServices(address string, before, services []*api.Service, g *api.TaskGroup) {
	for _, s := range services {
		if slices.ContainsFunc(before, func(o *api.Service) bool { return same(o, s) }) {
			continue
		}
		addr := address + ".service" + Key(s.Name)
		i := slices.IndexFunc(before, func(o *api.Service) bool { return o.Name == s.Name })
		var old *api.Service
		if i >= 0 {
			old = before[i]
		} else {
			c.checkServiceName(addr, s.Name)
		}
		if s.Provider != "consul" && s.Provider != "" {
			c.refuse(addr+".provider", `leave it out, or write provider = "consul"`, "the cloud finds apps by Consul")
		}
		c.checkServicePort(addr, s.PortLabel, s.AddressMode, g)
		moved := old != nil && s.PortLabel != old.PortLabel && c.hasDoorway(s.PortLabel)
		c.checkTags(addr+".tags", tagsOf(old), s.Tags, moved)
		c.checkTags(addr+".canary_tags", tagsOf(old), s.CanaryTags, moved)
		for _, check := range s.Checks {
			at := addr + ".check" + Key(check.Name)
			c.checkServicePort(at, check.PortLabel, check.AddressMode, g)
			if p := check.Path; p != "" && !ownPath(p) {
				c.refuse(at+".path", `write a path of the app, such as "/health"`, "the check would ask another machine")
			}
		}
	}
}

// hasDoorway tells whether a generated service is at a port.
func (c *checker) hasDoorway(port string) bool {
	for _, g := range c.base.TaskGroups {
		for _, t := range g.Tasks {
			if slices.ContainsFunc(t.Services, func(s *api.Service) bool { return s.PortLabel == port }) {
				return true
			}
		}
	}
	return false
}

// ownPath tells whether a path stays at the host that it is asked of.
func ownPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.HasPrefix(p, "/${") && !strings.Contains(p, "\\")
}

func tagsOf(s *api.Service) []string {
	if s == nil {
		return nil
	}
	return s.Tags
}

// checkServiceName keeps a new service from the names of others, also of those that
// are installed later.
func (c *checker) checkServiceName(address, name string) {
	app := c.app()
	count := 0
	for _, g := range c.job.TaskGroups {
		all := slices.Clone(g.Services)
		for _, t := range g.Tasks {
			all = append(all, t.Services...)
		}
		for _, s := range all {
			if s.Name == name {
				count++
			}
		}
	}
	hint := "name it " + app + "-NAME"
	switch {
	case !serviceName.MatchString(name):
		c.refuse(address, hint, "%q is no name for a service: it is of lowercase letters, digits and hyphens", name)
	case name != app && !strings.HasPrefix(name, app+"-"):
		c.refuse(address, hint, "a service of this app begins with %s-, so that no app takes another's name", app)
	case c.allow.Taken != nil && c.allow.Taken(name):
		c.refuse(address, "choose another name", "another app has a service of this name")
	case count > 1:
		c.refuse(address, "choose another name", "the app has a service of this name already")
	}
}

// checkServicePort keeps a service, or a check, at a port of its own group: a number
// would be a port of the machine, whoever listens there.
func (c *checker) checkServicePort(address, port, mode string, g *api.TaskGroup) {
	switch mode {
	case "", "auto", "host", "alloc", "driver":
	default:
		c.refuse(address+".address_mode", "leave it out", "an address of mode %q is not the app's", mode)
	}
	if port == "" {
		return
	}
	var labels []string
	for _, n := range g.Networks {
		for _, p := range append(slices.Clone(n.DynamicPorts), n.ReservedPorts...) {
			labels = append(labels, p.Label)
		}
	}
	if slices.Contains(labels, port) {
		return
	}
	if isNumber(port) {
		if mode == "alloc" || mode == "driver" {
			return // a port of the container
		}
		c.refuse(address+".port", "write the label of a port of the group's network", "port %s of the machine may be anyone's", port)
		return
	}
	c.refuse(address+".port", didYouMean(port, labels), "the group's network has no port %s", port)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
