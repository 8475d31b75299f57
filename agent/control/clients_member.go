package control

import (
	"context"
	"errors"
	"fmt"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
)

// ConsulFollows returns a function that is nil while Consul on a machine that is no
// server reaches one that knows a leader.
func ConsulFollows(c *consul.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		leader, err := c.Status().LeaderWithQueryOptions((&consul.QueryOptions{}).WithContext(ctx))
		if err != nil {
			return err
		}
		if leader == "" {
			return errors.New("it knows no leader yet")
		}
		return nil
	}
}

// NomadFollows returns a function that is nil while Nomad on a machine that is no
// server hears from one. It needs no token (Nomad's /v1/agent/health).
func NomadFollows(c *nomad.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		var health nomad.AgentHealthResponse
		_, err := c.Raw().Query("/v1/agent/health?type=client", &health, (&nomad.QueryOptions{}).WithContext(ctx))
		if err != nil {
			return err
		}
		if health.Client == nil || !health.Client.Ok {
			return fmt.Errorf("it hears from no server yet")
		}
		return nil
	}
}
