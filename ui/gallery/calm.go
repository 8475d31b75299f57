package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
)

// calm brings a sample's apps and machines into order, as a person would.
func calm(c *sample.Cloud) *sample.Cloud {
	c.Finish()
	ctx := agent.WithActor(context.Background(), "owner")
	apps, err := c.Apps(ctx)
	if err != nil {
		panic(fmt.Sprintf("the sample: %v", err))
	}
	for _, a := range apps {
		if a.State != agent.StateRunning {
			_, _ = c.Start(ctx, a.Name)
		}
	}
	_, _ = c.SetOverride(ctx, "files", agent.OverrideChange{}) // it does not fit
	nodes, err := c.Nodes(ctx)
	if err != nil {
		panic(fmt.Sprintf("the sample: %v", err))
	}
	for _, n := range nodes {
		n.State, n.Reason = agent.NodeReady, ""
		n.Load = &agent.Load{CPU: 12, MemoryUsed: n.Memory * 2 / 5, DiskTotal: 119_000, DiskFree: 71_000}
		c.AddNode(n)
	}
	waiting, err := c.Pending(ctx)
	if err != nil {
		panic(fmt.Sprintf("the sample: %v", err))
	}
	for _, n := range waiting {
		_ = c.Refuse(ctx, n.ID)
	}
	c.Finish()
	return c
}
