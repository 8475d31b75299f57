package control

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// voter is one of the servers that decide in an engine.
type voter struct {
	id      string
	address string // host:port
	leads   bool
}

// voters is what Consul's and Nomad's raft have in common.
type voters interface {
	list(ctx context.Context) ([]voter, error)
	promote(ctx context.Context, id string) error // makes it the leader
	remove(ctx context.Context, id string) error
}

// DismissServer takes a server's vote in Consul and Nomad away while it can still be
// heard. Once it is cut off it is too late: of two servers neither decides alone, and
// nothing could be changed any more, not even who has a vote. On other machines than
// servers, and on the last one, it does nothing.
//
// An engine's leader would take a server that still runs in again with its next look at
// all of them: within a minute, or when it has just become leader. Hence a server
// that leads hands that over first.
func (s *Service) DismissServer(ctx context.Context, m pool.Member) error {
	if m.Role != pool.RoleServer {
		return nil
	}
	if err := dismiss(ctx, nomadVoters{s.Nomad}, m.Address); err != nil {
		return fmt.Errorf("take %s from Nomad's servers: %w", m.Name, err)
	}
	if err := dismiss(ctx, consulVoters{s.Consul}, m.Address); err != nil {
		return fmt.Errorf("take %s from Consul's servers: %w", m.Name, err)
	}
	return nil
}

// handsOver is how long another server may need to lead.
const handsOver = 30 * time.Second

func dismiss(ctx context.Context, raft voters, at netip.Addr) error {
	ctx, cancel := context.WithTimeout(ctx, handsOver)
	defer cancel()
	for asked := false; ; {
		list, err := raft.list(ctx)
		if err != nil && !asked {
			return err
		}
		var is, other *voter
		for k, v := range list {
			if a, err := netip.ParseAddrPort(v.address); err == nil && a.Addr() == at {
				is = &list[k]
			} else {
				other = &list[k]
			}
		}
		switch {
		case err != nil: // there is no leader at the moment
		case is == nil || other == nil:
			return nil
		case !is.leads:
			return raft.remove(ctx, is.id)
		case !asked:
			if err := raft.promote(ctx, other.id); err != nil {
				return err
			}
			asked = true
			continue
		}
		select {
		case <-time.After(200 * time.Millisecond): // neither engine tells of it by itself
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type nomadVoters struct{ c *nomad.Client }

func (v nomadVoters) list(ctx context.Context) (list []voter, err error) {
	config, err := v.c.Operator().RaftGetConfiguration((&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, err
	}
	for _, p := range config.Servers {
		list = append(list, voter{p.ID, p.Address, p.Leader})
	}
	return list, nil
}

func (v nomadVoters) promote(ctx context.Context, id string) error {
	return v.c.Operator().RaftTransferLeadershipByID(id, (&nomad.WriteOptions{}).WithContext(ctx))
}

func (v nomadVoters) remove(ctx context.Context, id string) error {
	return v.c.Operator().RaftRemovePeerByID(id, (&nomad.WriteOptions{}).WithContext(ctx))
}

type consulVoters struct{ c *consul.Client }

func (v consulVoters) list(ctx context.Context) (list []voter, err error) {
	config, err := v.c.Operator().RaftGetConfiguration((&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, err
	}
	for _, p := range config.Servers {
		list = append(list, voter{p.ID, p.Address, p.Leader})
	}
	return list, nil
}

func (v consulVoters) promote(ctx context.Context, id string) error {
	_, err := v.c.Operator().RaftLeaderTransfer(id, (&consul.QueryOptions{}).WithContext(ctx))
	return err
}

func (v consulVoters) remove(ctx context.Context, id string) error {
	return v.c.Operator().RaftRemovePeerByID(id, (&consul.WriteOptions{}).WithContext(ctx))
}
