package node

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
)

func TestABridgeKeepsItsRangeWhileAppsAreConnectedToIt(t *testing.T) {
	inNamespace(t, func() {
		const name = "dcloudtest0"
		expect := func(when string, want netip.Prefix) {
			t.Helper()
			if got, err := chooseGroupRange(name); got != want || err != nil {
				t.Errorf("%s: %s (%v), want %s", when, got, err, want)
			}
		}
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		expect("without a bridge", GroupRange)
		bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}}
		do(netlink.LinkAdd(bridge))
		expect("with one without an address", GroupRange)
		old := &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(172, 26, 64, 1), Mask: net.CIDRMask(20, 32)}}
		do(netlink.AddrAdd(bridge, old))
		expect("with the old address and no app", GroupRange)
		app := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "app0"}, PeerName: "app1"}
		do(netlink.LinkAdd(app))
		expect("with an app that is elsewhere", GroupRange)
		do(netlink.LinkSetMaster(app, bridge))
		expect("with the old address and an app", oldGroupRange)
		do(netlink.AddrDel(bridge, old))
		do(netlink.AddrAdd(bridge, &netlink.Addr{IPNet: &net.IPNet{IP: GroupRange.Addr().Next().AsSlice(), Mask: net.CIDRMask(20, 32)}}))
		expect("with the new address and an app", GroupRange)
	})
}

func TestNomadKeepsTheRangeThatIsInUse(t *testing.T) {
	in := example()
	in.Facts.GroupRange = oldGroupRange
	if got := NomadConfig(in); !strings.Contains(got, `bridge_network_subnet = "172.26.64.0/20"`) {
		t.Error(got)
	}
}
