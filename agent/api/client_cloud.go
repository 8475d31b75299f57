package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dentropy/dcloud/agent"
)

func (c *Client) Job(ctx context.Context, name string) (agent.JobText, error) {
	return get[agent.JobText](ctx, c, appPath(name, "job"), nil)
}

func (c *Client) Pending(ctx context.Context) ([]agent.PendingNode, error) {
	return get[[]agent.PendingNode](ctx, c, "/v1/nodes/pending", nil)
}

func (c *Client) Accept(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, nodePath("pending", url.PathEscape(id), "accept"), nil, nil, nil)
}

func (c *Client) Refuse(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, nodePath("pending", url.PathEscape(id), "refuse"), nil, nil, nil)
}

func (c *Client) Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error) {
	return get[agent.Usage](ctx, c, "/v1/usage", given("app", q.App, "node", q.Node, "range", q.Range))
}

func (c *Client) Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	query := given("app", q.App, "node", q.Node, "before", q.Before)
	if q.Limit > 0 {
		query.Set("limit", strconv.Itoa(min(q.Limit, maxChanges)))
	}
	return get[[]agent.Activity](ctx, c, "/v1/activity", query)
}

func (c *Client) Settings(ctx context.Context) (agent.Settings, error) {
	return get[agent.Settings](ctx, c, "/v1/settings", nil)
}

func (c *Client) ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error) {
	var settings agent.Settings
	err := c.call(ctx, http.MethodPatch, "/v1/settings", nil, change, &settings)
	return settings, err
}

func (c *Client) TestNotify(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/settings/notify/test", nil, nil, nil)
}

// given is a query of names and values, without those that are empty.
func given(pairs ...string) url.Values {
	query := url.Values{}
	for k := 0; k+1 < len(pairs); k += 2 {
		if pairs[k+1] != "" {
			query.Set(pairs[k], pairs[k+1])
		}
	}
	return query
}
