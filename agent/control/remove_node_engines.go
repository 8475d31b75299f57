package control

import (
	"context"
	"fmt"
	"strings"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// dismantle takes from a machine that is no member any more what it has in the
// engines. Each step looks whether it has been done.
func (s *Service) dismantle(ctx context.Context, m pool.Member) error {
	if err := s.revokeNode(ctx, m); err != nil {
		return err
	}
	if err := s.forgetInNomad(ctx, m); err != nil {
		return err
	}
	return s.forgetInConsul(ctx, m)
}

func (s *Service) forgetInNomad(ctx context.Context, m pool.Member) error {
	nodes, _, err := s.Nomad.Nodes().List((&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("list Nomad's machines: %w", err)
	}
	for _, n := range nodes {
		if n.Name != m.Name {
			continue
		}
		if _, _, err := s.Nomad.Nodes().Purge(n.ID, (&nomad.QueryOptions{}).WithContext(ctx)); err != nil && !isNotFound(err) {
			return fmt.Errorf("make Nomad forget %s: %w", m.Name, err)
		}
	}
	if m.Role != pool.RoleServer {
		return nil
	}
	// A server's name among Nomad's servers is NAME.REGION.
	err = s.Nomad.Agent().ForceLeaveWithOptions(m.Name+"."+s.Members.Region, nomad.ForceLeaveOpts{Prune: true})
	if err != nil && !isNotFound(err) && !strings.Contains(err.Error(), "No node found") {
		return fmt.Errorf("make Nomad's servers forget %s: %w", m.Name, err)
	}
	config, err := s.Nomad.Operator().RaftGetConfiguration((&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("read Nomad's servers: %w", err)
	}
	for _, peer := range config.Servers {
		if strings.HasPrefix(peer.Address, m.Address.String()+":") {
			if err := s.Nomad.Operator().RaftRemovePeerByID(peer.ID, (&nomad.WriteOptions{}).WithContext(ctx)); err != nil {
				return fmt.Errorf("take %s from Nomad's servers: %w", m.Name, err)
			}
		}
	}
	return nil
}

func (s *Service) forgetInConsul(ctx context.Context, m pool.Member) error {
	q := (&consul.QueryOptions{}).WithContext(ctx)
	err := s.Consul.Agent().ForceLeaveOptions(m.Name, consul.ForceLeaveOpts{Prune: true}, q)
	if err != nil && !consulNotFound(err) && !strings.Contains(err.Error(), "No node found") {
		return fmt.Errorf("make Consul forget %s: %w", m.Name, err)
	}
	if m.Role == pool.RoleServer {
		config, err := s.Consul.Operator().RaftGetConfiguration(q)
		if err != nil {
			return fmt.Errorf("read Consul's servers: %w", err)
		}
		for _, peer := range config.Servers {
			if peer.ID == m.ID {
				if err := s.Consul.Operator().RaftRemovePeerByID(peer.ID, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
					return fmt.Errorf("take %s from Consul's servers: %w", m.Name, err)
				}
			}
		}
	}
	// One that Consul sees as alive is not forgotten by the above: its services would
	// stay among the front door's.
	_, err = s.Consul.Catalog().Deregister(&consul.CatalogDeregistration{Node: m.Name}, (&consul.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("take %s from Consul's catalog: %w", m.Name, err)
	}
	return nil
}
