package node

import (
	"fmt"
	"net/netip"
	"slices"
)

// Shared is what all machines of a pool have alike, as its roster tells it. What is
// left empty stays as it is.
type Shared struct {
	Domain    string
	HTTPPort  int
	HTTPSPort int
	Servers   []netip.Addr // this machine's own address may be among them
}

// Follow brings the identity up to what the pool has become, and tells whether it
// was another. The engines' configurations follow it: write them anew. A pool that
// tells of no other server leaves a machine that needs one with those it knows.
func Follow(l Layout, s Shared) (n Node, changed bool, err error) {
	old, err := Load(l)
	if err != nil {
		return Node{}, false, err
	}
	n = old
	if s.Domain != "" {
		n.Domain = CleanDomain(s.Domain)
	}
	if s.HTTPPort != 0 {
		n.HTTPPort = s.HTTPPort
	}
	if s.HTTPSPort != 0 {
		n.HTTPSPort = s.HTTPSPort
	}
	n.Servers = slices.DeleteFunc(slices.Clone(s.Servers), func(a netip.Addr) bool { return a == n.Address })
	slices.SortFunc(n.Servers, netip.Addr.Compare)
	n.Servers = slices.Compact(n.Servers)
	if len(n.Servers) == 0 && !n.First {
		n.Servers = old.Servers
	}
	if err := n.check(); err != nil {
		return old, false, fmt.Errorf("follow the pool: %w", err)
	}
	changed, err = store(l, n)
	return n, changed, err
}
