package node

import (
	"net/netip"
	"strings"
)

// Clashes returns those of the ranges in use that share addresses with the pool's.
func Clashes(pool netip.Prefix, taken []netip.Prefix) []netip.Prefix {
	var found []netip.Prefix
	for _, t := range taken {
		if t.IsValid() && t.Bits() > 0 && t.Overlaps(pool) { // a default route is everywhere and no clash
			found = append(found, t)
		}
	}
	return found
}

// SuggestPool returns a private range that none of those in use touches, the
// default if it is free, and an invalid prefix where nothing is.
func SuggestPool(taken []netip.Prefix) netip.Prefix {
	for _, c := range candidates() {
		if len(Clashes(c, taken)) == 0 {
			return c
		}
	}
	return netip.Prefix{}
}

// candidates lists ranges for a pool in order of preference: those of RFC 1918
// that home routers, Docker (172.17 to 172.31) and VPNs seldom use, then the one
// for benchmarks (RFC 2544), which nobody routes.
func candidates() []netip.Prefix {
	list := []netip.Prefix{DefaultPool}
	for second := byte(214); second <= 250; second++ {
		list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, second, 0, 0}), 16))
	}
	for third := byte(213); third <= 250; third++ {
		list = append(list, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, third, 0}), 24))
	}
	return append(list, netip.MustParsePrefix("172.31.0.0/16"), netip.MustParsePrefix("198.19.0.0/16"))
}

// choosePool is the range of a new node: the one that was asked for, which must
// be fit and free, or the first free one.
func choosePool(asked netip.Prefix, taken []netip.Prefix) (netip.Prefix, error) {
	free := SuggestPool(taken)
	if !asked.IsValid() {
		if !free.IsValid() {
			return free, refuse(nil, "free one of them, or name a range that is free with --pool",
				"every private range that a pool could have is in use: %s", join(taken))
		}
		return free, nil
	}
	hint := "name another range with --pool"
	if free.IsValid() {
		hint = "use --pool " + free.String() + ", which is free"
	}
	asked = asked.Masked()
	switch {
	case !asked.Addr().Is4() || !asked.Addr().IsPrivate() && !netip.MustParsePrefix("198.18.0.0/15").Contains(asked.Addr()):
		return asked, refuse(nil, hint, "%s is not a private IPv4 range", asked)
	case asked.Bits() > 24 || asked.Bits() < 8:
		return asked, refuse(nil, hint, "the pool's range %s must be between /8 and /24", asked)
	}
	if found := Clashes(asked, taken); len(found) > 0 {
		return asked, refuse(nil, hint, "the pool's range %s is in use here: %s", asked, join(found))
	}
	return asked, nil
}

func join(list []netip.Prefix) string {
	var s []string
	for _, p := range list {
		s = append(s, p.String())
	}
	return strings.Join(s, ", ")
}
