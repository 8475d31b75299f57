// Package paths decides how each member of the pool is reached over the private
// network: directly, and at which of its endpoints, or relayed by a third. Choose is
// the decision, a pure function; Runner asks the device, decides, tells the device,
// again and again, and keeps the endpoints that worked in a file.
//
// It depends on packages pool and overlay. Start reading at Choose (this file);
// relay.go says who relays for whom and why packets cannot go in circles.
package paths

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
)

const (
	// Keepalive keeps the way back open through a NAT, which forgets a flow after 30 s
	// at the earliest (RFC 4787, 4.3, wants two minutes, but few keep to it). Since both
	// sides have it, bytes from a peer that is reached come at least this often.
	Keepalive = 25 * time.Second
	// fresh is how old a handshake may be for its session to be of use: WireGuard's
	// Reject-After-Time. With a keepalive a new one is made after 120 s.
	fresh = 180 * time.Second
	// silence is how long nothing may come from a peer with a fresh handshake: a
	// keepalive and what it may take.
	silence = 35 * time.Second
	// silenceGone is the same for one that gossip has lost: then it is called every
	// few seconds, which any machine that is reached answers, be it with a refusal.
	silenceGone = 12 * time.Second
	// dwell is how long one endpoint is tried: many times what a handshake takes, on
	// any line.
	dwell = 3 * time.Second
	// After all endpoints were tried in vain there is a pause: restRelayed for one that
	// is relayed, where only a better way is sought, else from restFirst, doubled each
	// time, to restLongest. WireGuard goes on trying the first endpoint meanwhile.
	restRelayed = time.Minute
	restFirst   = 4 * time.Second
	restLongest = time.Minute
	// maxCandidates bounds how many endpoints of a member are tried.
	maxCandidates = 10
)

// State is all that a decision is made from.
type State struct {
	Self   pool.Member
	Roster pool.Roster
	Seen   []pool.Seen // what gossip sees, with each member's facts
	Status []overlay.PeerStatus
	Local  []string          // this machine's own endpoints, host:port
	Learnt map[string]string // member's ID -> endpoint that worked last
	// Attempts are those of the last Choice; nil at first.
	Attempts map[string]Attempt
	Now      time.Time
}

// Attempt is what is remembered about a member from one decision to the next.
type Attempt struct {
	Key   string    // the member's: with another one all begins anew
	Of    string    // what is tried, to see when that changes
	Index int       // of the endpoint that is tried
	Since time.Time // when its turn began
	Rest  time.Time // until when there is a pause; zero while endpoints are tried
	Pause time.Duration

	Received int64     // bytes so far
	Heard    time.Time // when they last grew
}

// Choice is a decision.
type Choice struct {
	// Peers are the roster's members without this one, in the roster's order. Each
	// pool address is in exactly one's Allowed.
	Peers    []overlay.Peer
	Attempts map[string]Attempt
	// Renew are keys of peers to be taken away and given again: WireGuard begins at
	// most one handshake in 5 s with a peer (Rekey-Timeout), but at once with a new one
	// that has a keepalive, so a second endpoint would else be passed over unasked.
	Renew []string
	// Direct has each member's ID, true if it is reached directly.
	Direct map[string]bool
	// Via has the ID of who relays, by the ID of whom.
	Via map[string]string
	// Learnt has the endpoints of those that are reached directly, and of the others
	// what was known before.
	Learnt map[string]string
	// Next is when the decision changes by itself; zero if it does not.
	Next time.Time
}

// Choose decides.
func Choose(s State) Choice {
	c := Choice{
		Attempts: map[string]Attempt{}, Direct: map[string]bool{},
		Via: map[string]string{}, Learnt: map[string]string{},
	}
	status := make(map[string]overlay.PeerStatus, len(s.Status))
	for _, p := range s.Status {
		status[p.Key] = p
	}
	seen := bySeen(s.Seen)
	members := others(s)
	for _, m := range members {
		p, known := status[m.Key]
		a := s.Attempts[m.ID]
		if a.Key != m.Key {
			a = Attempt{Key: m.Key}
		}
		if p.Received != a.Received {
			a.Received, a.Heard = p.Received, s.Now
		}
		limit := silence
		if seen[m.Address].State == pool.Gone {
			limit = silenceGone
		}
		direct := known && isFresh(p, s.Now) && s.Now.Sub(a.Heard) < limit
		c.Direct[m.ID] = direct
		if direct {
			a = Attempt{Key: a.Key, Received: a.Received, Heard: a.Heard}
		}
		c.Attempts[m.ID] = a
		if e := s.Learnt[m.ID]; e != "" {
			c.Learnt[m.ID] = e
		}
		if direct && p.Endpoint.IsValid() {
			c.Learnt[m.ID] = p.Endpoint.String()
		}
	}
	relayed := relays(s, members, c.Direct, seen)
	behind := map[string][]netip.Prefix{} // a relay's ID -> whom it relays
	for _, m := range members {
		if via := relayed[m.ID]; via != "" {
			c.Via[m.ID] = via
			behind[via] = append(behind[via], only(m.Address))
		}
	}
	for _, m := range members {
		peer := overlay.Peer{Key: m.Key, Keepalive: Keepalive}
		if c.Via[m.ID] == "" {
			peer.Allowed = append([]netip.Prefix{only(m.Address)}, behind[m.ID]...)
		}
		if !c.Direct[m.ID] {
			c.try(s, m, seen[m.Address].Facts, status, &peer)
		}
		c.Peers = append(c.Peers, peer)
	}
	return c
}

// try goes on with a member's endpoints, one after the other.
func (c *Choice) try(s State, m pool.Member, f pool.Facts, status map[string]overlay.PeerStatus, peer *overlay.Peer) {
	list := Candidates(s, m, f)
	a := c.Attempts[m.ID]
	of := strings.Join(s.Local, " ") + " > " + strings.Join(list, " ")
	switch {
	case a.Of != of || !a.Rest.IsZero() && !s.Now.Before(a.Rest):
		if a.Of != of {
			a.Pause = 0
		}
		a.Of, a.Index, a.Since, a.Rest = of, 0, s.Now, time.Time{}
	case a.Rest.IsZero() && s.Now.Sub(a.Since) >= dwell:
		a.Index, a.Since = a.Index+1, s.Now
	}
	if a.Rest.IsZero() && a.Index >= len(list) {
		a.Index, a.Pause = 0, min(max(2*a.Pause, restFirst), restLongest)
		if c.Via[m.ID] != "" {
			a.Pause = restRelayed
		}
		a.Rest = s.Now.Add(a.Pause)
	}
	next := a.Rest
	if next.IsZero() {
		next = a.Since.Add(dwell)
	}
	if c.Next.IsZero() || next.Before(c.Next) {
		c.Next = next
	}
	c.Attempts[m.ID] = a
	if len(list) == 0 {
		return // it has to come to us
	}
	peer.Endpoint = list[a.Index]
	// A peer whose session may still hold is only pointed elsewhere: what is sent to it
	// is authentic there too, and it answers.
	p, known := status[m.Key]
	if known && !isFresh(p, s.Now) && p.Endpoint.IsValid() && p.Endpoint.String() != peer.Endpoint && a.Rest.IsZero() && a.Since.Equal(s.Now) {
		c.Renew = append(c.Renew, m.Key)
	}
}

func isFresh(p overlay.PeerStatus, now time.Time) bool {
	return !p.LastHandshake.IsZero() && now.Sub(p.LastHandshake) < fresh
}

// others are the roster's members without this one. None without a key, which cannot
// be met, and none whose key or address another has already.
func others(s State) []pool.Member {
	keys, addresses := map[string]bool{s.Self.Key: true, "": true}, map[netip.Addr]bool{s.Self.Address: true}
	var list []pool.Member
	for _, m := range s.Roster.Members {
		if m.ID == s.Self.ID || keys[m.Key] || addresses[m.Address] || !m.Address.IsValid() {
			continue
		}
		keys[m.Key], addresses[m.Address] = true, true
		list = append(list, m)
	}
	return list
}

func bySeen(list []pool.Seen) map[netip.Addr]pool.Seen {
	seen := make(map[netip.Addr]pool.Seen, len(list))
	for _, x := range list {
		seen[x.Address] = x
	}
	return seen
}

func only(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// Candidates lists where a member may be met, the likeliest first: in a network that
// this machine is in too; then where it was met last, where it says that it is now, and
// where it was when it joined, of these those that can be reached from here by their
// kind first. What is this machine itself, or in the pool's own network, is left out.
func Candidates(s State, m pool.Member, f pool.Facts) []string {
	local := make([]netip.Addr, 0, len(s.Local))
	mine := map[netip.Addr]bool{}
	six := false
	for _, e := range s.Local {
		if a, err := netip.ParseAddrPort(e); err == nil {
			ip := a.Addr().Unmap()
			local, mine[ip] = append(local, ip), true
			six = six || ip.Is6() && !ip.IsPrivate()
		}
	}
	var ranks [3][]string
	known := map[string]bool{}
	add := func(endpoint string, worked bool) {
		if known[endpoint] || pool.CheckEndpoint(endpoint) != nil {
			return
		}
		known[endpoint] = true
		rank := 1
		if a, err := netip.ParseAddrPort(endpoint); err == nil {
			ip := a.Addr().Unmap()
			if _, inside := s.Roster.At(ip); inside || mine[ip] || ip.IsLoopback() {
				return
			}
			switch {
			case slices.ContainsFunc(local, func(l netip.Addr) bool { return near(l, ip) }):
				rank = 0
			case worked:
			case ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.Is6() && !six:
				rank = 2
			}
		}
		ranks[rank] = append(ranks[rank], endpoint)
	}
	if e := s.Learnt[m.ID]; e != "" {
		add(e, true)
	}
	for _, e := range f.Endpoints {
		add(e, false)
	}
	for _, e := range m.Endpoints {
		add(e, false)
	}
	list := slices.Concat(ranks[0], ranks[1], ranks[2])
	return list[:min(len(list), maxCandidates)]
}

// near tells whether two addresses look as if they were in one network: a home's has
// the first 24 bits in common, or 64 with IPv6.
func near(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return err == nil && p.Contains(b)
}
