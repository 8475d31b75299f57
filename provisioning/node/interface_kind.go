package node

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxInterfaceName is the kernel's IFNAMSIZ without the end mark.
const maxInterfaceName = 15

// addLink makes a link of the best kind that the kernel has.
func addLink(name string) (netlink.Link, error) {
	err := addCarrying(name)
	for _, add := range []func(string) error{addDummy, addBridge} {
		if err == nil || errors.Is(err, syscall.EEXIST) {
			break
		}
		if e := add(name); e == nil {
			err = nil
		} else {
			err = errors.Join(err, e)
		}
	}
	switch {
	case errors.Is(err, syscall.EPERM):
		return nil, refuse(err, "run it again as root", "the interface %s cannot be made without the right to (CAP_NET_ADMIN)", name)
	case err != nil && !errors.Is(err, syscall.EEXIST):
		return nil, fmt.Errorf("the kernel has none of the kinds that would do: %w", err)
	}
	return netlink.LinkByName(name)
}

// addCarrying makes a link that can carry packets to other machines.
func addCarrying(name string) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	err := netlink.LinkAdd(&netlink.Wireguard{LinkAttrs: attrs})
	if err == nil || errors.Is(err, syscall.EEXIST) {
		return err
	}
	if tunErr := addTUN(name); tunErr != nil {
		return fmt.Errorf("neither as wireguard (%w) nor as a TUN (%w)", err, tunErr)
	}
	return nil
}

func addDummy(name string) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	if err := netlink.LinkAdd(&netlink.Dummy{LinkAttrs: attrs}); err != nil {
		return fmt.Errorf("as a dummy: %w", err)
	}
	return nil
}

func addBridge(name string) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
		return fmt.Errorf("as a bridge: %w", err)
	}
	return nil
}

// addTUN makes a persistent TUN that nobody is attached to. Its flags are those with
// which golang.zx2c4.com/wireguard/tun attaches (tun_linux.go, CreateTUN).
func addTUN(name string) error {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/net/tun: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	// With IFF_TUN_EXCL one that is there already is an error, not taken over.
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR | unix.IFF_TUN_EXCL)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return err
	}
	return unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1)
}

// upgrade replaces a link that only holds our address by one that can carry
// packets. It returns nil where the kernel has no such kind, or where the link holds
// more than what EnsureInterface gave it.
//
// The new link gets the address before the old one goes, so that there is no moment
// without it, and then takes over the name.
func upgrade(old netlink.Link, kind string, address netip.Prefix) (netlink.Link, error) {
	if ours, err := onlyOurs(old, kind, address); err != nil || !ours {
		return nil, err
	}
	name := old.Attrs().Name
	temporary := temporaryName(name)
	if err := RemoveInterface(temporary); err != nil {
		return nil, err
	}
	if addCarrying(temporary) != nil {
		return nil, nil // the old one does what it always did
	}
	link, err := netlink.LinkByName(temporary)
	if err == nil {
		_, err = putAddress(link, address)
	}
	if err == nil {
		err = netlink.LinkDel(old)
	}
	if err != nil {
		return nil, errors.Join(err, RemoveInterface(temporary))
	}
	err = netlink.LinkSetName(link, name)
	if errors.Is(err, syscall.EBUSY) {
		// Before 6.2 the kernel renames a link only while it is down; the address
		// stays on it.
		if err = netlink.LinkSetDown(link); err == nil {
			err = errors.Join(netlink.LinkSetName(link, name), netlink.LinkSetUp(link))
		}
	}
	if err != nil {
		return nil, errors.Join(err, RemoveInterface(temporary))
	}
	return netlink.LinkByName(name)
}

// temporaryName is that of the new link while the old one is there. One of that name
// is what was left when a replacement was broken off.
func temporaryName(name string) string {
	return name[:min(len(name), maxInterfaceName-4)] + "-new"
}

// onlyOurs tells whether the link holds nothing but our address: nothing is in the
// bridge, and nobody has put another address on it.
func onlyOurs(link netlink.Link, kind string, address netip.Prefix) (bool, error) {
	addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return false, err
	}
	want := addressOf(address).IPNet.String()
	for _, a := range addrs {
		if a.IPNet.String() != want {
			return false, nil
		}
	}
	if kind != KindBridge {
		return true, nil
	}
	links, err := netlink.LinkList()
	if err != nil {
		return false, err
	}
	for _, l := range links {
		if l.Attrs().MasterIndex == link.Attrs().Index {
			return false, nil
		}
	}
	return true, nil
}
