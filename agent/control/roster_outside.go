package control

import (
	"context"

	"github.com/dentropy/dcloud/agent/pool"
)

// mostOutside bounds how many of the addresses that people gave are kept.
const mostOutside = 4

// noteOutside keeps where this server can be met from outside, as a person said who
// made a token: its machine does not see that by itself, since a router or a provider
// translates. The private network is met there too.
func (s *Service) noteOutside(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	return s.store.amendNode(ctx, s.Members.Self.ID, func(n *nodeRecord) (bool, error) {
		if n == nil || n.Removing {
			return false, nil
		}
		outside := distinct(append(append([]string(nil), addresses...), n.Outside...))
		n.Outside = outside[:min(len(outside), mostOutside)]
		n.Endpoints = metAt(n.Outside, s.Members.Self)
		return true, nil
	})
}

// metAt lists where a server can be met: what people said, then its own addresses.
func metAt(outside []string, self pool.Member) []string {
	return distinct(append(append([]string(nil), outside...), self.Endpoints...))
}
