// Package gossip is the pool's nervous system: hashicorp/memberlist over the pool's
// private network, encrypted, behind few methods. It tells within about two seconds
// that a member is gone, carries what each member tells of itself (pool.Facts), and
// carries the signed roster (pool.Roster) to all: whoever holds a newer one passes it
// on, and nobody can change it.
//
// Who is a member is the roster's word alone. A node that is not in it, by name,
// address, ID and WireGuard key, is refused and told nothing; a member that is in it
// and silent shows as gone, and is called again and again until it answers. So a pool
// that was off as a whole finds itself again, with no server needed for it.
//
// It depends on package pool and on memberlist. Start reading at Start (gossip.go);
// settings.go says what the timing comes from, spread.go how a roster travels.
package gossip

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/dentropy/dcloud/agent/pool"
)

// KeySize is how long a gossip key is, in bytes: AES-256.
const KeySize = 32

// Config is what a member gossips with.
type Config struct {
	Log     *slog.Logger
	Name    string     // the member's, one of a kind in the pool
	Address netip.Addr // in the pool; nothing is bound to any other
	Port    int        // TCP and UDP, the same for all members; 0 is pool.GossipPort
	Key     []byte     // KeySize bytes, the same for all members
	Facts   pool.Facts // of this member; its Serial is filled in here
	// Authority has signed the roster.
	Authority *x509.Certificate
	Roster    []byte // signed; empty if there is none yet: then nobody else is known
	// OnRoster is told of each newer roster, wherever it came from, Publish included.
	// It is called by one goroutine, so never twice at once; while it is busy, only the
	// newest of those that came meanwhile waits. It must not call Close.
	OnRoster func(signed []byte, r pool.Roster)
	// Transport replaces the network, in tests.
	Transport memberlist.Transport
}

// Gossip is a running member. All methods may be called at any time from anywhere.
type Gossip struct {
	log     *slog.Logger
	config  Config
	list    *memberlist.Memberlist
	ready   atomic.Pointer[memberlist.Memberlist] // list, for what memberlist calls before it is made
	keys    *memberlist.Keyring
	spread  *memberlist.TransmitLimitedQueue
	wake    chan struct{} // of the loop; holds one
	news    chan struct{} // of the goroutine that calls OnRoster; holds one
	stop    context.CancelFunc
	stopped context.Context
	done    sync.WaitGroup
	answers chan struct{} // a place for each roster that is being sent

	telling sync.Mutex // one at a time tells memberlist of new facts, or leaves

	mu      sync.Mutex // never held while memberlist is called
	book    *book      // what the roster says; replaced, never changed
	seen    map[string]record
	facts   pool.Facts
	meta    []byte // facts as they travel
	heard   heard  // the newest roster that others speak of
	changed chan struct{}
	leaving bool
}

// Start begins to gossip, and to call the members of the roster until all are there.
// Errors are about the configuration or the address: one that the machine does not
// have, or whose port is taken.
func Start(c Config) (*Gossip, error) {
	if c.Port == 0 {
		c.Port = pool.GossipPort
	}
	if len(c.Key) != KeySize {
		return nil, fmt.Errorf("start gossip: the key has %d bytes, not %d", len(c.Key), KeySize)
	}
	if !c.Address.IsValid() || c.Name == "" || len(c.Name) > maxName || c.Authority == nil {
		return nil, fmt.Errorf("start gossip: it needs a name (of %d bytes at most), an address and the pool's authority", maxName)
	}
	keys, err := memberlist.NewKeyring(nil, bytes.Clone(c.Key))
	if err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	g := &Gossip{
		log: c.Log, config: c, keys: keys, book: newBook(nil, pool.Roster{}),
		wake: make(chan struct{}, 1), news: make(chan struct{}, 1), answers: make(chan struct{}, maxAnswers),
		seen: map[string]record{}, changed: make(chan struct{}),
	}
	if len(c.Roster) > 0 {
		r, err := g.open(c.Roster)
		if err != nil {
			return nil, fmt.Errorf("start gossip: %w", err)
		}
		g.book = newBook(bytes.Clone(c.Roster), r)
	}
	first := g.book
	g.facts = c.Facts
	g.meta = g.encode()
	g.welcome(g.book)
	lines := &logger{log: c.Log, now: time.Now}
	transport := c.Transport
	if transport == nil {
		transport, err = memberlist.NewNetTransport(&memberlist.NetTransportConfig{
			BindAddrs: []string{c.Address.String()}, BindPort: c.Port, Logger: log.New(lines, "", 0),
		})
		if err != nil {
			return nil, fmt.Errorf("start gossip at %s: %w", net.JoinHostPort(c.Address.String(), strconv.Itoa(c.Port)), err)
		}
	}
	settings := settings(c)
	settings.Logger = log.New(lines, "", 0)
	settings.Keyring = keys
	settings.Transport = &fence{Transport: transport, allowed: g.known}
	settings.Delegate, settings.Events, settings.Alive, settings.Conflict = (*delegate)(g), (*events)(g), (*guard)(g), (*guard)(g)
	g.spread = &memberlist.TransmitLimitedQueue{RetransmitMult: settings.RetransmitMult, NumNodes: g.size}
	g.stopped, g.stop = context.WithCancel(context.Background())
	g.list, err = memberlist.Create(settings)
	if err != nil {
		g.stop()
		_ = transport.Shutdown()
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	g.ready.Store(g.list)
	g.done.Go(g.seek)
	g.done.Go(func() { g.tell(first) })
	return g, nil
}

// Join calls members at pool addresses, one after the other, and gives how many
// answered. Those of the roster are called without being asked for; an address that
// is not in the roster is refused.
func (g *Gossip) Join(addresses []netip.Addr) (int, error) {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = net.JoinHostPort(a.String(), strconv.Itoa(g.config.Port))
	}
	n, err := g.list.Join(list)
	if err != nil {
		return n, fmt.Errorf("join the gossip: %w", err)
	}
	return n, nil
}

// SetFacts replaces what this member tells of itself, and spreads it.
func (g *Gossip) SetFacts(f pool.Facts) error {
	g.mu.Lock()
	if f.ID != g.config.Facts.ID || f.Key != g.config.Facts.Key {
		g.mu.Unlock()
		return errors.New("set facts: a member's ID and key are its for life")
	}
	g.facts = f
	g.mu.Unlock()
	g.tellFacts()
	return nil
}

// tellFacts lets memberlist announce the facts if they are not as they were.
func (g *Gossip) tellFacts() {
	g.telling.Lock()
	defer g.telling.Unlock()
	g.mu.Lock()
	meta := g.encode()
	same := bytes.Equal(meta, g.meta) || g.leaving
	g.meta = meta
	g.mu.Unlock()
	if same || g.stopped.Err() != nil {
		return
	}
	// The time limit is for waiting until the news are out, which nothing here needs:
	// they are queued before that. So its error says nothing.
	_ = g.list.UpdateNode(time.Nanosecond)
}

// encode writes the facts, with the roster's serial. The caller holds mu, or is the
// only one yet.
func (g *Gossip) encode() []byte {
	f := g.facts
	f.Serial = g.book.roster.Serial
	return f.Encode()
}

// Publish takes a roster that a server has signed and spreads it. One that is not
// newer than the one that is here changes nothing; one that the authority has not
// signed is an error.
func (g *Gossip) Publish(signed []byte) error {
	if _, err := g.take(signed); err != nil {
		return fmt.Errorf("publish the roster: %w", err)
	}
	return nil
}

// SetKeys replaces the keys: the first encrypts, all of them decrypt, any other is
// forgotten. So keys are changed without losing anyone in three rounds, each done on
// all members before the next: (old, new), (new, old), (new).
func (g *Gossip) SetKeys(primary []byte, old ...[]byte) error {
	keep := append([][]byte{primary}, old...)
	for _, k := range keep {
		// One length only: memberlist moves keys while others read them.
		if len(k) != KeySize {
			return fmt.Errorf("set the gossip keys: a key has %d bytes, not %d", len(k), KeySize)
		}
	}
	g.telling.Lock()
	defer g.telling.Unlock()
	for _, k := range keep {
		if err := g.keys.AddKey(bytes.Clone(k)); err != nil {
			return fmt.Errorf("set the gossip keys: %w", err)
		}
	}
	if err := g.keys.UseKey(primary); err != nil {
		return fmt.Errorf("set the gossip keys: %w", err)
	}
	// From the end, where the last one goes without moving others.
	for _, k := range slices.Backward(slices.Clone(g.keys.GetKeys())) {
		if slices.ContainsFunc(keep, func(x []byte) bool { return bytes.Equal(x, k) }) {
			continue
		}
		if err := g.keys.RemoveKey(k); err != nil {
			return fmt.Errorf("set the gossip keys: %w", err)
		}
	}
	return nil
}

// Leave says goodbye, so that the others see this member as left, not as gone. It
// takes a fraction of a second, the timeout at most. Close comes after it.
func (g *Gossip) Leave(timeout time.Duration) error {
	g.telling.Lock()
	defer g.telling.Unlock()
	if g.stopped.Err() != nil {
		return nil
	}
	g.mu.Lock()
	g.leaving = true
	g.mu.Unlock()
	g.sayGoodbye()
	if err := g.list.Leave(timeout); err != nil {
		return fmt.Errorf("leave the gossip: %w", err)
	}
	return nil
}

// Close ends it at once; to the others the member is then gone, unless it has left.
// It waits for an OnRoster that is under way.
func (g *Gossip) Close() error {
	g.telling.Lock()
	g.stop()
	err := g.list.Shutdown()
	g.telling.Unlock()
	g.done.Wait()
	return err
}
