// Package gossipbench runs pools of many members in memory, for tests of package
// gossip and for measuring it. It depends on package gossip. Start reading at Measure;
// Network (network.go) is what stands for the network.
package gossipbench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
)

// patience is how long Measure waits for what should take seconds.
const patience = 2 * time.Minute

// Pool is what all members of a simulated pool share.
type Pool struct {
	Network Network
	Key     []byte // of the gossip
	// Authority signs rosters; only its key counts.
	Authority *x509.Certificate
	Log       *slog.Logger
	key       *ecdsa.PrivateKey
}

// NewPool makes the keys of a pool.
func NewPool(log *slog.Logger) (*Pool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the pool's key: %w", err)
	}
	p := &Pool{Key: make([]byte, gossip.KeySize), Authority: &x509.Certificate{PublicKey: &key.PublicKey}, Log: log, key: key}
	_, err = rand.Read(p.Key)
	return p, err
}

// Member is the one with a number, from 1: at 10.213.0.1 and on.
func Member(number int) pool.Member {
	return pool.Member{
		ID:      fmt.Sprintf("00000000-0000-0000-0000-%012d", number),
		Name:    fmt.Sprintf("m%d", number),
		Role:    pool.RoleWorker,
		Address: netip.AddrFrom4([4]byte{10, 213, byte(number >> 8), byte(number)}),
		Key:     fmt.Sprintf("%043d=", number),
	}
}

// Roster lists members by their numbers, signed.
func (p *Pool) Roster(serial uint64, numbers ...int) ([]byte, error) {
	r := pool.Roster{Serial: serial, Domain: "dcloud.localhost", HTTPPort: 80, HTTPSPort: 443}
	for _, n := range numbers {
		r.Members = append(r.Members, Member(n))
	}
	return p.Sign(r)
}

// Sign signs any roster.
func (p *Pool) Sign(r pool.Roster) ([]byte, error) { return r.Sign(p.key) }

// Start starts a member, with the facts that fit its number.
func (p *Pool) Start(number int, roster []byte, onRoster func([]byte, pool.Roster)) (*gossip.Gossip, error) {
	m := Member(number)
	return gossip.Start(gossip.Config{
		Log: p.Log.With("self", m.Name), Name: m.Name, Address: m.Address, Port: Port, Key: p.Key,
		Facts:     pool.Facts{ID: m.ID, Role: m.Role, Key: m.Key, Version: "1.0.0", Arch: "arm64", MemoryMB: 1024, Endpoints: []string{"192.168.1.20:51820"}},
		Authority: p.Authority, Roster: roster, OnRoster: onRoster, Transport: p.Network.Attach(m.Address),
	})
}

// Measure starts n members in memory at once, each of which knows the roster and
// nothing else, and tells how long it took until all saw all others; then cuts the power
// of dead of them, and tells how long it took until all of the rest saw all of those as
// gone. It takes the processor for itself: with 200 members on two cores it is the
// simulation, encrypting for all of them, that limits.
func Measure(n, dead int) (joined, noticed time.Duration, err error) {
	if n < 2 || dead < 0 || dead >= n {
		return 0, 0, fmt.Errorf("of %d members %d cannot die and be noticed", n, dead)
	}
	p, err := NewPool(slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, 0, err
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i + 1
	}
	roster, err := p.Roster(1, numbers...)
	if err != nil {
		return 0, 0, err
	}
	members := make([]*gossip.Gossip, 0, n)
	defer func() {
		for _, g := range members {
			err = errors.Join(err, g.Close())
		}
	}()
	start := time.Now()
	for _, i := range numbers {
		g, err := p.Start(i, roster, nil)
		if err != nil {
			return 0, 0, fmt.Errorf("start member %d: %w", i, err)
		}
		members = append(members, g)
	}
	if err := Await(members, pool.Alive, n, patience); err != nil {
		return 0, 0, fmt.Errorf("all joined: %w", err)
	}
	joined = time.Since(start)
	start = time.Now()
	for i := range dead {
		p.Network.Kill(Member(i + 1).Address)
	}
	if err := Await(members[dead:], pool.Gone, dead, patience); err != nil {
		return joined, 0, fmt.Errorf("%d dead are noticed: %w", dead, err)
	}
	return joined, time.Since(start), nil
}

// Await waits until each member sees exactly so many in a state.
func Await(members []*gossip.Gossip, state string, count int, patience time.Duration) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	for i, g := range members {
		for {
			changed := g.Watch()
			n := 0
			for _, s := range g.Seen() {
				if s.State == state {
					n++
				}
			}
			if n == count {
				break
			}
			select {
			case <-changed:
			case <-late.C:
				return fmt.Errorf("after %s the member at place %d sees %d %s, not %d", patience, i, n, state, count)
			}
		}
	}
	return nil
}
