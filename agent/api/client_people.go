package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/dentropy/dcloud/agent"
)

func userPath(name string) string { return "/v1/users/" + url.PathEscape(name) }

func (c *Client) FirstLink(ctx context.Context) (agent.Invitation, error) {
	var invitation agent.Invitation
	err := c.call(ctx, http.MethodPost, userPath("first-link"), nil, nil, &invitation)
	return invitation, err
}

func (c *Client) Users(ctx context.Context) ([]agent.User, error) {
	return get[[]agent.User](ctx, c, "/v1/users", nil)
}

func (c *Client) Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	var invitation agent.Invitation
	err := c.call(ctx, http.MethodPost, userPath("invitations"), nil, req, &invitation)
	return invitation, err
}

func (c *Client) ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error) {
	var user agent.User
	err := c.call(ctx, http.MethodPatch, userPath(name), nil, change, &user)
	return user, err
}

func (c *Client) RemoveUser(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodDelete, userPath(name), nil, nil, nil)
}

// SignIn begins a session. Its token is good for another Client.
func (c *Client) SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error) {
	var signed agent.SignedIn
	err := c.call(ctx, http.MethodPost, "/v1/sessions", nil, in, &signed)
	return signed, err
}
