package gossip

import (
	"time"

	"github.com/hashicorp/memberlist"
)

// How soon a dead member is noticed follows from four figures:
//
//   - It is probed for the first time after it died: each living member probes one
//     other per probeInterval, going round all, so with n members some one of the n-1
//     living ones comes to it within about one interval (two members: at most two).
//   - That probe fails one probeInterval after it began.
//   - The suspicion lasts suspicionMult * max(1, log10 n) * probeInterval: 2 intervals
//     for up to ten members, 4.6 for two hundred. With suspicionMult = 2 memberlist asks
//     for no confirmation by others (k = suspicionMult-2), so this is also the longest.
//   - The word goes round in log4(n) times gossipInterval.
//
// With 300 ms that is 0.3 to 0.6 + 0.3 + 0.6 + 0.1 to 0.3 = 1.3 to 1.8 s in a small pool.
//
// probeTimeout is how long an answer may take before others are asked to try as well.
// That has to fit into what is left of the interval: at a round trip of 60 ms an indirect
// probe takes 120 ms, which is within the remaining 150 ms. The direct answer counts up
// to 300 ms. On a path slower than that, a living member may be seen as gone for
// moments: it hears so and objects. Nothing is stopped for being seen as gone (that takes
// Nomad's and Consul's own, slower word), so speed is worth more here than certainty.
const (
	probeInterval = 300 * time.Millisecond
	probeTimeout  = 150 * time.Millisecond
	suspicionMult = 2
	// gossipInterval is between rounds in which news go to gossipNodes others.
	gossipInterval = 100 * time.Millisecond
	gossipNodes    = 3
	// retransmitMult times log10(n+1), rounded up, is how often each member repeats news.
	retransmitMult = 3
	// remember is how long the dead are still told that they are held for dead, so that
	// they can object. After that it is for seek to find them again.
	remember = 30 * time.Second
	// syncInterval is between full exchanges with one other, which carry what gossip lost.
	syncInterval = 30 * time.Second
	// streamTimeout bounds such an exchange: 200 members' states are 100 kB, 2 s on a
	// line of 0.5 Mbit/s.
	streamTimeout = 5 * time.Second
	// packetSize keeps a packet within an MTU of 1280, the least that IPv6 allows, on
	// the pool's own network: 20 bytes IPv4 and 8 bytes UDP are to be added.
	packetSize = 1200
	// queueDepth bounds the messages that wait to be handled.
	queueDepth = 4096
)

func settings(c Config) *memberlist.Config {
	s := memberlist.DefaultLANConfig()
	s.Name = c.Name
	s.BindAddr, s.BindPort = c.Address.String(), c.Port
	s.AdvertiseAddr, s.AdvertisePort = c.Address.String(), c.Port
	s.ProbeInterval, s.ProbeTimeout = probeInterval, probeTimeout
	s.SuspicionMult, s.SuspicionMaxTimeoutMult = suspicionMult, 1
	// TCP takes the same way as UDP, through WireGuard: probes by it would find nothing
	// more, and reach members that the fence keeps out.
	s.DisableTcpPings = true
	// No slower probing after failed ones: a member whose peers all died at once would
	// take itself for the sick one and notice late.
	s.AwarenessMaxMultiplier = 1
	s.GossipInterval, s.GossipNodes, s.RetransmitMult = gossipInterval, gossipNodes, retransmitMult
	s.GossipToTheDeadTime = remember
	// A name that was given to another machine is taken over from the one that went.
	s.DeadNodeReclaimTime = time.Second
	s.PushPullInterval, s.TCPTimeout = syncInterval, streamTimeout
	s.UDPBufferSize, s.HandoffQueueDepth = packetSize, queueDepth
	// Facts are short and LZW saves little of them, at a price in time and garbage.
	s.EnableCompression = false
	// Nothing is ever looked up in DNS: all addresses are numbers.
	s.DNSConfigPath = "/dev/null"
	return s
}
