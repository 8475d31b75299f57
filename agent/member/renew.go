package member

import (
	"context"
	"errors"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// renewEvery is how often a member looks whether its certificates end soon, which
// they say 60 days before.
const renewEvery = 12 * time.Hour

// keepCerts has the certificates of a machine without the authority's key renewed by
// a server. The engines show the new ones when they next start; the old ones are good
// for weeks.
func (m *Member) keepCerts(ctx context.Context) error {
	if m.Node.Role == pool.RoleServer {
		return nil // it renews them itself when the agent starts
	}
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		why, err := node.StalePKI(m.Layout, m.Node, m.Now())
		if err == nil && why != "" {
			err = m.renew(ctx)
		}
		wait := ticker.C
		if err != nil {
			m.Log.Warn("this machine's certificates cannot be renewed yet", "why", why, "err", err)
			wait = time.After(time.Minute)
		} else if why != "" {
			m.Log.Info("this machine's certificates are renewed", "why", why)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wait:
		}
	}
}

func (m *Member) renew(ctx context.Context) error {
	csr, err := node.NewCSR(m.Layout)
	if err != nil {
		return err
	}
	last := errors.New("no server is known")
	for _, address := range m.Roster().Servers() {
		once, cancel := context.WithTimeout(ctx, 10*time.Second)
		certs, err := m.peers.Renew(once, address, csr)
		cancel()
		if err == nil {
			return node.InstallCerts(m.Layout, certs)
		}
		last = err
	}
	return last
}
