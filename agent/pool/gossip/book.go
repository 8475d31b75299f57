package gossip

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/dentropy/dcloud/agent/pool"
)

// MaxRoster is how large a signed roster may be, in bytes: some 3000 members.
const MaxRoster = 1 << 20

// A book is a roster made for looking up. It is never changed.
type book struct {
	signed    []byte // nil where there is no roster yet
	roster    pool.Roster
	byName    map[string]pool.Member
	byAddress map[netip.Addr]bool
}

func newBook(signed []byte, r pool.Roster) *book {
	b := &book{signed: signed, roster: r, byName: map[string]pool.Member{}, byAddress: map[netip.Addr]bool{}}
	for _, m := range r.Members {
		b.byName[m.Name] = m
		b.byAddress[m.Address] = true
	}
	return b
}

// newer tells whether a roster takes the place of this one.
func (b *book) newer(r pool.Roster) bool { return b.signed == nil || r.Serial > b.roster.Serial }

// check says why a node is not the member that it says it is, or nothing.
func (b *book) check(n *memberlist.Node, port int) error {
	m, ok := b.byName[n.Name]
	if !ok {
		return fmt.Errorf("it is not in the roster %d", b.roster.Serial)
	}
	if a, ok := netip.AddrFromSlice(n.Addr); !ok || a.Unmap() != m.Address || int(n.Port) != port {
		return fmt.Errorf("the roster %d has it at %s, port %d", b.roster.Serial, m.Address, port)
	}
	return nil
}

// checkFacts says why what a node tells of itself is not a member's, or nothing.
func checkFacts(m pool.Member, meta []byte) (pool.Facts, error) {
	f, err := pool.DecodeFacts(meta)
	if err != nil {
		return f, err
	}
	if f.ID != m.ID || f.Key != m.Key {
		return f, fmt.Errorf("its ID and key (%.40q, %.44q) are not those of the roster", f.ID, f.Key)
	}
	return f, nil
}

// known tells whether a pool address may be spoken to: a member's, or our own.
func (g *Gossip) known(a netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return a == g.config.Address || g.book.byAddress[a]
}

// guard refuses, on memberlist's behalf, nodes that are not members. Memberlist calls
// it, and events, with its own lock held: neither calls memberlist.
type guard Gossip

// NotifyAlive implements memberlist.AliveDelegate.
func (g *guard) NotifyAlive(n *memberlist.Node) error {
	// Our own word, or somebody else's about us, to which memberlist objects by itself.
	if n.Name == g.config.Name {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.book.check(n, g.config.Port); err != nil {
		return err
	}
	m := g.book.byName[n.Name]
	if r := g.seen[n.Name]; r.id == m.ID && string(r.meta) == string(n.Meta) {
		return nil // the same word again, which most are
	}
	_, err := checkFacts(m, n.Meta)
	return err
}

// NotifyConflict implements memberlist.ConflictDelegate: two claim one name.
func (g *guard) NotifyConflict(existing, other *memberlist.Node) {
	g.log.Warn("two machines gossip under one name", "node", existing.Name,
		"address", existing.Addr.String(), "other", other.Addr.String())
}

// A fence lets nothing out to addresses that are not members'. So a removed member is
// sent no news, does not answer probes that do not reach it, and is forgotten. (That it
// cannot call us either is the private network's to see to, which drops its key, and
// that it understands nothing is the rotated keys'. A stream that comes in is answered
// here: a new member may be calling, with the roster in which it is.)
type fence struct {
	memberlist.Transport
	allowed func(netip.Addr) bool
}

// WriteTo drops what must not go out, as a network would.
func (f *fence) WriteTo(b []byte, address string) (time.Time, error) {
	if !f.lets(address) {
		return time.Now(), nil
	}
	return f.Transport.WriteTo(b, address)
}

// DialTimeout implements memberlist.Transport.
func (f *fence) DialTimeout(address string, timeout time.Duration) (net.Conn, error) {
	if !f.lets(address) {
		return nil, fmt.Errorf("%s is no member's address", address)
	}
	return f.Transport.DialTimeout(address, timeout)
}

func (f *fence) lets(address string) bool {
	a, err := netip.ParseAddrPort(address)
	return err == nil && f.allowed(a.Addr().Unmap())
}
