package member

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/join"
)

// relayJoins keeps the join port of a front door that is no server open exactly while
// a server lets machines in, and hands them on to it: servers may all stand behind
// home routers, where a machine at another home cannot reach them.
func (m *Member) relayJoins(ctx context.Context, g *gossip.Gossip) error {
	if m.Node.Role != pool.RoleIngress {
		return nil
	}
	var running *passage
	defer func() { running.shut() }()
	for {
		changed := g.Watch()
		_, open := m.openServer()
		switch {
		case open && running == nil:
			running = m.openPassage(ctx)
		case !open && running != nil:
			running.shut()
			running = nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// passage is a relay that runs.
type passage struct {
	stop  context.CancelFunc
	ended chan struct{}
}

func (m *Member) openPassage(ctx context.Context) *passage {
	ctx, cancel := context.WithCancel(ctx)
	p := &passage{cancel, make(chan struct{})}
	go func() {
		defer close(p.ended)
		l, err := net.Listen("tcp", ":"+strconv.Itoa(pool.Port))
		if err == nil {
			m.Log.Info("machines can join through this one", "port", pool.Port)
			err = join.Relay(ctx, m.Log, l, m.openServer)
		}
		if err != nil {
			m.Log.Warn("machines cannot join through this one", "err", err)
		}
	}()
	return p
}

func (p *passage) shut() {
	if p != nil {
		p.stop()
		<-p.ended
	}
}

// openServer is the join port of a server that lets machines in.
func (m *Member) openServer() (address string, ok bool) {
	roster := m.Roster()
	for _, s := range m.Seen() {
		who, in := roster.Member(s.Facts.ID)
		if in && who.Role == pool.RoleServer && s.State == pool.Alive && s.Facts.Open {
			return netip.AddrPortFrom(who.Address, pool.Port).String(), true
		}
	}
	return "", false
}

// Endpoints lists where machines outside may meet a server of this pool: its own
// addresses, then those of front doors that hand on what is meant for it.
func (m *Member) Endpoints() []string {
	self := m.Node.ID
	list := ownEndpoints()
	for _, s := range m.Seen() {
		if s.State != pool.Alive || s.Facts.Role != pool.RoleIngress || s.Facts.ID == self {
			continue
		}
		for _, e := range s.Facts.Endpoints {
			if at, err := netip.ParseAddrPort(e); err == nil && !at.Addr().IsPrivate() && !at.Addr().IsLinkLocalUnicast() {
				list = append(list, e)
			}
		}
	}
	return list
}
