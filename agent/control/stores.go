package control

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// Stores lists the sources of entries beside the catalog, by name.
func (s *Service) Stores(context.Context) ([]agent.Store, error) { return []agent.Store{}, nil }

// Store is one of them.
func (s *Service) Store(_ context.Context, name string) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, noStore(name)
}

// AddStore adds one.
func (s *Service) AddStore(context.Context, agent.StoreAdd) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, agent.Errorf(agent.CodeUnavailable, "stores cannot be added yet")
}

// SyncStore reads one anew.
func (s *Service) SyncStore(_ context.Context, name string, _ agent.StoreSync) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, noStore(name)
}

// RemoveStore takes one away.
func (s *Service) RemoveStore(_ context.Context, name string) error { return noStore(name) }

func noStore(name string) *agent.Error {
	return agent.Errorf(agent.CodeNotFound, "there is no store called %q", clip(name, 60)).
		WithHint("see which there are with: dcloud catalog store list")
}
