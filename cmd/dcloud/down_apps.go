package main

import (
	"context"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/provisioning/node"
)

// removeGrace is how long apps may take to be removed in order before everything is
// deleted anyway.
const removeGrace = time.Minute

// removeApps removes all apps with their data while the cloud still runs. Nomad then
// takes its own rules for their ports out of the kernel, which nobody would later. It
// does what it can: what is left is deleted with the rest.
//
// Only the one server of a cloud ends the cloud with itself. Any other machine leaves
// one behind that goes on, with apps that are not its own to remove.
func (e *env) removeApps(ctx context.Context, l node.Layout) {
	if n, err := node.Load(l); err != nil || !n.Alone() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, removeGrace)
	defer cancel()
	c, err := api.Dial((&url.URL{Scheme: "unix", Path: l.Socket()}).String(), "")
	if err != nil {
		return
	}
	defer c.Close()
	apps, err := c.Apps(ctx)
	if err != nil {
		return // it does not run, and so has nothing to remove in order
	}
	var g errgroup.Group
	g.SetLimit(4)
	for _, app := range apps {
		g.Go(func() error {
			op, err := c.Remove(ctx, app.Name, true)
			if err == nil {
				_, err = c.Wait(ctx, op, func(agent.Event) {})
			}
			if err != nil {
				e.note("%s could not be removed in order: %v.", app.Name, err)
			}
			return nil
		})
	}
	_ = g.Wait()
	e.note("Apps removed (%d).", len(apps))
}
