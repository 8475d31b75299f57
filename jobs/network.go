package jobs

import (
	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// LANNetwork is the name of the client's host_network that extra ports are bound
// to: the addresses that the machine has on the LAN. All other ports go to the
// default network, which is the pool's (client.network_interface is dcloud0).
const LANNetwork = "lan"

// AppNetwork is the name of the Docker network in which apps of one container are. It
// is theirs alone, so that the node's firewall can keep them apart and leave the
// owner's own containers, on Docker's default network, as they are. The node makes
// it (provisioning/appnet).
const AppNetwork = "dcloud"

// ports is the network of the group, with the labels by which services find
// their own ports in it.
type ports struct {
	network *api.NetworkResource
	labels  map[string][]string // by service, for the Docker driver
}

// PortLabel is the Nomad label of an exposed or extra port of a service. An underscore is in
// neither name, so labels are unique in a group.
func PortLabel(service, port string) string { return service + "_" + port }

// groupPorts decides the network of the group.
//
// One container needs no network of its own: Docker maps its ports, and there is
// no pause container (5 MB and half a second less). Several share one network
// namespace, in which each is at 127.0.0.1, so no two may listen on one port.
//
// Docker's driver and Nomad's bridge open every port for TCP and for UDP, so the
// same port wanted for both is one port to Nomad.
func groupPorts(services []catalog.Service) (ports, error) {
	p := ports{network: &api.NetworkResource{Mode: "host"}, labels: map[string][]string{}}
	if len(services) > 1 {
		p.network.Mode = "bridge"
		if err := distinctPorts(services); err != nil {
			return ports{}, err
		}
	}
	host := map[int]catalog.Port{}
	for _, s := range services {
		for _, x := range s.Exposes {
			label := PortLabel(s.Name, x.Name)
			p.network.DynamicPorts = append(p.network.DynamicPorts, api.Port{Label: label, To: x.Port})
			p.labels[s.Name] = append(p.labels[s.Name], label)
		}
		for _, x := range s.Ports {
			number := orElse(x.Host, x.Port)
			if other, taken := host[number]; taken {
				if other.Port == x.Port && other.Protocol != x.Protocol {
					continue
				}
				return ports{}, errorf(hintEntry, "service %s: ports %s and %s both want port %d of the host", s.Name, other.Name, x.Name, number)
			}
			host[number] = x
			label := PortLabel(s.Name, x.Name)
			p.network.ReservedPorts = append(p.network.ReservedPorts,
				api.Port{Label: label, Value: number, To: x.Port, HostNetwork: LANNetwork})
			p.labels[s.Name] = append(p.labels[s.Name], label)
		}
	}
	return p, nil
}

// extraHosts let the services of an app reach each other by name, "db:5432" as in
// compose; all are at the loopback of the namespace that they share.
//
// Every task of the group has the same: in a group with a network of its own Nomad
// writes one hosts file for all tasks, as the first of them wants it
// (drivers/shared/hostnames, GenerateEtcHostsMount).
func extraHosts(services []catalog.Service) []string {
	if len(services) < 2 {
		return nil
	}
	var hosts []string
	for _, s := range services {
		if !s.Once {
			hosts = append(hosts, escapeHCL(s.Name+":"+loopback))
		}
	}
	return hosts
}

// distinctPorts refuses two services that listen on one port of the address that
// they share.
func distinctPorts(services []catalog.Service) error {
	owner := map[int]string{}
	for _, s := range services {
		for _, port := range listens(s) {
			if other, taken := owner[port]; taken && other != s.Name {
				return errorf("let one of them listen on another port; services of one app share an address",
					"services %s and %s both listen on port %d", other, s.Name, port)
			}
			owner[port] = s.Name
		}
	}
	return nil
}

// listens lists the container ports of a service that the entry knows of.
func listens(s catalog.Service) []int {
	var list []int
	if s.Port != 0 {
		list = append(list, s.Port)
	}
	for _, x := range s.Exposes {
		list = append(list, x.Port)
	}
	for _, x := range s.Ports {
		list = append(list, x.Port)
	}
	return list
}
