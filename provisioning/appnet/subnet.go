package appnet

import "net/netip"

// bits is the length of the network's range: 4094 addresses, more than a machine
// runs containers.
const bits = 20

// nomadBridge is the range of Nomad's own bridge (its bridge_network_subnet,
// node.GroupRange), which is there only while an app of several containers is.
var nomadBridge = netip.MustParsePrefix("198.19.240.0/20")

// blocks are where the range is looked for, in order of preference. The first is
// meant for benchmarks (RFC 2544) and carried by no router; it is not private in the
// sense of RFC 1918, by which the front door tells who is at home, so that an
// app does not pass for a person there. The others are Docker's usual ones.
var blocks = []netip.Prefix{
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("10.0.0.0/8"),
}

// Subnet returns a range for the network that none of those in use touches, and an
// invalid prefix where nothing is free. Default routes are not taken for ranges.
func Subnet(taken []netip.Prefix) netip.Prefix {
	taken = append([]netip.Prefix{nomadBridge}, taken...)
	for _, block := range blocks {
		for p := netip.PrefixFrom(block.Addr(), bits); block.Contains(p.Addr()); p = next(p) {
			if free(p, taken) {
				return p
			}
		}
	}
	return netip.Prefix{}
}

func free(p netip.Prefix, taken []netip.Prefix) bool {
	for _, t := range taken {
		if t.Bits() > 0 && t.Overlaps(p) {
			return false
		}
	}
	return true
}

// next is the range of the same length that follows.
func next(p netip.Prefix) netip.Prefix {
	a := p.Addr().As4()
	n := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	n += 1 << (32 - p.Bits())
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), p.Bits())
}
