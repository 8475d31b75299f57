package node

import "slices"

// Roles of a machine in its pool.
const (
	RoleServer  = "server"  // decides: Consul's and Nomad's servers; a front door too
	RoleIngress = "ingress" // a front door that runs apps too
	RoleWorker  = "worker"  // runs apps
)

func validRole(role string) bool {
	return role == RoleServer || role == RoleIngress || role == RoleWorker
}

// hasDoor tells whether a machine of the role is a front door: runs Traefik.
func hasDoor(role string) bool { return role == RoleServer || role == RoleIngress }

// IsServer tells whether the machine decides: has the pool's authority and runs
// Consul's and Nomad's servers.
func (n Node) IsServer() bool { return n.Role == RoleServer }

// HasDoor tells whether the machine is a front door: runs Traefik.
func (n Node) HasDoor() bool { return hasDoor(n.Role) }

// Alone tells whether the machine is the first server and knows no other.
func (n Node) Alone() bool { return n.First && len(n.Servers) == 0 }

// Engines lists the engines that the machine runs, in the order in which they are
// started.
func (n Node) Engines() []string {
	if n.HasDoor() {
		return []string{Consul, Nomad, Traefik}
	}
	return []string{Consul, Nomad}
}

// Runs tells whether the machine runs an engine.
func (n Node) Runs(engine string) bool { return slices.Contains(n.Engines(), engine) }
