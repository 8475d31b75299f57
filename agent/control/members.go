package control

import (
	"context"
	"net/netip"

	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/agent/pool"
)

// Membership is what the control service works with where it decides who belongs to
// the pool. What needs this machine's keys is handed in, so that none is held here.
type Membership struct {
	Self        pool.Member
	Range       netip.Prefix // of the pool's private network
	Region      string       // Nomad's
	Authority   string       // the pool's, PEM
	Fingerprint [32]byte     // SHA-256 of its certificate (DER)
	// Issue makes a member's certificates, for the key of its CSR (PEM).
	Issue func(m pool.Member, csr string) (certs map[string]string, err error)
	// Secrets lists what a member of a role is given, by file name; Consul's tokens
	// are not among them.
	Secrets func(role string) (map[string]string, error)
	// AuthorityKey is the authority's private key, PEM, for a new server.
	AuthorityKey func() (string, error)
	// Sign makes a roster one that members believe.
	Sign func(pool.Roster) ([]byte, error)
	// Endpoints lists where this machine may be met from outside, host:port, the
	// likeliest first.
	Endpoints func() []string
	// Engines are the versions that the pool runs.
	Engines map[string]string
	// Seen is what the gossip sees; nil before it runs.
	Seen func() []pool.Seen
	// Rotate replaces the keys that a removed machine of a role knew, on all that are
	// there.
	Rotate func(ctx context.Context, role string) error
	// DockerAt speaks to the Docker of another machine of the pool.
	DockerAt func(node string) (*client.Client, error)
	// UsesAt tells what apps use on another machine of the pool; nil where machines
	// cannot be asked that.
	UsesAt func(ctx context.Context, node string) (pool.Uses, error)
}
