// Package member makes this machine a member of its pool: it runs the private
// network, the gossip and the peer API with this node's keys, keeps the roster, and
// on a server opens the join port while a token waits to be used.
//
// A cloud of one machine does without all of that until its first token. It depends
// on agent/pool and the packages beneath it, on agent/engine for the overlay's
// process, and on provisioning/node for this machine's files. Start reading at New,
// then Run (run.go); roster.go says who belongs here, keys.go how keys are replaced.
package member

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/peer"
	"github.com/dentropy/dcloud/provisioning/node"
)

// Options are what a member is made of.
type Options struct {
	Log      *slog.Logger
	Layout   node.Layout
	Node     node.Node
	Program  string // our own executable, which the overlay's process runs too
	Version  string // of dcloud
	MemoryMB int
	Arch     string
	Docker   string // path of Docker's socket
	// Engines tells how the engines of this machine are.
	Engines func() []agent.Engine
	// Uses tells what apps use on this machine. It may be nil.
	Uses func(ctx context.Context) (pool.Uses, error)
	// Opened is called when this machine, which was alone, begins to take part in a
	// pool. It may be nil.
	Opened func(ctx context.Context)
	// Followed is told of each newer roster, and of new secrets on disk (keys true).
	// It may be nil.
	Followed func(ctx context.Context, r pool.Roster, keys bool)
	Now      func() time.Time
}

// Control is the control service of a server.
type Control interface {
	pool.Admitter
	WatchRoster(ctx context.Context, each func(pool.Roster)) error
	WatchTokens(ctx context.Context, each func(open bool, call []string)) error
	Nodes(ctx context.Context) ([]agent.Node, error)
	NodePlan(ctx context.Context, name string) (agent.NodePlan, error)
	Drain(ctx context.Context, name string) (agent.Operation, error)
	DismissServer(ctx context.Context, m pool.Member) error
	RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error)
	Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error)
}

// Member is this machine in its pool.
type Member struct {
	Options
	authority *x509.Certificate
	overlay   *engine.Supervisor // of the overlay's process alone; nil where the kernel does it
	peers     *peer.Client

	opened   chan struct{} // closed once this machine takes part in a pool
	joinable atomic.Bool   // machines can join here now
	told     chan struct{} // holds one: something is to be told to the others

	keeping sync.Mutex // one at a time writes the roster down
	opening sync.Mutex // one at a time opens
	keying  sync.Mutex // one at a time replaces keys, so that older ones never follow newer
	leaving sync.WaitGroup

	mu      sync.Mutex
	roster  pool.Roster
	signed  []byte
	device  overlay.Device
	gossip  *gossip.Gossip
	changed chan struct{} // closed and replaced when the roster is another
}

// New prepares a member from what lies on disk. Nothing runs before Run.
func New(o Options) (*Member, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	authority, err := node.AuthorityCert(o.Layout)
	if err != nil {
		return nil, err
	}
	m := &Member{Options: o, authority: authority, opened: make(chan struct{}), told: make(chan struct{}, 1), changed: make(chan struct{})}
	if err := os.MkdirAll(m.dir(), 0o700); err != nil {
		return nil, err
	}
	if err := m.load(); err != nil {
		// The servers and the other members have it, and tell it again.
		o.Log.Warn("the roster on disk cannot be used", "err", err)
	}
	m.peers = peer.NewClient(peer.Options{Certificate: m.certificate, Authority: authority, Roster: m.Roster})
	kind, err := node.InterfaceKind(node.Interface)
	if err != nil {
		return nil, err
	}
	if kind != node.KindWireGuard {
		if m.overlay, err = m.supervise(); err != nil {
			return nil, err
		}
	}
	if m.takesPart() {
		close(m.opened)
	}
	return m, nil
}

func (m *Member) dir() string { return m.Layout.Pool() }

// takesPart tells whether this machine is, or was about to be, one of several.
func (m *Member) takesPart() bool {
	if m.Node.Role != pool.RoleServer || !m.Node.First || len(m.roster.Members) > 1 {
		return true
	}
	_, err := os.Stat(m.Layout.OpenMark())
	return err == nil
}

// Open starts the private network for good: others are about to join. It returns when
// the engines have followed.
func (m *Member) Open(ctx context.Context) {
	m.opening.Lock()
	defer m.opening.Unlock()
	if m.TakesPart() {
		return
	}
	if err := node.WriteFile(m.Layout.OpenMark(), nil); err != nil {
		m.Log.Warn("after a restart the private network will wait for the next token", "err", err)
	}
	close(m.opened)
	if m.Opened != nil {
		m.Opened(ctx)
	}
}

// TakesPart tells whether the private network runs.
func (m *Member) TakesPart() bool {
	select {
	case <-m.opened:
		return true
	default:
		return false
	}
}

// Self is this machine as a member.
func (m *Member) Self() (pool.Member, error) {
	key, err := m.publicKey()
	if err != nil {
		return pool.Member{}, err
	}
	return pool.Member{
		ID: m.Node.ID, Name: m.Node.Name, Role: m.Node.Role, Address: m.Node.Address, Key: key,
		Endpoints: ownEndpoints(), Joined: m.Node.Created,
	}, nil
}

func (m *Member) publicKey() (string, error) {
	private, err := node.WireGuardKey(m.Layout)
	if err != nil {
		return "", err
	}
	return overlay.PublicKey(private)
}

// certificate is read anew each time: it is renewed while we run.
func (m *Member) certificate() (*tls.Certificate, error) {
	cert, err := node.PeerCertificate(m.Layout)
	return &cert, err
}

// Peers speaks to the other members.
func (m *Member) Peers() *peer.Client { return m.peers }

// Status tells how the private network is: an engine like the others, none before it
// is open or where the kernel does it.
func (m *Member) Status() []agent.Engine {
	if m.overlay == nil || !m.TakesPart() {
		return nil
	}
	return m.overlay.Status()
}

// Seen is what the gossip sees; nil before it runs.
func (m *Member) Seen() []pool.Seen {
	m.mu.Lock()
	g := m.gossip
	m.mu.Unlock()
	if g == nil {
		return nil
	}
	return g.Seen()
}
