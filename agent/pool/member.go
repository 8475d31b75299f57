package pool

import (
	"net/netip"
	"time"
)

// Member is a machine that belongs to the pool, as the servers keep it (Consul KV,
// dcloud/nodes/ID) and as the roster carries it to all.
type Member struct {
	ID      string     `json:"id"`   // UUID, also Consul's node ID
	Name    string     `json:"name"` // a DNS label, one of a kind
	Role    string     `json:"role"`
	Address netip.Addr `json:"address"` // in the pool, for life
	Key     string     `json:"key"`     // WireGuard's public key, base64
	// Endpoints are host:port where it may be met from outside, the likeliest first,
	// as known when it joined. What it tells of itself now is in Facts.
	Endpoints []string `json:"endpoints,omitempty"`
	// Joining is true until the machine has told that it works.
	Joining bool      `json:"joining,omitempty"`
	Joined  time.Time `json:"joined"`
}

// Facts are what a member tells of itself, in memberlist's metadata: 512 bytes at
// most. Its name and pool address are memberlist's own.
type Facts struct {
	ID        string            `json:"i"`
	Role      string            `json:"r"`
	Key       string            `json:"k"` // WireGuard's public key
	Version   string            `json:"v"` // of dcloud
	Arch      string            `json:"a"`
	MemoryMB  int               `json:"m"`
	Endpoints []string          `json:"e,omitempty"` // host:port; cut from the end where they do not fit
	Engines   map[string]string `json:"g,omitempty"` // engine -> its state, those that are not ready only
	Serial    uint64            `json:"s,omitempty"` // of the roster that it has
	Open      bool              `json:"o,omitempty"` // a server: machines can join now
	// Direct says whom it meets directly, so that others know for whom it can relay:
	// as Reach writes it.
	Direct string `json:"d,omitempty"`
}

// States in which a member is seen.
const (
	Alive = "alive"
	Gone  = "gone" // did not answer, nor did others get an answer
	Left  = "left" // said goodbye
)

// Seen is a member as the gossip sees it.
type Seen struct {
	Name    string
	Address netip.Addr
	State   string
	Since   time.Time
	Facts   Facts
}
