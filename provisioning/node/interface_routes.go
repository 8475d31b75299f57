package node

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// Routes lists the IPv4 ranges that this machine reaches directly or by routes:
// its LANs, Docker's networks, VPNs. The interface of ours and default routes are
// left out.
func Routes(ours string) ([]netip.Prefix, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fmt.Errorf("read the routes: %w", err)
	}
	self := -1
	if link, err := netlink.LinkByName(ours); err == nil {
		self = link.Attrs().Index
	}
	var list []netip.Prefix
	for _, r := range routes {
		if p, ok := prefixOf(r.Dst); ok && r.LinkIndex != self {
			list = append(list, p)
		}
	}
	return list, nil
}

func prefixOf(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	addr, ok := netip.AddrFromSlice(n.IP.To4())
	ones, _ := n.Mask.Size()
	return netip.PrefixFrom(addr, ones), ok && ones > 0
}

// LANInterface is the name of the interface with the preferred IPv4 default route,
// "" where there is none.
func LANInterface() (string, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return "", fmt.Errorf("read the routes: %w", err)
	}
	best := -1
	for i, r := range routes {
		ones := 0
		if r.Dst != nil {
			ones, _ = r.Dst.Mask.Size()
		}
		if ones == 0 && r.LinkIndex > 0 && (best < 0 || r.Priority < routes[best].Priority) {
			best = i
		}
	}
	if best < 0 {
		return "", nil
	}
	link, err := netlink.LinkByIndex(routes[best].LinkIndex)
	if err != nil {
		return "", fmt.Errorf("find the LAN's interface: %w", err)
	}
	return link.Attrs().Name, nil
}
