// Package pool holds the words with which machines become one pool: a member, the
// roster that says who is one, what a member tells of itself, and what is said when
// a machine joins.
//
// The packages beneath it do the work: overlay is the private network, gossip the
// nervous system (memberlist), join the one public port, peer what members ask one
// another over mutual TLS. None of them knows Consul or Nomad: the control service
// decides who is a member, and they carry it out. Start reading at Member (member.go)
// and Roster (roster.go).
package pool

// Roles of a member.
const (
	RoleServer  = "server"  // decides: Consul's and Nomad's servers, the control service; a front door too
	RoleIngress = "ingress" // a front door that runs apps too
	RoleWorker  = "worker"  // runs apps
)

// Ports of the pool. The first is the only one that is open to the outside, for
// WireGuard (UDP) always and for joining (TCP) while a token waits to be used.
const (
	Port       = 51820
	GossipPort = 7946 // pool's network, TCP and UDP, memberlist, encrypted
	PeerPort   = 7947 // pool's network, TCP, mutual TLS
)

// HasDoor tells whether a machine of a role is a front door: runs Traefik.
func HasDoor(role string) bool { return role == RoleServer || role == RoleIngress }

// ValidRole tells whether a machine can have the role.
func ValidRole(role string) bool {
	return role == RoleServer || role == RoleIngress || role == RoleWorker
}
