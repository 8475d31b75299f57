package control

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"time"
)

// gone notes a machine that was removed.
type gone struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Address netip.Addr `json:"address"`
	At      time.Time  `json:"at"`
}

const (
	// resting is how long an address of a removed machine is given to nobody: tunnels,
	// caches and people may still take it for the old one.
	resting = 24 * time.Hour
	// noted is how long it is known that a machine was removed, so that a server which
	// was, and comes back, does not list itself again.
	noted = 90 * 24 * time.Hour
	// mostNoted bounds the record, which Consul takes up to 512 KiB of.
	mostNoted = 500
)

// note adds a removed machine to the notes and drops old ones.
func note(list []gone, g gone) []gone {
	list = slices.DeleteFunc(slices.Clone(list), func(o gone) bool { return g.At.Sub(o.At) > noted || o.ID == g.ID && o.Address == g.Address })
	if len(list) >= mostNoted {
		list = list[len(list)-mostNoted+1:]
	}
	return append(list, g)
}

// allotAddress returns the lowest address of the range that no machine has or had
// within a day. The range's first and last address are nobody's.
func allotAddress(in netip.Prefix, r *roster, now time.Time) (netip.Addr, error) {
	taken := map[netip.Addr]bool{}
	for _, n := range r.nodes {
		taken[n.Address] = true
	}
	for _, g := range r.pool.Gone {
		if now.Sub(g.At) < resting {
			taken[g.Address] = true
		}
	}
	in = in.Masked()
	for a := in.Addr().Next(); in.Contains(a); a = a.Next() {
		if !taken[a] && in.Contains(a.Next()) {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no address of %s is free", in)
}

// dnsLabel is what a machine's name must be: a label of RFC 1123, in lower case.
var dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// allotName returns the wanted name, or the first of NAME-2, NAME-3, … that no other
// machine has. self is the machine's ID, whose own name is no obstacle.
func allotName(want, self string, r *roster) string {
	if want == "" {
		want = "node"
	}
	free := func(name string) bool {
		n := r.byName(name)
		return n == nil || n.ID == self
	}
	if free(want) {
		return want
	}
	for k := 2; ; k++ {
		end := fmt.Sprintf("-%d", k)
		name := want[:min(len(want), 63-len(end))] + end
		if free(name) {
			return name
		}
	}
}
