package member

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// RosterFile is where a machine keeps the newest roster that it has, signed.
func RosterFile(l node.Layout) string { return filepath.Join(l.Pool(), "roster.json") }

// load reads the roster of the last run.
func (m *Member) load() error {
	data, err := os.ReadFile(RosterFile(m.Layout))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := pool.OpenRoster(data, m.authority)
	if err != nil {
		return err
	}
	m.roster, m.signed = r, data
	return nil
}

// Roster is the newest one that this machine knows.
func (m *Member) Roster() pool.Roster {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.roster
}

// watch returns the roster and a channel that closes when there is a newer one.
func (m *Member) watch() (pool.Roster, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.roster, m.changed
}

// take follows a roster if it is newer, and keeps it for the next start. It tells
// whether it was.
func (m *Member) take(ctx context.Context, signed []byte, r pool.Roster) (bool, error) {
	m.mu.Lock()
	if r.Serial <= m.roster.Serial && m.signed != nil {
		m.mu.Unlock()
		return false, nil
	}
	keys := m.signed != nil && r.Keys != m.roster.Keys
	m.roster, m.signed = r, signed
	close(m.changed)
	m.changed = make(chan struct{})
	m.mu.Unlock()
	// A full disk is no reason to go on with members that were removed.
	err := m.keepRoster()
	m.Log.Info("the roster is new", "serial", r.Serial, "members", len(r.Members))
	if _, in := r.Member(m.Node.ID); !in {
		m.Log.Error("this machine was removed from its cloud", "serial", r.Serial)
	}
	if m.Followed != nil {
		m.Followed(ctx, r, keys)
	}
	return true, err
}

// keepRoster writes the newest roster for the next start. Two may come at once, from
// this server and from the others: the older must not be what is left on disk.
func (m *Member) keepRoster() error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	m.mu.Lock()
	signed := m.signed
	m.mu.Unlock()
	if err := node.WriteFile(RosterFile(m.Layout), signed); err != nil {
		return fmt.Errorf("keep the roster: %w", err)
	}
	return nil
}

// Sign makes a roster one that members believe. Only a server can.
func (m *Member) Sign(r pool.Roster) ([]byte, error) {
	key, err := node.AuthorityKey(m.Layout)
	if err != nil {
		return nil, err
	}
	return r.Sign(key)
}

// publish signs a roster, follows it here and tells it to all.
func (m *Member) publish(ctx context.Context, r pool.Roster) {
	signed, err := m.Sign(r)
	if err != nil {
		m.Log.Error("the roster cannot be told", "err", err)
		return
	}
	if _, err := m.take(ctx, signed, r); err != nil {
		m.Log.Error("the roster cannot be kept", "err", err)
	}
	m.mu.Lock()
	g := m.gossip
	m.mu.Unlock()
	if g == nil {
		return
	}
	if err := g.Publish(signed); err != nil {
		m.Log.Warn("the roster cannot be told to the others", "err", err)
	}
}
