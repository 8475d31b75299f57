package node

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
)

// groupBridge is Nomad's bridge for apps of several containers (its
// bridge_network_name), which CNI makes when the first such app starts.
const groupBridge = "nomad"

// GroupRange is where the containers of such apps have their addresses: at the end
// of the block in which provisioning/appnet looks for a range from its beginning.
// Like that one it is not private in the sense of RFC 1918, by which the front
// door tells who is at home.
var GroupRange = netip.MustParsePrefix("198.19.240.0/20")

// oldGroupRange is Nomad's own choice, which versions before the pool kept.
var oldGroupRange = netip.MustParsePrefix("172.26.64.0/20")

// ChooseGroupRange returns the range that Nomad is to give to apps of several
// containers here. CNI gives the bridge the address that it is told at each start of
// such an app, and takes the other one away (forceAddress): containers that run with
// addresses of the old range would be cut off. So a bridge with the old range
// keeps it for as long as anything is connected to it, a reboot at the longest.
func ChooseGroupRange() (netip.Prefix, error) { return chooseGroupRange(groupBridge) }

func chooseGroupRange(name string) (netip.Prefix, error) {
	bridge, err := findLink(name)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("look for the bridge %s: %w", name, err)
	}
	if bridge == nil {
		return GroupRange, nil
	}
	old, err := hasAddress(bridge, netip.PrefixFrom(oldGroupRange.Addr().Next(), oldGroupRange.Bits()))
	if err != nil {
		return netip.Prefix{}, err
	}
	if !old {
		return GroupRange, nil
	}
	links, err := netlink.LinkList()
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("list what is connected to the bridge %s: %w", name, err)
	}
	if slices.ContainsFunc(links, func(l netlink.Link) bool { return l.Attrs().MasterIndex == bridge.Attrs().Index }) {
		return oldGroupRange, nil
	}
	return GroupRange, nil
}
