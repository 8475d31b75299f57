package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// route is one way for a machine to reach the cloud that it joins.
type route struct {
	id, what string
	target   float64 // seconds
	server   *cloud
	at       *lab.Segment
	args     func(address string) []string // of the token
	took     []float64
}

// poolJoins times `dcloud node join` on blank machines that come and go, over each
// route in turn.
func (b *bench) poolJoins(ctx context.Context) error {
	p, err := b.needPool(ctx)
	if err != nil {
		return err
	}
	if err := b.needOutside(ctx, p); err != nil {
		return err
	}
	none := func(string) []string { return nil }
	routes := []*route{
		{"lan", "on a LAN", 20, p.server, p.home.LAN(), none, nil},
		{"called", "outside, called by a server behind a router", 25, p.server, p.world.Internet(),
			func(address string) []string { return []string{"--call", address} }, nil},
		{"behind", "behind a router, to a server outside", 25, p.outside, p.home.LAN(), none, nil},
	}
	for round := range b.fewer() {
		for _, r := range routes {
			seconds, err := b.comeAndGo(ctx, r, fmt.Sprintf("j%s%d", r.id, round))
			if err != nil {
				return fmt.Errorf("%s: %w", r.what, err)
			}
			b.detail("join %s: %.2f s", r.what, seconds)
			r.took = append(r.took, seconds)
		}
	}
	for _, r := range routes {
		b.report.add(figure{ID: "pool.join." + r.id, What: "node join to ready for work, " + r.what, Unit: "s", Runs: r.took,
			Note: "Docker runs, engines are cached"}.atMost(r.target))
	}
	outside := p.outside
	p.outside = nil
	return outside.host.Close() // no other section asks it
}

// comeAndGo times the join of a new machine, which leaves then and is removed.
func (b *bench) comeAndGo(ctx context.Context, r *route, name string) (seconds float64, err error) {
	address := b.pool.nextAddress(r.at)
	m, err := b.newMachine(ctx, name, r.at, address, b.own)
	if err != nil {
		return 0, err
	}
	if seconds, err = b.join(ctx, r.server, m, r.args(address)...); err != nil {
		return 0, err
	}
	if _, err := m.must(ctx, "node", "leave", "--yes"); err != nil {
		return 0, err
	}
	// Keys are replaced for whoever leaves, and the next machine would wait for that.
	err = poll(ctx, 100*time.Millisecond, 2*answerMax, func() error { return r.server.forgot(ctx, name) })
	return seconds, errors.Join(err, m.host.Close())
}

// forgot returns nil where a server no longer lists a machine.
func (c *cloud) forgot(ctx context.Context, name string) error {
	var nodes []agent.Node
	if err := c.get(ctx, "/v1/nodes", &nodes); err != nil {
		return err
	}
	for _, n := range nodes {
		if n.Name == name {
			return fmt.Errorf("%s has left, and is listed as %s (%s)", name, n.State, n.Reason)
		}
	}
	return nil
}
