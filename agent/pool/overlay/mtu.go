package overlay

import (
	"github.com/vishvananda/netlink"
)

const (
	// overhead is what WireGuard adds to a packet, at most: IPv6's header 40, UDP's
	// 8, its own 32 (16 header, 16 authentication tag).
	overhead = 80
	minMTU   = 1280 // IPv6's least
	maxMTU   = 1420 // Ethernet's 1500 less the overhead
)

// DefaultMTU is the MTU of the overlay where none is configured: what fits the
// interface of the default route.
func DefaultMTU() int { return innerMTU(outerMTU()) }

// innerMTU is the MTU for the inside of a path with an MTU.
func innerMTU(outer int) int { return min(max(outer-overhead, minMTU), maxMTU) }

// outerMTU is the MTU of the interface of the preferred default route, Ethernet's
// where there is none.
func outerMTU() int {
	const ethernet = 1500
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := netlink.RouteList(nil, family)
		if err != nil {
			continue
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
			continue
		}
		link, err := netlink.LinkByIndex(routes[best].LinkIndex)
		if err != nil {
			continue
		}
		mtu := link.Attrs().MTU
		if routes[best].MTU > 0 {
			mtu = min(mtu, routes[best].MTU)
		}
		return mtu
	}
	return ethernet
}
