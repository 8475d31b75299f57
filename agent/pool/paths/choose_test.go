package paths

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
)

var start = time.Unix(1_800_000_000, 0)

func member(n int, role string, endpoints ...string) pool.Member {
	return pool.Member{ID: fmt.Sprint("id", n), Name: fmt.Sprint("m", n), Role: role, Key: fmt.Sprint("key", n),
		Address: netip.AddrFrom4([4]byte{10, 213, 0, byte(n)}), Endpoints: endpoints}
}

// handshaken is a peer whose handshake is so old.
func handshaken(m pool.Member, age time.Duration, endpoint string) overlay.PeerStatus {
	return overlay.PeerStatus{Key: m.Key, LastHandshake: start.Add(-age), Received: 100, Endpoint: netip.MustParseAddrPort(endpoint)}
}

func TestEndpointsAreTriedTheLikeliestFirst(t *testing.T) {
	m := member(2, pool.RoleWorker, "198.51.100.7:51820", "10.9.9.9:51820")
	s := State{
		Self: member(1, pool.RoleServer), Roster: pool.Roster{Members: []pool.Member{m, member(3, pool.RoleWorker)}},
		Local:  []string{"192.168.1.5:51820", "[2001:db8:1:2::5]:51820"},
		Learnt: map[string]string{m.ID: "203.0.113.9:4242"},
	}
	got := Candidates(s, m, pool.Facts{Endpoints: []string{
		"[2001:db8:9::1]:51820", "192.168.1.5:51820", "192.168.1.7:51820", "[2001:db8:1:2::7]:51820",
		"172.16.0.1:51820", "127.0.0.1:51820", "10.213.0.3:51820", "home.example.org:51820", "nonsense", "198.51.100.7:51820",
	}})
	want := []string{
		"192.168.1.7:51820", "[2001:db8:1:2::7]:51820", // in our own networks
		"203.0.113.9:4242",                                                      // where it was met
		"[2001:db8:9::1]:51820", "home.example.org:51820", "198.51.100.7:51820", // from anywhere
		"172.16.0.1:51820", "10.9.9.9:51820", // private, elsewhere
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAFreshHandshakeIsDirectAndItsEndpointIsLeftAlone(t *testing.T) {
	m := member(2, pool.RoleWorker, "198.51.100.7:51820")
	s := State{Self: member(1, pool.RoleServer), Roster: pool.Roster{Members: []pool.Member{m}}, Now: start,
		Status: []overlay.PeerStatus{handshaken(m, time.Minute, "203.0.113.9:4242")}}
	c := Choose(s)
	if p := c.Peers[0]; !c.Direct[m.ID] || p.Endpoint != "" || p.Keepalive != Keepalive || c.Learnt[m.ID] != "203.0.113.9:4242" || !c.Next.IsZero() {
		t.Errorf("%+v", c)
	}
	// Nothing more comes, although the handshake is fresh for minutes.
	s.Attempts, s.Learnt, s.Now = c.Attempts, c.Learnt, start.Add(silence)
	c = Choose(s)
	if c.Direct[m.ID] || c.Peers[0].Endpoint != "203.0.113.9:4242" || len(c.Renew) != 0 {
		t.Errorf("silent: %+v", c)
	}
	// Bytes come again.
	s.Status[0].Received++
	s.Attempts = c.Attempts
	if c = Choose(s); !c.Direct[m.ID] {
		t.Errorf("heard again: %+v", c)
	}
	s.Status[0].LastHandshake = s.Now.Add(-fresh)
	s.Status[0].Received++
	if c = Choose(s); c.Direct[m.ID] {
		t.Errorf("an old handshake is direct: %+v", c)
	}
}

func TestASilentMemberThatGossipHasLostIsSoughtSooner(t *testing.T) {
	m := member(2, pool.RoleWorker, "198.51.100.7:51820")
	s := State{Self: member(1, pool.RoleServer), Roster: pool.Roster{Members: []pool.Member{m}}, Now: start,
		Status: []overlay.PeerStatus{handshaken(m, time.Minute, "203.0.113.9:4242")}}
	s.Attempts = Choose(s).Attempts
	s.Now = start.Add(silenceGone)
	if !Choose(s).Direct[m.ID] {
		t.Error("lost though gossip sees it")
	}
	s.Seen = []pool.Seen{{Address: m.Address, State: pool.Gone}}
	if Choose(s).Direct[m.ID] {
		t.Error("not sought")
	}
}

func TestEachEndpointGetsItsTurnThenThereIsAPause(t *testing.T) {
	m := member(2, pool.RoleWorker, "198.51.100.7:51820", "198.51.100.8:51820")
	s := State{Self: member(1, pool.RoleServer), Roster: pool.Roster{Members: []pool.Member{m}}, Now: start}
	step := func(after time.Duration, endpoint string, renew bool) Choice {
		t.Helper()
		s.Now = s.Now.Add(after)
		c := Choose(s)
		if c.Peers[0].Endpoint != endpoint || (len(c.Renew) > 0) != renew || !c.Next.After(s.Now) {
			t.Fatalf("%s after the start: %+v", s.Now.Sub(start), c)
		}
		s.Attempts = c.Attempts
		s.Status = []overlay.PeerStatus{{Key: m.Key, Endpoint: netip.MustParseAddrPort(endpoint)}}
		return c
	}
	step(0, "198.51.100.7:51820", false)
	step(dwell-1, "198.51.100.7:51820", false)
	step(1, "198.51.100.8:51820", true)
	c := step(dwell, "198.51.100.7:51820", false)
	if want := s.Now.Add(restFirst); !c.Next.Equal(want) {
		t.Errorf("the pause ends at %s, not %s", c.Next, want)
	}
	step(restFirst, "198.51.100.7:51820", false)
	step(dwell, "198.51.100.8:51820", true)
	c = step(dwell, "198.51.100.7:51820", false)
	if want := s.Now.Add(2 * restFirst); !c.Next.Equal(want) {
		t.Errorf("the second pause ends at %s, not %s", c.Next, want)
	}
	// It tells of a new address: that ends the pause.
	s.Seen = []pool.Seen{{Address: m.Address, State: pool.Alive, Facts: pool.Facts{Endpoints: []string{"203.0.113.1:51820"}}}}
	step(time.Second, "203.0.113.1:51820", true)
}

func TestWhoMeetsBothRelaysAndADoorComesFirst(t *testing.T) {
	self, far := member(1, pool.RoleWorker), member(2, pool.RoleWorker)
	worker, door, lone := member(3, pool.RoleWorker, "198.51.100.3:51820"), member(4, pool.RoleIngress, "198.51.100.4:51820"), member(5, pool.RoleServer, "198.51.100.5:51820")
	both := pool.Facts{Direct: pool.Reach([]netip.Addr{self.Address, far.Address})}
	s := State{Self: self, Roster: pool.Roster{Members: []pool.Member{self, far, worker, door, lone}}, Now: start}
	for _, m := range []pool.Member{worker, door, lone} {
		s.Status = append(s.Status, handshaken(m, time.Minute, m.Endpoints[0]))
	}
	s.Seen = []pool.Seen{
		{Address: worker.Address, State: pool.Alive, Facts: both},
		{Address: door.Address, State: pool.Alive, Facts: both},
		// It is a server, but says that it does not meet the other.
		{Address: lone.Address, State: pool.Alive, Facts: pool.Facts{Direct: pool.Reach([]netip.Addr{self.Address})}},
	}
	c := Choose(s)
	if c.Via[far.ID] != door.ID || c.Direct[far.ID] {
		t.Fatalf("via %v", c.Via)
	}
	for _, p := range c.Peers {
		switch {
		case p.Key == far.Key && len(p.Allowed) != 0,
			p.Key == door.Key && !slices.Equal(p.Allowed, []netip.Prefix{only(door.Address), only(far.Address)}):
			t.Errorf("%+v", p)
		}
	}
	s.Seen[1].State = pool.Gone
	if c = Choose(s); c.Via[far.ID] != worker.ID {
		t.Errorf("with the door gone, via %v", c.Via)
	}
	s.Status = append(s.Status, handshaken(far, time.Second, "198.51.100.9:1"))
	if c = Choose(s); len(c.Via) != 0 || !c.Direct[far.ID] {
		t.Errorf("with a direct way, via %v", c.Via)
	}
}

func TestARelayIsNeededOnlyWhereTwoDoNotMeet(t *testing.T) {
	a, b := member(1, pool.RoleWorker), member(2, pool.RoleWorker)
	r := pool.Roster{Members: []pool.Member{a, b}}
	direct := map[string]bool{a.ID: true, b.ID: true}
	seen := []pool.Seen{{Address: a.Address, State: pool.Alive}, {Address: b.Address, State: pool.Alive}}
	if !RelayNeeded(r, seen, direct) {
		t.Error("not needed, though they do not meet")
	}
	if RelayNeeded(r, seen, map[string]bool{a.ID: true}) {
		t.Error("needed by one that we do not meet")
	}
	seen[0].Facts.Direct, seen[1].Facts.Direct = pool.Reach([]netip.Addr{b.Address}), pool.Reach([]netip.Addr{a.Address})
	if RelayNeeded(r, seen, direct) {
		t.Error("needed, though they meet")
	}
}

// TestPeersAreExactlyTheOtherMembers tries states without any sense in them.
func TestPeersAreExactlyTheOtherMembers(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		s := State{Self: member(1, pool.RoleWorker), Now: start, Attempts: map[string]Attempt{}, Learnt: map[string]string{}}
		want := map[string]netip.Addr{}
		for n := 1; n <= 1+rnd.IntN(12); n++ {
			m := member(n, []string{pool.RoleServer, pool.RoleIngress, pool.RoleWorker}[rnd.IntN(3)], fmt.Sprintf("198.51.100.%d:51820", n))
			s.Roster.Members = append(s.Roster.Members, m)
			if n > 1 {
				want[m.Key] = m.Address
			}
		}
		for n := range 15 { // some are members no more
			m := member(n+1, pool.RoleWorker)
			if rnd.IntN(2) == 0 {
				p := handshaken(m, time.Duration(rnd.IntN(300))*time.Second, "203.0.113.1:1")
				p.Allowed = []netip.Prefix{only(member(rnd.IntN(15), "").Address)}
				s.Status = append(s.Status, p)
			}
			var met []netip.Addr
			for i := range 15 {
				if rnd.IntN(2) == 0 {
					met = append(met, member(i, "").Address)
				}
			}
			s.Seen = append(s.Seen, pool.Seen{Address: m.Address, State: []string{pool.Alive, pool.Gone}[rnd.IntN(2)], Facts: pool.Facts{Direct: pool.Reach(met)}})
			s.Attempts[m.ID] = Attempt{Key: m.Key, Index: rnd.IntN(5), Since: start.Add(-time.Duration(rnd.IntN(9)) * time.Second)}
		}
		c := Choose(s)
		behind := map[netip.Prefix]int{}
		for _, p := range c.Peers {
			if _, ok := want[p.Key]; !ok {
				t.Fatalf("seed %d: peer %s is no other member, or is there twice", seed, p.Key)
			}
			for _, a := range p.Allowed {
				behind[a]++
			}
			delete(want, p.Key)
		}
		if len(want) != 0 {
			t.Fatalf("seed %d: %v are no peers", seed, want)
		}
		if len(behind) != len(c.Peers) || behind[only(s.Self.Address)] != 0 {
			t.Fatalf("seed %d: %d addresses for %d peers", seed, len(behind), len(c.Peers))
		}
		for a, n := range behind {
			if n != 1 {
				t.Fatalf("seed %d: %s is at %d peers", seed, a, n)
			}
		}
		for id, via := range c.Via {
			if !c.Direct[via] || c.Direct[id] {
				t.Fatalf("seed %d: %s via %s", seed, id, via)
			}
		}
	}
}
