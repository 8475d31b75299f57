package node

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
)

// Kinds of the pool's interface, from the best to the last.
const (
	KindWireGuard = "wireguard" // the kernel's own
	KindTUN       = "tun"       // persistent; a process may attach to it and do WireGuard
	KindDummy     = "dummy"     // carries nothing but the address
	KindBridge    = "bridge"    // with nothing in it: where the kernel has no dummy
)

// EnsureInterface makes the pool's interface with its address, and tells whether
// it had to change anything. The kernel forgets interfaces at a reboot, so the
// agent calls this at each start, before the engines, which bind to the address.
//
// It is of the best kind that the kernel has. With each of them the address serves
// this machine's programs whether or not anything carries packets to others. A
// dummy or bridge of ours, which only holds the address, is replaced where a better
// kind has come to be possible; who is bound to the address does not notice. It
// needs CAP_NET_ADMIN. An interface of that name which is something else, and an
// address of another's making on it, are left alone.
func EnsureInterface(name string, address netip.Prefix) (changed bool, err error) {
	link, err := findLink(name)
	if err == nil && link == nil {
		// What a replacement that was broken off has left holds the address too.
		if err = RemoveInterface(temporaryName(name)); err == nil {
			link, err = addLink(name)
		}
		changed = true
	}
	if err != nil {
		return changed, fmt.Errorf("make the interface %s: %w", name, err)
	}
	kind := kindOf(link)
	if kind == "" {
		return changed, refuse(nil, "rename or remove it: ip link delete "+name,
			"there is an interface %s of the kind %s, which is not ours", name, link.Type())
	}
	if !changed && (kind == KindDummy || kind == KindBridge) {
		better, err := upgrade(link, kind, address)
		if err != nil {
			return changed, fmt.Errorf("replace the interface %s: %w", name, err)
		}
		if better != nil {
			link, changed = better, true
		}
	}
	put, err := putAddress(link, address)
	return changed || put, err
}

// HasInterface tells whether EnsureInterface would find the interface with its
// address, up. That a better kind is possible does not count.
func HasInterface(name string, address netip.Prefix) bool {
	link, err := netlink.LinkByName(name)
	// A TUN that nobody is attached to has no carrier, a bridge with nothing in it
	// neither: that they are up is all that the address needs.
	if err != nil || kindOf(link) == "" || link.Attrs().Flags&net.FlagUp == 0 {
		return false
	}
	has, err := hasAddress(link, address)
	return err == nil && has
}

// InterfaceKind tells of which kind the interface is, "" where it is missing or
// something else.
func InterfaceKind(name string) (string, error) {
	link, err := findLink(name)
	if err != nil || link == nil {
		return "", err
	}
	return kindOf(link), nil
}

// RemoveInterface removes the pool's interface, if it is there.
func RemoveInterface(name string) error {
	link, err := findLink(name)
	if err == nil && link != nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		return fmt.Errorf("remove the interface %s: %w", name, err)
	}
	return nil
}

// findLink is nil where there is no such link.
func findLink(name string) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if missing := (netlink.LinkNotFoundError{}); errors.As(err, &missing) {
		return nil, nil
	}
	return link, err
}

// kindOf is "" for a link that cannot be ours.
func kindOf(link netlink.Link) string {
	switch t := link.Type(); t {
	case KindWireGuard, KindDummy, KindBridge:
		return t
	case "tuntap", "tun":
		if t, ok := link.(*netlink.Tuntap); ok && t.Mode == netlink.TUNTAP_MODE_TAP {
			return ""
		}
		return KindTUN
	}
	return ""
}

func addressOf(address netip.Prefix) *netlink.Addr {
	return &netlink.Addr{IPNet: &net.IPNet{
		IP: address.Addr().AsSlice(), Mask: net.CIDRMask(address.Bits(), address.Addr().BitLen()),
	}}
}

func hasAddress(link netlink.Link, address netip.Prefix) (bool, error) {
	has, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return false, fmt.Errorf("read the addresses of %s: %w", link.Attrs().Name, err)
	}
	want := addressOf(address).IPNet.String()
	return slices.ContainsFunc(has, func(a netlink.Addr) bool { return a.IPNet.String() == want }), nil
}

// putAddress gives the link its address and brings it up.
func putAddress(link netlink.Link, address netip.Prefix) (changed bool, err error) {
	name := link.Attrs().Name
	has, err := hasAddress(link, address)
	if err != nil {
		return false, err
	}
	if !has {
		if err := netlink.AddrAdd(link, addressOf(address)); err != nil && !errors.Is(err, syscall.EEXIST) {
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
