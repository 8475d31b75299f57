package overlay

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Endpoints lists where this machine may be met from outside: the addresses of its
// interfaces, with the port, public IPv4 first, then public IPv6, then private
// ones. Loopback, link-local addresses, the overlay and the bridges of containers
// are left out.
func Endpoints(port int) []string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var list []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || inner(i.Name) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				list = append(list, p.Addr().Unmap())
			}
		}
	}
	return endpoints(list, port)
}

// inner tells whether an interface is one that no other machine is behind.
func inner(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "dcloud", "nomad", "cni", "virbr", "lxc", "flannel", "podman"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// endpoints orders addresses by how likely another machine reaches them.
func endpoints(list []netip.Addr, port int) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(a netip.Addr) bool { return !a.IsGlobalUnicast() })
	slices.SortStableFunc(list, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	var texts []string
	for _, a := range list {
		text := net.JoinHostPort(a.String(), strconv.Itoa(port))
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

func rank(a netip.Addr) int {
	switch {
	case a.Is4() && !a.IsPrivate() && !carrierNAT.Contains(a):
		return 0
	case a.Is6() && !a.IsPrivate():
		return 1
	case a.Is4() && !carrierNAT.Contains(a):
		return 2
	case a.Is6():
		return 3
	}
	return 4
}
