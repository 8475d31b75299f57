package node

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink"
)

// EnsureInterface makes the pool's interface with its address, and tells whether
// it had to change anything. The kernel forgets interfaces at a reboot, so the
// agent calls this at each start, before the engines, which bind to the address.
//
// It is a dummy where the kernel has that, else a bridge with nothing in it. It
// needs CAP_NET_ADMIN. An interface of that name which is something else, and an
// address of another's making on it, are left alone.
func EnsureInterface(name string, address netip.Prefix) (changed bool, err error) {
	link, err := netlink.LinkByName(name)
	if missing := (netlink.LinkNotFoundError{}); errors.As(err, &missing) {
		link, err = addLink(name)
		changed = true
	}
	if err != nil {
		return changed, fmt.Errorf("make the interface %s: %w", name, err)
	}
	if t := link.Type(); t != "dummy" && t != "bridge" && t != "wireguard" && t != "tuntap" {
		return changed, refuse(nil, "rename or remove it: ip link delete "+name,
			"there is an interface %s of the kind %s, which is not ours", name, t)
	}
	want := &netlink.Addr{IPNet: &net.IPNet{
		IP: address.Addr().AsSlice(), Mask: net.CIDRMask(address.Bits(), address.Addr().BitLen()),
	}}
	has, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return changed, fmt.Errorf("read the addresses of %s: %w", name, err)
	}
	found := false
	for _, a := range has {
		found = found || a.IPNet.String() == want.IPNet.String()
	}
	if !found {
		if err := netlink.AddrAdd(link, want); err != nil && !errors.Is(err, syscall.EEXIST) {
			return changed, fmt.Errorf("give %s the address %s: %w", name, address, err)
		}
		changed = true
	}
	if link.Attrs().Flags&net.FlagUp == 0 {
		if err := netlink.LinkSetUp(link); err != nil {
			return changed, fmt.Errorf("bring the interface %s up: %w", name, err)
		}
		changed = true
	}
	return changed, nil
}

func addLink(name string) (netlink.Link, error) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	err := netlink.LinkAdd(&netlink.Dummy{LinkAttrs: attrs})
	if err != nil && !errors.Is(err, syscall.EEXIST) {
		if bridgeErr := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); bridgeErr != nil && !errors.Is(bridgeErr, syscall.EEXIST) {
			if errors.Is(bridgeErr, syscall.EPERM) {
				return nil, refuse(bridgeErr, "run it again as root", "the interface %s cannot be made without the right to (CAP_NET_ADMIN)", name)
			}
			return nil, fmt.Errorf("neither as a dummy (%w) nor as a bridge (%w)", err, bridgeErr)
		}
	}
	return netlink.LinkByName(name)
}

// RemoveInterface removes the pool's interface, if it is there.
func RemoveInterface(name string) error {
	link, err := netlink.LinkByName(name)
	if missing := (netlink.LinkNotFoundError{}); errors.As(err, &missing) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("remove the interface %s: %w", name, err)
	}
	return nil
}

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
