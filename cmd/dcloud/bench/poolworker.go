package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/dentropy/dcloud/provisioning/run"
)

// workerRests is how long a worker has been ready when its memory is measured. Its
// engines have by then let go of what only their start needed.
const workerRests = time.Minute

// needWorker gives a worker at home that stays. Its engines are copies that no other
// machine of the lab maps, else their pages would count half.
func (b *bench) needWorker(ctx context.Context, p *poolRun) (*cloud, error) {
	if p.worker != nil {
		return p.worker, nil
	}
	cache := filepath.Join(b.dir, "worker")
	for _, args := range [][]string{{"mkdir", cache}, {"cp", "-a", "--reflink=never", filepath.Join(b.cache, "engines"), cache}} {
		if err := run.Do(ctx, run.Command{Args: args}); err != nil {
			return nil, err
		}
	}
	m, err := b.newMachine(ctx, "worker", p.home.LAN(), workerAddress, cache)
	if err != nil {
		return nil, err
	}
	if err := m.host.LoadImages(ctx, b.images); err != nil {
		return nil, err
	}
	if _, err := b.join(ctx, p.server, m); err != nil {
		return nil, err
	}
	p.worker = m
	return m, nil
}

// poolWorker measures agent, overlay and engines of a machine that runs no apps.
func (b *bench) poolWorker(ctx context.Context) error {
	p, err := b.needPool(ctx)
	if err != nil {
		return err
	}
	m, err := b.needWorker(ctx, p)
	if err != nil {
		return err
	}
	select {
	case <-time.After(workerRests): // it is time that is asked for
	case <-ctx.Done():
		return ctx.Err()
	}
	pids, err := m.pids(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"agent", "overlay", "consul", "nomad"} {
		if pids[name] <= 1 {
			return fmt.Errorf("the worker has no process of %s: %v", name, pids)
		}
	}
	rest, err := settled(ctx, restApps, func() (map[string]footprint, error) { return footprintsOf(pids) })
	if err != nil {
		return err
	}
	all := total(rest)
	b.report.add(
		figure{ID: "pool.worker.pss", What: "a worker at rest: agent, overlay, Consul and Nomad, PSS", Unit: "MiB", Value: mib(all.pss), Note: parts(rest, footprint.pssMiB)}.atMost(240),
		figure{ID: "pool.worker.anon", What: "the anonymous part of it", Unit: "MiB", Value: mib(all.anon), Note: parts(rest, footprint.anonMiB)}.atMost(70),
	)
	return nil
}

// footprintsOf measures processes, by name.
func footprintsOf(pids map[string]int) (map[string]footprint, error) {
	now := map[string]footprint{}
	for name, pid := range pids {
		f, err := footprintOf(pid)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		now[name] = f
	}
	return now, nil
}
