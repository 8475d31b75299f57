package paths

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
)

// A machine of the simulated network, which keeps to what matters of WireGuard: a
// handshake at most each 5 s with one peer, sessions that both ends share, endpoints
// that follow the packets, addresses that belong to one peer.
type machine struct {
	pool.Member
	address netip.Addr // its own
	nat     netip.Addr // what others see of it; zero where it is met as it is
	lan     string
	peers   map[string]*link
	opened  map[netip.AddrPort]bool // where it has sent to: its NAT lets answers in
	state   State
	choice  Choice
}

type link struct {
	overlay.PeerStatus
	session int
	sent    time.Time // the last handshake
	heard   time.Time
}

type network struct {
	machines []*machine
	now      time.Time
	sessions int
	dice     *rand.Rand // in which order what happens at once comes
}

func (m *machine) from(to *machine) netip.AddrPort {
	if m.nat.IsValid() && m.lan != to.lan {
		return netip.AddrPortFrom(m.nat, uint16(20000+len(m.lan)+int(m.Address.As4()[3])))
	}
	return netip.AddrPortFrom(m.address, pool.Port)
}

// deliver finds who gets what a machine sends to an endpoint.
func (n *network) deliver(from *machine, endpoint netip.AddrPort) *machine {
	from.opened[endpoint] = true
	for _, to := range n.machines {
		if to == from || to.from(from) != endpoint {
			continue
		}
		if to.nat.IsValid() && to.lan != from.lan && !to.opened[from.from(to)] {
			return nil
		}
		return to
	}
	return nil
}

func (n *network) step() {
	n.now = n.now.Add(time.Second)
	for _, m := range n.machines {
		m.state.Now, m.state.Seen, m.state.Status = n.now, nil, nil
		m.state.Local = []string{netip.AddrPortFrom(m.address, pool.Port).String()}
		for _, x := range n.machines {
			f := pool.Facts{Endpoints: []string{netip.AddrPortFrom(x.address, pool.Port).String()}, Direct: reach(x.state.Roster, x.choice.Direct)}
			m.state.Seen = append(m.state.Seen, pool.Seen{Address: x.Address, State: pool.Alive, Facts: f})
		}
		for _, key := range n.order(m) {
			m.state.Status = append(m.state.Status, m.peers[key].PeerStatus)
		}
	}
	for _, m := range n.machines {
		c := Choose(m.state)
		m.choice, m.state.Attempts, m.state.Learnt = c, c.Attempts, c.Learnt
		for _, p := range c.Peers {
			l := m.peers[p.Key]
			if l == nil || slices.Contains(c.Renew, p.Key) {
				l = &link{PeerStatus: overlay.PeerStatus{Key: p.Key}}
				m.peers[p.Key] = l
			}
			if p.Endpoint != "" {
				l.Endpoint = netip.MustParseAddrPort(p.Endpoint)
			}
			l.Allowed = p.Allowed
		}
	}
	for _, m := range n.machines {
		for _, key := range n.order(m) {
			n.send(m, m.peers[key])
		}
	}
}

// order is one of the peers of a machine, another each time and the same in each run.
func (n *network) order(m *machine) []string {
	keys := slices.Sorted(maps.Keys(m.peers))
	n.dice.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

// send is what one peer gets in a second.
func (n *network) send(m *machine, l *link) {
	if !l.Endpoint.IsValid() {
		return
	}
	to := n.deliver(m, l.Endpoint)
	if to != nil && to.Key == l.Key && l.session != 0 && to.peers[m.Key] != nil && to.peers[m.Key].session == l.session {
		far := to.peers[m.Key]
		far.Received, far.heard, far.Endpoint = far.Received+1, n.now, m.from(to)
	}
	if l.session != 0 && n.now.Sub(l.heard) < 15*time.Second && n.now.Sub(l.LastHandshake) < 120*time.Second || n.now.Sub(l.sent) < 5*time.Second {
		return
	}
	l.sent = n.now
	if to == nil || to.Key != l.Key || to.peers[m.Key] == nil || n.deliver(to, m.from(to)) != m {
		return
	}
	n.sessions++
	for _, end := range []struct {
		l  *link
		at netip.AddrPort
	}{{l, to.from(m)}, {to.peers[m.Key], m.from(to)}} {
		end.l.session, end.l.LastHandshake, end.l.heard, end.l.Endpoint = n.sessions, n.now, n.now, end.at
		end.l.Received++
	}
}

// hop gives the peer behind which a machine has an address.
func (n *network) hop(m *machine, a netip.Addr) *machine {
	for _, x := range n.machines {
		if l := m.peers[x.Key]; l != nil && slices.Contains(l.Allowed, only(a)) {
			return x
		}
	}
	return nil
}

// carries tells whether a packet gets from one machine to another, and by how many
// steps. Each machine on the way takes it only from the peer that has the sender.
func (n *network) carries(from, to *machine) (steps int, ok bool) {
	for at := from; at != to; steps++ {
		next := n.hop(at, to.Address)
		if next == nil || steps > 4 {
			return steps, false
		}
		l := at.peers[next.Key]
		if !at.choice.Direct[next.ID] || n.deliver(at, l.Endpoint) != next || n.hop(next, from.Address) != at {
			return steps, false
		}
		at = next
	}
	return steps, true
}

// settle runs until all pairs reach each other.
func (n *network) settle(t *testing.T, within int) {
	t.Helper()
	var broken string
	for second := range within {
		n.step()
		broken = ""
		for _, a := range n.machines {
			for _, b := range n.machines {
				if _, ok := n.carries(a, b); !ok {
					broken = a.Name + " -> " + b.Name
				}
			}
		}
		if broken == "" {
			t.Logf("all reach all after %d s", second+1)
			return
		}
	}
	t.Fatalf("after %d s: %s does not work", within, broken)
}

func newNetwork(seed uint64, machines ...*machine) *network {
	var r pool.Roster
	for i, m := range machines {
		role := pool.RoleWorker
		var endpoints []string
		if !m.nat.IsValid() {
			role, endpoints = pool.RoleServer, []string{netip.AddrPortFrom(m.address, pool.Port).String()}
		}
		m.Member = member(i+1, role, endpoints...)
		m.peers, m.opened = map[string]*link{}, map[netip.AddrPort]bool{}
		r.Members = append(r.Members, m.Member)
	}
	for _, m := range machines {
		m.state = State{Self: m.Member, Roster: r}
	}
	return &network{machines: machines, now: start, dice: rand.New(rand.NewPCG(seed, 0))}
}

func at(lan, address, nat string) *machine {
	m := &machine{lan: lan, address: netip.MustParseAddr(address)}
	if nat != "" {
		m.nat = netip.MustParseAddr(nat)
	}
	return m
}

func TestAllMembersReachEachOtherFromBehindTheirRouters(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { reachEachOther(t, seed) })
	}
}

func reachEachOther(t *testing.T, seed uint64) {
	pi, laptop := at("home", "192.168.1.10", "203.0.113.1"), at("home", "192.168.1.11", "203.0.113.1")
	away, vps, second := at("away", "192.168.1.10", "203.0.113.2"), at("", "198.51.100.1", ""), at("", "198.51.100.2", "")
	n := newNetwork(seed, pi, laptop, away, vps, second)
	n.settle(t, 60)
	steps := func(a, b *machine, want int) {
		t.Helper()
		if got, ok := n.carries(a, b); !ok || got != want {
			t.Errorf("%s -> %s takes %d steps (%v), not %d", a.Name, b.Name, got, ok, want)
		}
	}
	steps(pi, laptop, 1)
	steps(pi, vps, 1)
	steps(pi, away, 2)
	steps(away, laptop, 2)

	// The home's address changes, as by night; then the laptop is carried away.
	pi.nat, laptop.nat = netip.MustParseAddr("203.0.113.99"), netip.MustParseAddr("203.0.113.99")
	clear(pi.opened)
	clear(laptop.opened)
	n.settle(t, 120)
	laptop.lan, laptop.address, laptop.nat = "away", netip.MustParseAddr("192.168.1.77"), away.nat
	clear(laptop.opened)
	n.step() // it is noticed at all
	n.settle(t, 180)
	for range 60 {
		n.step() // a better way than by a relay is sought
	}
	n.settle(t, 60)
	steps(laptop, away, 1)
	steps(laptop, pi, 2)

	// The server that relays goes; the other takes over.
	if relay := pi.choice.Via[away.ID]; relay != vps.ID {
		t.Fatalf("relayed by %s", relay)
	}
	vps.address = netip.MustParseAddr("198.51.100.50")
	n.settle(t, 180)
}
