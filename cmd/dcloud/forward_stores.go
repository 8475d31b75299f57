package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// Stores are in records that every server reads and writes for itself: the one that is
// asked finds its own change at once.

func (f *forward) Stores(ctx context.Context) ([]agent.Store, error) { return f.own.Stores(ctx) }
func (f *forward) Store(ctx context.Context, name string) (agent.StoreDetail, error) {
	return f.own.Service.Store(ctx, name)
}
func (f *forward) AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
	return f.own.AddStore(ctx, req)
}
func (f *forward) SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error) {
	return f.own.SyncStore(ctx, name, req)
}
func (f *forward) RemoveStore(ctx context.Context, name string) error {
	return f.own.RemoveStore(ctx, name)
}

func (w *worker) Stores(context.Context) ([]agent.Store, error) { return nil, w.refuse() }
func (w *worker) Store(context.Context, string) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, w.refuse()
}
func (w *worker) AddStore(context.Context, agent.StoreAdd) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, w.refuse()
}
func (w *worker) SyncStore(context.Context, string, agent.StoreSync) (agent.StoreDetail, error) {
	return agent.StoreDetail{}, w.refuse()
}
func (w *worker) RemoveStore(context.Context, string) error { return w.refuse() }
