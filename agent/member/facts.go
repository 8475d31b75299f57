package member

import (
	"context"
	"reflect"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/paths"
)

// look is how often a member looks at its own engines: their states have no common
// event, and others need to know of a change within a second or two.
const look = time.Second

// facts is what this machine tells of itself.
func (m *Member) facts(self pool.Member, direct string) pool.Facts {
	f := pool.Facts{
		ID: self.ID, Role: self.Role, Key: self.Key, Version: m.Version, Arch: m.Arch, MemoryMB: m.MemoryMB,
		Endpoints: ownEndpoints(), Serial: m.Roster().Serial, Direct: direct, Open: m.joinable.Load(),
	}
	for _, e := range m.Engines() {
		if e.State != agent.EngineReady {
			if f.Engines == nil {
				f.Engines = map[string]string{}
			}
			f.Engines[e.Name] = e.State
		}
	}
	return f
}

// ownEndpoints lists where this machine may be met from outside.
func ownEndpoints() []string { return overlay.Endpoints(pool.Port) }

// tellFacts tells the others whenever something about this machine has changed: an
// address, the state of an engine, the roster.
func (m *Member) tellFacts(ctx context.Context, g *gossip.Gossip, self pool.Member, runner *paths.Runner) error {
	addresses := make(chan netlink.AddrUpdate, 16)
	if err := netlink.AddrSubscribe(addresses, ctx.Done()); err != nil {
		m.Log.Warn("changes of this machine's addresses are noticed later", "err", err)
		addresses = nil
	}
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	// Each is taken before what it tells of is looked at, so that nothing is missed.
	_, newer := m.watch()
	seen, met := g.Watch(), runner.Watch()
	told := m.facts(self, "")
	runner.Wake()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-addresses:
			if !open {
				addresses = nil
			}
			runner.Wake()
		case <-seen:
			seen = g.Watch()
			runner.Wake()
			continue
		case <-newer:
			_, newer = m.watch()
			runner.Wake()
		case <-met:
			met = runner.Watch()
		case <-m.told:
		case <-ticker.C:
		}
		now := m.facts(self, runner.Reach())
		if reflect.DeepEqual(now, told) {
			continue
		}
		if err := g.SetFacts(now); err != nil {
			m.Log.Warn("the others cannot be told of this machine", "err", err)
			continue
		}
		told = now
	}
}
