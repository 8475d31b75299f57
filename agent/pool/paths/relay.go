package paths

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/dentropy/dcloud/agent/pool"
)

// Who relays. Between two members that do not meet directly a third passes the
// packets on, if it says (Facts.Direct) that it meets both of them directly. Of several
// it is the first in an order that depends on nothing but the roster and the facts: the
// front doors, which are met from outside, then those with a public endpoint, then by
// address. Both ends know the same and so choose the same, as they must: WireGuard takes
// packets from a member's address from one peer only, so an answer by another way would
// be dropped.
//
// That rule is also why packets cannot go in circles, whatever each member believes
// about the others at the moment. Each member has every pool address at exactly one
// peer, and its own at none. A packet that goes in a circle would come to some member a
// second time: to its sender, which takes no packets from its own address; or to one
// that had it from another peer before, which takes those from this sender from that
// peer only. Either drops it.

// relays finds who relays, by the ID of whom. Members that are direct, and those for
// whom there is nobody, are not in it.
func relays(s State, members []pool.Member, direct map[string]bool, seen map[netip.Addr]pool.Seen) map[string]string {
	var able []pool.Member
	for _, m := range members {
		if x := seen[m.Address]; direct[m.ID] && x.State == pool.Alive && x.Facts.Meets(s.Self.Address) {
			able = append(able, m)
		}
	}
	slices.SortStableFunc(able, func(a, b pool.Member) int {
		return cmp.Or(cmp.Compare(distance(a), distance(b)), a.Address.Compare(b.Address))
	})
	list := map[string]string{}
	for _, m := range members {
		if direct[m.ID] {
			continue
		}
		for _, r := range able {
			if seen[r.Address].Facts.Meets(m.Address) {
				list[m.ID] = r.ID
				break
			}
		}
	}
	return list
}

// distance orders relays. It looks at the roster alone, which all have alike.
func distance(m pool.Member) int {
	public := slices.ContainsFunc(m.Endpoints, func(e string) bool {
		a, err := netip.ParseAddrPort(e)
		return err == nil && a.Addr().IsGlobalUnicast() && !a.Addr().IsPrivate()
	})
	switch {
	case pool.HasDoor(m.Role) && public:
		return 0
	case public:
		return 1
	case pool.HasDoor(m.Role):
		return 2
	}
	return 3
}

// RelayNeeded tells whether this machine has to pass packets on: whether two members
// that it meets directly do not meet each other, as far as they say. direct is a
// Choice's.
func RelayNeeded(roster pool.Roster, seen []pool.Seen, direct map[string]bool) bool {
	facts := bySeen(seen)
	var here []pool.Seen
	for _, m := range roster.Members {
		if x := facts[m.Address]; direct[m.ID] && x.State == pool.Alive {
			here = append(here, x)
		}
	}
	for i, a := range here {
		for _, b := range here[:i] {
			if !a.Facts.Meets(b.Address) || !b.Facts.Meets(a.Address) {
				return true
			}
		}
	}
	return false
}

// reach writes those that are met directly, for Facts.Direct.
func reach(roster pool.Roster, direct map[string]bool) string {
	var list []netip.Addr
	for _, m := range roster.Members {
		if direct[m.ID] {
			list = append(list, m.Address)
		}
	}
	return pool.Reach(list)
}
