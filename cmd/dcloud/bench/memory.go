package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// Memory is at rest when it has changed by less than a hundredth over some
// measurements: so many for a change of apps, and for a cloud that has just
// started, more than the seconds after which engines let go of what only their
// start needed (engine.DefaultTiming.SlimAfter and a look every ProbeEvery).
const (
	restEvery  = time.Second
	restChange = 0.01
	restMax    = 4 * time.Minute
	restApps   = 12
	restStart  = 35
)

// settled measures again and again until the sum is at rest, and returns the mean
// over the last measurements.
func settled(ctx context.Context, samples int, measure func() (map[string]footprint, error)) (map[string]footprint, error) {
	var last []map[string]footprint
	err := poll(ctx, restEvery, restMax, func() error {
		now, err := measure()
		if err != nil {
			return err
		}
		last = append(last, now)
		if len(last) > samples {
			last = last[1:]
		}
		least, most := total(last[0]).pss, total(last[0]).pss
		for _, f := range last {
			least, most = min(least, total(f).pss), max(most, total(f).pss)
		}
		if len(last) < samples || float64(most-least) > restChange*float64(most) {
			return fmt.Errorf("memory is still at %.1f to %.1f MiB", mib(least), mib(most))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return mean(last), nil
}

func mean(list []map[string]footprint) map[string]footprint {
	sums := map[string]footprint{}
	for _, one := range list {
		for name, f := range one {
			sums[name] = sums[name].plus(f)
		}
	}
	for name, f := range sums {
		sums[name] = footprint{f.pss / int64(len(list)), f.anon / int64(len(list))}
	}
	return sums
}

// idle measures agent and engines of a cloud without apps.
func (b *bench) idle(ctx context.Context) error {
	c, err := b.needCloud(ctx)
	if err != nil {
		return err
	}
	pids, err := c.pids(ctx)
	if err != nil {
		return err
	}
	rest, err := settled(ctx, restStart, func() (map[string]footprint, error) { return footprintsOf(pids) })
	if err != nil {
		return err
	}
	all := total(rest)
	b.report.add(
		figure{ID: "idle.pss", What: "idle: agent, Consul, Nomad and Traefik, PSS", Unit: "MiB", Value: mib(all.pss), Note: parts(rest, footprint.pssMiB)}.atMost(320),
		figure{ID: "idle.anon", What: "idle: the anonymous part of it", Unit: "MiB", Value: mib(all.anon), Note: parts(rest, footprint.anonMiB)}.atMost(90),
		figure{ID: "idle.agent", What: "idle: the agent, PSS", Unit: "MiB", Value: mib(rest["agent"].pss)}.atMost(35),
	)
	return nil
}

func (f footprint) pssMiB() float64  { return mib(f.pss) }
func (f footprint) anonMiB() float64 { return mib(f.anon) }

// parts names what a sum is made of.
func parts(sums map[string]footprint, of func(footprint) float64) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, fmt.Sprintf("%s %.1f", name, of(sums[name])))
	}
	return strings.Join(list, ", ")
}

// appsMeasured is how many apps the cost of one is the mean of.
const appsMeasured = 5

// tenant is one way to run some apps.
type tenant struct {
	name    string
	host    *lab.Host
	install func(ctx context.Context, app string) error
	remove  func(ctx context.Context, app string) error

	pss, anon []float64 // MiB per app, a run each
	grown     []map[string]footprint
}

// memory measures what an app costs beyond its own processes, in turns with the peer.
func (b *bench) memory(ctx context.Context) error {
	c, err := b.needCloud(ctx)
	if err != nil {
		return err
	}
	peer, err := b.needCompose(ctx)
	if err != nil {
		return err
	}
	ours := &tenant{name: "dcloud", host: c.host, remove: c.remove, install: func(ctx context.Context, app string) error {
		_, err := c.must(ctx, "app", "install", "whoami", "--name", app)
		return err
	}}
	theirs := &tenant{name: "docker-compose", host: peer.host, remove: peer.remove, install: func(ctx context.Context, app string) error {
		cmd, err := peer.up(ctx, app)
		if err != nil {
			return err
		}
		_, err = output(cmd)
		return err
	}}
	all := []*tenant{ours, theirs}
	for round := range b.fewer() + 1 { // the first fills caches up and does not count
		for _, t := range all {
			grown, err := b.growth(ctx, t)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			f := total(grown)
			b.detail("round %d: %-40s %5.2f MiB an app, %5.2f anonymous: %s; anonymous: %s", round, t.name, mib(f.pss)/appsMeasured, mib(f.anon)/appsMeasured,
				parts(grown, footprint.pssMiB), parts(grown, footprint.anonMiB))
			if round == 0 {
				continue
			}
			t.pss, t.anon, t.grown = append(t.pss, mib(f.pss)/appsMeasured), append(t.anon, mib(f.anon)/appsMeasured), append(t.grown, grown)
		}
	}
	for k, t := range all {
		each := mean(t.grown)
		for name, f := range each {
			each[name] = footprint{f.pss / appsMeasured, f.anon / appsMeasured}
		}
		id := []string{"memory", "memory.compose"}[k]
		b.report.add(
			figure{ID: id, What: "memory per app beyond the app, at five: " + t.name + ", PSS", Unit: "MiB", Runs: t.pss, Note: parts(each, footprint.pssMiB)},
			figure{ID: id + ".anon", What: "the anonymous part of it", Unit: "MiB", Runs: t.anon, Note: parts(each, footprint.anonMiB)},
		)
	}
	b.report.add(
		ratio("memory.ratio", "memory per app over docker-compose, PSS", ours.pss, theirs.pss).atMost(1.25),
		ratio("memory.ratio_anon", "memory per app over docker-compose, anonymous", ours.anon, theirs.anon),
	)
	return nil
}

// growth is what all but the apps' own processes hold more with apps than without,
// by program.
func (b *bench) growth(ctx context.Context, t *tenant) (map[string]footprint, error) {
	measure := func() (map[string]footprint, error) { return footprints("/var/run/netns/" + t.host.ID) }
	before, err := settled(ctx, restApps, measure)
	if err != nil {
		return nil, err
	}
	for n := range appsMeasured {
		if err := t.install(ctx, fmt.Sprintf("app%d", n)); err != nil {
			return nil, err
		}
	}
	after, err := settled(ctx, restApps, measure)
	if err != nil {
		return nil, err
	}
	g := errgroup.Group{}
	g.SetLimit(2)
	for n := range appsMeasured {
		g.Go(func() error { return t.remove(ctx, fmt.Sprintf("app%d", n)) })
	}
	for name, f := range before {
		after[name] = footprint{after[name].pss - f.pss, after[name].anon - f.anon}
	}
	return after, g.Wait()
}
