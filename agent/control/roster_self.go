package control

import (
	"context"
	"slices"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// keepSelf lists this server among the members, or corrects what the list says of
// it, and tries until that is done.
func (s *Service) keepSelf(ctx context.Context) error {
	if s.Members.Self.ID == "" {
		return nil
	}
	for delay := 100 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		err := s.listSelf(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		s.Log.Debug("cannot list this machine yet", "err", err)
		select {
		case <-time.After(delay): // Consul is being started
		case <-ctx.Done():
			return nil
		}
	}
}

// listSelf writes this server's record where it is not as it should be.
func (s *Service) listSelf(ctx context.Context) error {
	removed := false
	err := s.store.amend(ctx, func(r *roster) ([]*consul.TxnOp, error) {
		n, fits := selfRecord(r, s.Members.Self, s.Now())
		if removed = n == nil; removed {
			return nil, nil
		}
		told := s.tellDoor(&r.pool)
		if fits && told {
			return nil, nil
		}
		step, err := n.put()
		return []*consul.TxnOp{step}, err
	})
	if removed && err == nil {
		s.Log.Error("this machine was removed from the cloud, and does not list itself again", "node", s.Node)
	}
	return err
}

// selfRecord is the record of this server as it should be, nil if it was removed,
// and whether it is so already.
func selfRecord(r *roster, self pool.Member, now time.Time) (n *nodeRecord, fits bool) {
	n = r.byID(self.ID)
	switch {
	case n != nil && n.Removing:
		return nil, true
	case n == nil && slices.ContainsFunc(r.pool.Gone, func(g gone) bool { return g.ID == self.ID }):
		return nil, true
	case n == nil:
		self.Joining = false
		if self.Joined.IsZero() {
			self.Joined = now
		}
		return &nodeRecord{Member: self, Since: now}, false
	}
	want := *n
	// The address is for life; the rest is as the machine has it on its disk.
	want.Name, want.Role, want.Address, want.Key = self.Name, self.Role, self.Address, self.Key
	want.Endpoints = metAt(n.Outside, self)
	return &want, sameMember(want.Member, n.Member)
}

// tellDoor notes under which domain this server was set up, and makes it the pool's
// if that is new. It returns true where there is nothing to write.
func (s *Service) tellDoor(p *poolRecord) bool {
	own := doorAt{s.Pool.Domain, s.Pool.HTTPPort, s.Pool.HTTPSPort}
	before, said := p.Said[s.Members.Self.ID]
	if said && before == own {
		return true
	}
	next := map[string]doorAt{s.Members.Self.ID: own}
	for id, d := range p.Said {
		if id != s.Members.Self.ID {
			next[id] = d
		}
	}
	p.Said = next
	if said || p.Domain == "" { // a server that is new here has only just been told
		p.doorAt = own
	}
	return false
}

// watchMembers keeps the view's members fresh.
func (s *Service) watchMembers(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		pairs, meta, err := s.Consul.KV().List(prefixNodes, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		r, err := decodeRoster(pairs)
		if err != nil {
			s.Log.Error("the machines cannot be read", "err", err)
			return meta.LastIndex, nil // until somebody changes it
		}
		s.view.set("members", func() { s.view.members = r.nodes })
		return meta.LastIndex, nil
	}
}

// WatchRoster calls each with the roster, unsigned, now and whenever it changed,
// until ctx ends. Its serial is higher each time.
func (s *Service) WatchRoster(ctx context.Context, each func(pool.Roster)) error {
	var last uint64
	return follow(ctx, func(index uint64) (uint64, error) {
		_, meta, err := s.Consul.KV().Get(keyPool, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		// Each change of the members writes this key too. Its value and theirs are read
		// together, so that a serial never stands over the members of another.
		r, err := s.store.roster(ctx)
		if err != nil {
			return 0, err
		}
		if r.pool.Serial > last && ctx.Err() == nil {
			last = r.pool.Serial
			told := r.public()
			each(told)
			s.view.set("told", func() { s.known = told })
		}
		return meta.LastIndex, nil
	})
}
