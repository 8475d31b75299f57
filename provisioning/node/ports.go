package node

import "fmt"

// Ports of the engines and the agent, all on loopback or the pool's own
// addresses. They are the engines' defaults, so that what is written about them
// elsewhere holds here.
const (
	ConsulHTTPPort = 8500 // loopback, plain HTTP, ACLs deny by default
	ConsulRPCPort  = 8300 // pool, mutual TLS
	ConsulSerfPort = 8301 // pool, TCP and UDP, gossip key
	NomadHTTPPort  = 4646 // loopback, mutual TLS
	NomadRPCPort   = 4647 // pool, mutual TLS
	NomadSerfPort  = 4648 // pool, TCP and UDP, gossip key
	PingPort       = 8082 // loopback, Traefik's readiness
	AgentPort      = 7080 // loopback, the agent's API and the panel

	// The agent's own, for the pool; the numbers are agent/pool's.
	JoinPort   = 51820 // all addresses: UDP WireGuard, TCP joining while a token waits to be used
	GossipPort = 7946  // pool, TCP and UDP, memberlist, encrypted
	PeerPort   = 7947  // pool, mutual TLS
)

// Range of the ports that Nomad gives to apps, on the pool's address.
const (
	MinAppPort = 20000
	MaxAppPort = 32000
)

// engineOf names who uses a port on this machine already, "" for nobody of ours.
func engineOf(port int) string {
	switch port {
	case ConsulHTTPPort, ConsulRPCPort, ConsulSerfPort:
		return "Consul"
	case NomadHTTPPort, NomadRPCPort, NomadSerfPort:
		return "Nomad"
	case PingPort:
		return "Traefik's readiness check"
	case AgentPort, GossipPort, PeerPort:
		return "the agent"
	case JoinPort:
		return "the pool, for joining it"
	}
	if port >= MinAppPort && port <= MaxAppPort {
		return fmt.Sprintf("the range %d to %d, from which apps get theirs", MinAppPort, MaxAppPort)
	}
	return ""
}
