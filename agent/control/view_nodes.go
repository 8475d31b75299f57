package control

import (
	"context"

	nomad "github.com/hashicorp/nomad/api"
)

// watchNodes follows Nomad's machines. Its list tells nothing of what they are made
// of, so each is read whole when it changed; a heartbeat is no change.
func (s *Service) watchNodes(ctx context.Context) func(uint64) (uint64, error) {
	type known struct {
		index      uint64
		attributes map[string]string
	}
	cache := map[string]known{}
	return func(index uint64) (uint64, error) {
		q := (&nomad.QueryOptions{WaitIndex: index, WaitTime: pollWait, Params: map[string]string{"resources": "true"}}).WithContext(ctx)
		list, meta, err := s.Nomad.Nodes().List(q)
		if err != nil {
			return 0, err
		}
		next := make(map[string]known, len(list))
		for _, n := range list {
			k := cache[n.ID]
			if k.index != n.ModifyIndex {
				full, _, err := s.Nomad.Nodes().Info(n.ID, (&nomad.QueryOptions{}).WithContext(ctx))
				if isNotFound(err) {
					continue // it was purged meanwhile
				}
				if err != nil {
					return 0, err
				}
				k = known{n.ModifyIndex, full.Attributes}
			}
			n.Attributes, next[n.ID] = k.attributes, k
		}
		cache = next
		s.view.set("nodes", func() { s.view.nodes = list })
		return meta.LastIndex, nil
	}
}

// watchVolumes follows where the apps' data is.
func (s *Service) watchVolumes(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		list, meta, err := s.Nomad.HostVolumes().List(nil, (&nomad.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		volumes := make(map[string]string, len(list))
		for _, v := range list {
			volumes[v.Name] = v.NodeID
		}
		s.view.set("volumes", func() { s.view.volumes = volumes })
		return meta.LastIndex, nil
	}
}
