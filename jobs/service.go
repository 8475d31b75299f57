package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// names hands out the Consul names of an app's services: APP for the first
// exposed port, APP-EXPOSE for others, APP-SERVICE for what is only checked.
// Where that is taken, it is APP-SERVICE-EXPOSE, then a number is added.
type names struct {
	app   string
	taken map[string]bool
}

// maxServiceName is that of a DNS label; Nomad holds service names to it.
const maxServiceName = 63

func (n *names) next(candidates ...string) string {
	for i := 2; ; i++ {
		for _, c := range candidates {
			name := n.app
			if c != "" {
				name += "-" + c
			}
			name = shorten(name, maxServiceName)
			if !n.taken[name] {
				n.taken[name] = true
				return name
			}
		}
		candidates = []string{fmt.Sprintf("%s-%d", candidates[0], i)}
	}
}

// shorten keeps a name that is too long one of a kind: its end becomes a hash.
func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:limit-9] + "-" + hex.EncodeToString(sum[:4])
}

// mappedAddress registers a service at its mapped port on the pool's address. Left
// to itself, Nomad would tell of a container in AppNetwork its own address there
// (client/serviceregistration, AddressModeAuto), which other machines cannot reach.
const mappedAddress = "host"

// consulServices registers what a service exposes, and what is to be checked.
// They are the task's, not the group's, so that each is registered once its own
// container runs.
func consulServices(in Input, s catalog.Service, n *names) ([]*api.Service, error) {
	var list []*api.Service
	for i, x := range s.Exposes {
		var name string
		if len(n.taken) == 0 {
			name = n.next("")
		} else {
			name = n.next(x.Name, s.Name+"-"+x.Name)
		}
		host := Host(in, x)
		// "_" is not in names, so no other app comes to this router's name.
		tags, err := routeTags(in.Intent.Name+"_"+s.Name+"_"+x.Name, host, Access(in, x), x.Public)
		if err != nil {
			return nil, at(err, "expose %s", x.Name)
		}
		health := x.Health
		if health == nil && i == 0 {
			health = s.Health
		}
		list = append(list, &api.Service{
			Name: name, Provider: "consul", PortLabel: PortLabel(s.Name, x.Name), AddressMode: mappedAddress, Tags: tags,
			Checks: []api.ServiceCheck{exposeCheck(health, host)},
		})
	}
	if len(s.Exposes) > 0 || s.Health == nil {
		return list, nil
	}
	check, label, ok := innerCheck(s)
	if ok {
		list = append(list, &api.Service{
			Name: n.next(s.Name, s.Name+"-service"), Provider: "consul", PortLabel: label, AddressMode: mappedAddress,
			Checks: []api.ServiceCheck{check},
		})
	}
	return list, nil
}

// exposeCheck checks an exposed port. It begins as passing: the route is there as
// soon as the container runs, a second before the first check would have said
// so, and the door answers 502 until the app listens.
//
// No check restarts its task. An app that is slow for long (a database that is
// migrated after an update, a library that is scanned) would be killed in the
// middle of it, time and again; one that hangs is shown as degraded instead.
func exposeCheck(h *catalog.Health, host string) api.ServiceCheck {
	check := newCheck(h)
	check.InitialStatus = "passing"
	if h != nil && len(h.Command) == 0 && h.Path != "" {
		check.Type, check.Path = "http", h.Path
		check.Header = map[string][]string{"Host": {host}} // some apps answer to no other
	}
	return check
}

// innerCheck checks a service that exposes nothing: by its command, or by the
// first of its extra TCP ports. A port that is not opened on the host is out of
// Consul's reach, so there is nothing to check then.
func innerCheck(s catalog.Service) (check api.ServiceCheck, label string, ok bool) {
	check = newCheck(s.Health)
	if check.Type == "script" {
		return check, "", true
	}
	if len(s.Ports) == 0 || s.Ports[0].Protocol == "udp" || s.Health.Path != "" {
		return check, "", false
	}
	return check, PortLabel(s.Name, s.Ports[0].Name), true
}

// newCheck is a check by the health's command, or else of a TCP port.
func newCheck(h *catalog.Health) api.ServiceCheck {
	check := api.ServiceCheck{Name: "health", Type: "tcp", Interval: 15 * time.Second, Timeout: 5 * time.Second}
	if h == nil {
		return check
	}
	if h.Interval > 0 {
		check.Interval = time.Duration(h.Interval) * time.Second
	}
	if h.Timeout > 0 {
		check.Timeout = time.Duration(h.Timeout) * time.Second
	}
	if len(h.Command) > 0 {
		check.Type, check.Command, check.Args = "script", h.Command[0], h.Command[1:]
	}
	return check
}
