package webtest

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

func (r *Recorder) Stores(ctx context.Context) ([]agent.Store, error) {
	r.note("Stores")
	return r.Cloud.Stores(ctx)
}
func (r *Recorder) Store(ctx context.Context, name string) (agent.StoreDetail, error) {
	r.note("Store")
	return r.Cloud.Store(ctx, name)
}
func (r *Recorder) AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
	r.note("AddStore")
	return r.Cloud.AddStore(ctx, req)
}
func (r *Recorder) SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error) {
	r.note("SyncStore")
	return r.Cloud.SyncStore(ctx, name, req)
}
func (r *Recorder) RemoveStore(ctx context.Context, name string) error {
	r.note("RemoveStore")
	return r.Cloud.RemoveStore(ctx, name)
}
