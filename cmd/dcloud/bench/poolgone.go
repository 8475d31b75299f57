package main

import (
	"context"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// poolGone takes the worker's cable out, and tells how long it is until the server lists
// it as down.
func (b *bench) poolGone(ctx context.Context) error {
	p, err := b.needPool(ctx)
	if err != nil {
		return err
	}
	worker, err := b.needWorker(ctx, p)
	if err != nil {
		return err
	}
	lists := func(state string) error {
		return poll(ctx, 10*time.Millisecond, answerMax, func() error { return p.server.lists(ctx, worker.host.Name, state) })
	}
	var took []float64
	for range b.fewer() {
		if err := b.quiet(ctx); err != nil {
			return err
		}
		if err := lists(agent.NodeReady); err != nil {
			return err
		}
		if err := worker.host.Unplug(ctx); err != nil {
			return err
		}
		began := time.Now()
		err := lists(agent.NodeDown)
		took = append(took, time.Since(began).Seconds())
		if err := worker.host.Plug(ctx); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		if err := lists(agent.NodeReady); err != nil {
			return err
		}
	}
	b.report.add(figure{ID: "pool.gone", What: "a machine's cable taken out, until the server lists it as down", Unit: "s", Runs: took}.atMost(2))
	return nil
}
