package override

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// AppNetwork is the Docker network in which containers of the cloud are that share
// no network with another task of theirs.
const AppNetwork = "dcloud"

// checkObjects checks what takes more than one field to judge, where it is another
// than the generated one.
func (c *checker) checkObjects() {
	old := c.base
	for _, g := range c.job.TaskGroups {
		before := groupNamed(old, deref(g.Name))
		address := "group" + Key(deref(g.Name))
		if before == nil {
			c.checkName(address, deref(g.Name))
		}
		c.checkCopies(address, before, g)
		c.checkServices(address, servicesOf(before), g.Services, g)
		for _, t := range g.Tasks {
			was := taskNamed(before, t.Name)
			addr := address + ".task" + Key(t.Name)
			var services []*api.Service
			if was != nil {
				services = was.Services
			} else {
				c.checkName(addr, t.Name)
			}
			c.checkServices(addr, services, t.Services, g)
			c.checkTemplates(addr, was, t)
			c.checkVolumeMounts(addr, was, t, g)
			c.checkNetwork(addr, before, was, g, t)
		}
	}
}

// partName is how a new group or task may be called: a task's name is that of a folder,
// and all are shown on terminals.
var partName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

func (c *checker) checkName(address, name string) {
	if !partName.MatchString(name) || name == "alloc" { // Nomad's own folder beside the tasks'
		c.refuse(address, "letters, digits, - and _ are good for a name", "%s is no name for a group or task", shortened(strconv.QuoteToASCII(name)))
	}
}

func groupNamed(job *api.Job, name string) *api.TaskGroup {
	for _, g := range job.TaskGroups {
		if deref(g.Name) == name {
			return g
		}
	}
	return nil
}

func taskNamed(g *api.TaskGroup, name string) *api.Task {
	if g == nil {
		return nil
	}
	for _, t := range g.Tasks {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func servicesOf(g *api.TaskGroup) []*api.Service {
	if g == nil {
		return nil
	}
	return g.Services
}

// maxCopies is the most copies of a group.
const maxCopies = 20

// checkCopies keeps what can run only once from running twice.
func (c *checker) checkCopies(address string, before, g *api.TaskGroup) {
	count := 1
	if g.Count != nil {
		count = *g.Count
	}
	if before != nil && same(before.Count, g.Count) && same(before.Volumes, g.Volumes) && same(before.Networks, g.Networks) {
		return
	}
	switch {
	case count < 1:
		c.refuse(address+".count", "to stop an app, use: dcloud app stop "+c.app(), "it runs at least once")
	case count > maxCopies:
		c.refuse(address+".count", "", "%d copies are more than %d", count, maxCopies)
	case count > 1 && len(g.Volumes) > 0:
		c.refuse(address+".count", "leave count out", "it keeps data; copies of it would not share it")
	}
	if count < 2 {
		return
	}
	for _, n := range g.Networks {
		for _, p := range append(slices.Clone(n.ReservedPorts), n.DynamicPorts...) {
			if p.Value > 0 {
				c.refuse(address+".count", "leave count out", "it has port %d of its machine to itself; copies of it would not share it", p.Value)
			}
		}
	}
}

// checkVolumeMounts holds mounts to the volumes of the group, whose sources are the
// app's own.
func (c *checker) checkVolumeMounts(address string, was, t *api.Task, g *api.TaskGroup) {
	for _, m := range t.VolumeMounts {
		if was != nil && slices.ContainsFunc(was.VolumeMounts, func(o *api.VolumeMount) bool { return same(o, m) }) {
			continue
		}
		addr := address + ".volume_mount" + Key(deref(m.Volume)+":"+deref(m.Destination))
		if g.Volumes[deref(m.Volume)] == nil {
			known := slices.Sorted(maps.Keys(g.Volumes))
			hint := didYouMean(deref(m.Volume), known)
			if hint == "" && len(known) > 0 {
				hint = "the group has " + strings.Join(known, ", ")
			}
			c.refuse(addr, hint, "the group has no volume %s", deref(m.Volume))
		}
		if d := deref(m.Destination); !strings.HasPrefix(d, "/") {
			c.refuse(addr, "", "a volume's place in the container begins with /")
		}
	}
}

// checkNetwork keeps a container in its group's network, or in the apps' own, where
// the machine's firewall knows it.
func (c *checker) checkNetwork(address string, before *api.TaskGroup, was *api.Task, g *api.TaskGroup, t *api.Task) {
	if t.Driver != "docker" {
		return // asked for anyway
	}
	is := networkOf(g, t)
	if was != nil && networkOf(before, was) == is {
		return
	}
	addr := address + ".config.network_mode"
	if _, written := c.places[addr]; !written {
		if at := "group" + Key(deref(g.Name)) + ".network"; strings.HasPrefix(address, "group"+Key(deref(g.Name))) && c.wrote(at) {
			addr = at + ".mode"
		}
	}
	switch {
	case is == AppNetwork || is == "none" || is == "group bridge" || is == "group none":
	case is == "host":
		c.ask(addr, "the container is in the machine's own network, past the front door and the firewall")
	case is == "default" || is == "bridge":
		c.ask(addr, "the container is in Docker's own network, which the cloud's firewall does not guard; its own is %q", AppNetwork)
	case strings.HasPrefix(is, "container:"):
		c.ask(addr, "the container is in the network of another one")
	default:
		c.ask(addr, "the container is in the network %q, which is not the cloud's", is)
	}
}

func (c *checker) wrote(prefix string) bool {
	for a := range c.places {
		if a == prefix || strings.HasPrefix(a, prefix+".") {
			return true
		}
	}
	return false
}

// networkOf says in which network the container of a task is. What its config says
// goes before the group's (nomad/drivers/docker/driver.go).
func networkOf(g *api.TaskGroup, t *api.Task) string {
	if mode, there := t.Config["network_mode"]; there && mode != nil && mode != "" {
		return fmt.Sprint(mode)
	}
	if g != nil && len(g.Networks) > 0 && g.Networks[0] != nil {
		switch mode := g.Networks[0].Mode; mode {
		case "", "host":
		default:
			return "group " + mode
		}
	}
	return "default"
}
