package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// storeTimeout bounds a call that makes the cloud fetch and read a store: it gives
// itself five minutes for that.
const storeTimeout = 6 * time.Minute

func storePath(name string, more string) string {
	return "/v1/stores/" + url.PathEscape(name) + more
}

func (c *Client) Stores(ctx context.Context) ([]agent.Store, error) {
	return get[[]agent.Store](ctx, c, "/v1/stores", nil)
}

func (c *Client) Store(ctx context.Context, name string) (agent.StoreDetail, error) {
	return get[agent.StoreDetail](ctx, c, storePath(name, ""), nil)
}

func (c *Client) AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
	var store agent.StoreDetail
	err := c.callWithin(ctx, storeTimeout, http.MethodPost, "/v1/stores", nil, req, &store)
	return store, err
}

func (c *Client) SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error) {
	var store agent.StoreDetail
	err := c.callWithin(ctx, storeTimeout, http.MethodPost, storePath(name, "/sync"), nil, req, &store)
	return store, err
}

func (c *Client) RemoveStore(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodDelete, storePath(name, ""), nil, nil, nil)
}
