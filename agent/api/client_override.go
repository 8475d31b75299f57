package api

import (
	"context"
	"net/http"

	"github.com/dentropy/dcloud/agent"
)

// PlanApp asks with GET where nothing is to be changed: who may look at an app may ask
// that.
func (c *Client) PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error) {
	if len(req.Settings) == 0 && req.Override == nil && req.Version == "" {
		return get[agent.Plan](ctx, c, appPath(name, "plan"), nil)
	}
	var plan agent.Plan
	err := c.call(ctx, http.MethodPost, appPath(name, "plan"), nil, req, &plan)
	return plan, err
}

func (c *Client) Override(ctx context.Context, name string) (agent.Override, error) {
	return get[agent.Override](ctx, c, appPath(name, "override"), nil)
}

func (c *Client) SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error) {
	if change.Text == "" {
		return c.change(ctx, http.MethodDelete, appPath(name, "override"), nil, nil)
	}
	return c.change(ctx, http.MethodPut, appPath(name, "override"), nil, change)
}
