package api

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// fakeStores are the functions of a fake that are about stores.
type fakeStores struct {
	stores      func(context.Context) ([]agent.Store, error)
	store       func(context.Context, string) (agent.StoreDetail, error)
	addStore    func(context.Context, agent.StoreAdd) (agent.StoreDetail, error)
	syncStore   func(context.Context, string, agent.StoreSync) (agent.StoreDetail, error)
	removeStore func(context.Context, string) error
}

func (f *fakeStores) Stores(ctx context.Context) ([]agent.Store, error) { return f.stores(ctx) }
func (f *fakeStores) Store(ctx context.Context, n string) (agent.StoreDetail, error) {
	return f.store(ctx, n)
}
func (f *fakeStores) AddStore(ctx context.Context, r agent.StoreAdd) (agent.StoreDetail, error) {
	return f.addStore(ctx, r)
}
func (f *fakeStores) SyncStore(ctx context.Context, n string, r agent.StoreSync) (agent.StoreDetail, error) {
	return f.syncStore(ctx, n, r)
}
func (f *fakeStores) RemoveStore(ctx context.Context, n string) error { return f.removeStore(ctx, n) }
