package overlay

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// A want is a Peer that has been checked, with its endpoint resolved.
type want struct {
	key       [keySize]byte
	endpoint  netip.AddrPort // zero leaves what is there
	allowed   []netip.Prefix // masked, sorted, none twice
	keepalive time.Duration
}

// A change is what to do to one peer.
type change struct {
	key       [keySize]byte
	create    bool // it is not there yet
	remove    bool
	endpoint  netip.AddrPort // zero leaves it
	keepalive *time.Duration // nil leaves it
	add       []netip.Prefix // come to it, from another peer where that has them
	drop      []netip.Prefix // go from it, to nobody
	keep      []netip.Prefix // what it has in the end; set where drop is
}

// plan says what turns the peers that are there into those that are wanted. It
// touches nothing that is as it should be, so that sessions live on.
//
// The order matters: a device gives an address to who claimed it last, so the new
// owner claims first and nothing has to be taken from the old one. Only then go
// addresses that nobody has any more, then peers. So no address is ever nowhere on
// its way from one peer to another.
func plan(have []PeerStatus, wanted []want) []change {
	current := make(map[[keySize]byte]PeerStatus, len(have))
	for _, p := range have {
		if key, err := parseKey(p.Key); err == nil {
			current[key] = p
		}
	}
	owner := make(map[netip.Prefix][keySize]byte)
	for _, w := range wanted {
		for _, p := range w.allowed {
			owner[p] = w.key
		}
	}
	var claims, drops, removals []change
	for _, w := range wanted {
		p, there := current[w.key]
		c := change{key: w.key, create: !there, add: without(w.allowed, p.Allowed)}
		if w.endpoint.IsValid() && w.endpoint != p.Endpoint {
			c.endpoint = w.endpoint
		}
		if w.keepalive != p.Keepalive {
			c.keepalive = &w.keepalive
		}
		if c.create || c.endpoint.IsValid() || c.keepalive != nil || len(c.add) > 0 {
			claims = append(claims, c)
		}
		// What has another owner now is gone from here once that one has claimed it.
		gone := slices.DeleteFunc(without(p.Allowed, w.allowed), func(a netip.Prefix) bool {
			_, taken := owner[a]
			return taken
		})
		if len(gone) > 0 {
			drops = append(drops, change{key: w.key, drop: gone, keep: w.allowed})
		}
		delete(current, w.key)
	}
	for _, key := range slices.SortedFunc(maps.Keys(current), compareKeys) {
		removals = append(removals, change{key: key, remove: true})
	}
	return slices.Concat(claims, drops, removals)
}

// without is what is in list and not in the other, in the list's order.
func without(list, other []netip.Prefix) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(list), func(p netip.Prefix) bool { return slices.Contains(other, p) })
}

func compareKeys(a, b [keySize]byte) int { return slices.Compare(a[:], b[:]) }

// checkPeers turns peers into what is wanted, all but the endpoints. self is the
// device's own public key, which cannot be its peer. Those that cannot be are left
// out; the error names them.
func checkPeers(peers []Peer, self [keySize]byte) ([]want, error) {
	var list []want
	var wrong []error
	keys := make(map[[keySize]byte]bool, len(peers))
	owner := make(map[netip.Prefix]string)
	for _, p := range peers {
		w, err := checkPeer(p)
		switch {
		case err != nil:
		case w.key == self:
			err = errors.New("that is this machine's own key")
		case keys[w.key]:
			err = errors.New("it is there twice")
		}
		for i := 0; err == nil && i < len(w.allowed); i++ {
			if other, taken := owner[w.allowed[i]]; taken {
				err = fmt.Errorf("%s is behind %s already", w.allowed[i], other)
			}
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("peer %.44q: %w", p.Key, err))
			continue
		}
		keys[w.key] = true
		for _, a := range w.allowed {
			owner[a] = p.Key
		}
		list = append(list, w)
	}
	return list, errors.Join(wrong...)
}

func checkPeer(p Peer) (want, error) {
	key, err := parseKey(p.Key)
	if err != nil {
		return want{}, err
	}
	if p.Keepalive < 0 || p.Keepalive > 65535*time.Second || p.Keepalive%time.Second != 0 {
		return want{}, fmt.Errorf("the keepalive %s is not 0 to 65535 whole seconds", p.Keepalive)
	}
	w := want{key: key, keepalive: p.Keepalive}
	for _, a := range p.Allowed {
		if !a.IsValid() || a.Addr().Is4In6() {
			return want{}, fmt.Errorf("%s is no range of addresses", a)
		}
		w.allowed = append(w.allowed, a.Masked())
	}
	slices.SortFunc(w.allowed, netip.Prefix.Compare)
	w.allowed = slices.Compact(w.allowed)
	return w, nil
}
