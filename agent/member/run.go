package member

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/paths"
	"github.com/dentropy/dcloud/agent/pool/peer"
	"github.com/dentropy/dcloud/provisioning/node"
)

// Run takes part in the pool until ctx ends; the private network's process goes on
// then. c is the control service on a server, nil elsewhere.
func (m *Member) Run(ctx context.Context, c Control) error {
	// The last run may have been killed when it had the roster and had not followed it.
	if r := m.Roster(); r.Serial > 0 && m.Followed != nil {
		m.Followed(ctx, r, false)
	}
	g, ctx := errgroup.WithContext(ctx)
	if c != nil {
		g.Go(func() error { return c.WatchRoster(ctx, func(r pool.Roster) { m.publish(ctx, r) }) })
		g.Go(func() error { return m.watchTokens(ctx, c) })
	}
	g.Go(func() error {
		select {
		case <-m.opened:
			return m.runOpen(ctx, c)
		case <-ctx.Done():
			return nil
		}
	})
	err := g.Wait()
	m.leaving.Wait() // who was told that it may go is removed
	return err
}

// runOpen is a member's life once there is more than one.
func (m *Member) runOpen(ctx context.Context, c Control) error {
	if err := m.connectDevice(); err != nil {
		return fmt.Errorf("start the private network: %w", err)
	}
	self, err := m.Self()
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx) // from here on nothing returns without waiting for it
	if m.overlay != nil {
		g.Go(func() error { return m.overlay.Run(ctx) })
	}
	runner := paths.New(paths.Config{
		Log: m.Log, Self: self, Device: m.currentDevice, Roster: m.Roster, Seen: m.Seen,
		Store: filepath.Join(m.dir(), "paths.json"), Now: m.Now,
	})
	g.Go(func() error { return runner.Run(ctx) })
	g.Go(func() error { return m.servePeers(ctx, c, self) })
	g.Go(func() error { return m.runGossip(ctx, self, runner) })
	g.Go(func() error { return m.keepKeys(ctx) })
	g.Go(func() error { return m.keepCerts(ctx) })
	return g.Wait()
}

// runGossip joins the others and tells them of this machine.
func (m *Member) runGossip(ctx context.Context, self pool.Member, runner *paths.Runner) error {
	m.mu.Lock()
	signed := m.signed
	m.mu.Unlock()
	m.keying.Lock() // keys that come now are told to the gossip, or it begins with them
	key, err := m.gossipKey()
	if err != nil {
		m.keying.Unlock()
		return err
	}
	g, err := gossip.Start(gossip.Config{
		Log: m.Log, Name: m.Node.Name, Address: m.Node.Address, Port: pool.GossipPort, Key: key,
		Facts: m.facts(self, ""), Authority: m.authority, Roster: signed,
		OnRoster: func(signed []byte, r pool.Roster) {
			if _, err := m.take(ctx, signed, r); err != nil {
				m.Log.Error("the roster cannot be kept", "err", err)
			}
		},
	})
	if err != nil {
		m.keying.Unlock()
		return fmt.Errorf("start the gossip: %w", err)
	}
	defer g.Close() // without a goodbye: the machine is still there
	m.mu.Lock()
	m.gossip = g
	m.mu.Unlock()
	m.keying.Unlock()
	defer func() {
		m.mu.Lock()
		m.gossip = nil
		m.mu.Unlock()
	}()
	// What was published before the gossip ran.
	m.mu.Lock()
	signed = m.signed
	m.mu.Unlock()
	if signed != nil {
		if err := g.Publish(signed); err != nil {
			m.Log.Warn("the roster cannot be told to the others", "err", err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return m.tellFacts(ctx, g, self, runner) })
	group.Go(func() error { return m.relayJoins(ctx, g) })
	return group.Wait()
}

func (m *Member) gossipKey() ([]byte, error) {
	s, err := node.LoadSecrets(m.Layout)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(s.PoolGossip)
	if err != nil {
		return nil, fmt.Errorf("the gossip's key is damaged: %w", err)
	}
	return key, nil
}

// servePeers answers the other members.
func (m *Member) servePeers(ctx context.Context, c Control, self pool.Member) error {
	l, err := net.Listen("tcp", netip.AddrPortFrom(m.Node.Address, pool.PeerPort).String())
	if err != nil {
		return fmt.Errorf("listen to the other members: %w", err)
	}
	o := peer.Options{
		Log: m.Log, Certificate: m.certificate, Authority: m.authority, Self: self, Roster: m.Roster,
		SetKeys: m.setKeys, Uses: m.Uses, Docker: m.Docker,
	}
	if c != nil {
		o.Confirm = c.Confirm
		o.Nodes = c.Nodes
		o.Leave = func(ctx context.Context, id string, abandon bool, each func(event)) error {
			return m.letGo(ctx, c, id, abandon, each)
		}
		o.Secrets = m.keysFor
		o.Renew = m.renewFor
	}
	return peer.NewServer(o).Serve(ctx, l)
}
