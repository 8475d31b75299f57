package pool

import (
	"context"
	"net/netip"
	"time"
)

// Request is what a machine that wants to join says of itself. It is sent once the
// machine knows that it speaks to the pool that its token names.
type Request struct {
	Token  string `json:"token"`  // the token's ID
	Secret string `json:"secret"` // the token's secret; never logged

	ID        string   `json:"id"`   // UUID that the machine drew; the same when it tries again
	Name      string   `json:"name"` // that it would like; "" lets the pool choose
	CSR       string   `json:"csr"`  // PEM; only its key counts
	Key       string   `json:"key"`  // WireGuard's public key, base64
	Endpoints []string `json:"endpoints"`
	Arch      string   `json:"arch"`
	MemoryMB  int      `json:"memory_mb"`
	Version   string   `json:"version"` // of dcloud
	// Protocol is the version of this exchange: 1.
	Protocol int       `json:"protocol"`
	Time     time.Time `json:"time"` // by the machine's clock
	// Taken are ranges in use around the machine, which the pool's must not touch.
	Taken []netip.Prefix `json:"taken,omitempty"`
	// Seen is where the request came from, as the server sees it; the machine's own
	// word is ignored.
	Seen netip.AddrPort `json:"-"`
}

// String hides what is secret.
func (r Request) String() string { return "(request of " + r.ID + ")" }

// GoString hides what is secret from %#v.
func (r Request) GoString() string { return "pool.Request{…}" }

// Admission is all that a machine needs to be a member.
type Admission struct {
	Member Member `json:"member"`

	Pool       netip.Prefix `json:"pool"`
	Domain     string       `json:"domain"`
	HTTPPort   int          `json:"http_port"`
	HTTPSPort  int          `json:"https_port"`
	Datacenter string       `json:"datacenter"`
	Region     string       `json:"region"`
	Timezone   string       `json:"timezone"`

	Authority string            `json:"authority"`       // certificate, PEM
	Certs     map[string]string `json:"certs"`           // name as in node.Layout.Cert -> certificate, PEM, for the CSR's key
	Secrets   map[string]string `json:"secrets"`         // file in node.Layout.Secrets -> value; a server gets all of them
	AuthKey   string            `json:"auth_key"`        // the authority's key, PEM: for a server only
	Intro     string            `json:"intro,omitempty"` // Nomad's client introduction token, good for minutes

	Roster  []byte            `json:"roster"`  // signed
	Engines map[string]string `json:"engines"` // name -> version that the pool runs
}

// String hides what is secret.
func (Admission) String() string { return "(admission)" }

// GoString hides what is secret from %#v.
func (Admission) GoString() string { return "pool.Admission{…}" }

// Admitter decides who joins. The control service is one.
type Admitter interface {
	// Admit checks the token and takes the machine in, as joining. Asked again by the
	// same machine (ID, Key and the CSR's key) with the same token it answers again
	// and uses up nothing more. Errors that the machine may see are *agent.Error;
	// for one that a wrong secret caused, errors.Is(err, ErrSecret), and while somebody
	// has to accept the machine first, errors.Is(err, ErrPending).
	Admit(ctx context.Context, r Request) (Admission, error)
	// Confirm is asked by the new member over the pool's network once all works there.
	// It answers when Nomad reports the machine ready, or ctx ends.
	Confirm(ctx context.Context, id string) error
	// Decline takes back what Admit gave to a machine that is still joining.
	Decline(ctx context.Context, id string) error
}
