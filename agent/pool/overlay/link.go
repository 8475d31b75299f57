package overlay

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/vishvananda/netlink"
)

// prepareLink gives the overlay's link its MTU and address and brings it up, where
// that is not so already.
func prepareLink(link netlink.Link, c Config) error {
	mtu := c.MTU
	if mtu == 0 {
		mtu = DefaultMTU()
	}
	if link.Attrs().MTU != mtu {
		if err := netlink.LinkSetMTU(link, mtu); err != nil {
			return fmt.Errorf("give %s the MTU %d: %w", c.Interface, mtu, err)
		}
	}
	address := &netlink.Addr{IPNet: &net.IPNet{
		IP: c.Address.Addr().AsSlice(), Mask: net.CIDRMask(c.Address.Bits(), c.Address.Addr().BitLen())}}
	if err := netlink.AddrAdd(link, address); err != nil && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("give %s the address %s: %w", c.Interface, c.Address, err)
	}
	if link.Attrs().Flags&net.FlagUp == 0 {
		if err := netlink.LinkSetUp(link); err != nil {
			return fmt.Errorf("bring the interface %s up: %w", c.Interface, err)
		}
	}
	return nil
}
