package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// Requests and commands that are timed: enough that the 99th percentile is not
// the worst of a few.
const (
	apiCalls = 2000
	listRuns = 300
)

// latency times the list of apps with many of them known to the cloud.
func (b *bench) latency(ctx context.Context) error {
	c, err := b.needCloud(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	names, err := b.fill(ctx, c)
	if err != nil {
		return err
	}
	took := time.Since(began)
	var apps []agent.App
	if err := c.get(ctx, "/v1/apps", &apps); err != nil {
		return err
	}
	states := map[string]int{}
	for _, a := range apps {
		states[a.State]++
	}
	if len(apps) != b.apps {
		return fmt.Errorf("%d apps are listed, not %d", len(apps), b.apps)
	}
	note := fmt.Sprintf("%d apps: %d running, %d stopped", len(apps), states[agent.StateRunning], states[agent.StateStopped])
	b.detail("%s; installed in %s", note, took.Round(time.Second))

	// The engines are busy with the new apps for a while.
	if err := b.quiet(ctx); err != nil {
		return err
	}
	get, err := repeated(apiCalls, func() error { return c.get(ctx, "/v1/apps", nil) })
	if err != nil {
		return err
	}
	// Not by way of nsenter: a socket in the file system is reached from everywhere.
	list, err := repeated(listRuns, func() error {
		cmd := exec.CommandContext(ctx, c.bin, "app", "list")
		cmd.Env = c.host.Env()
		_, err := output(cmd)
		return err
	})
	if err != nil {
		return err
	}
	b.report.add(
		figure{ID: "api.apps.p50", What: "GET /v1/apps over the socket, median", Unit: "ms", Value: percentile(get, 50), Note: note},
		figure{ID: "api.apps.p99", What: "GET /v1/apps over the socket, 99th percentile", Unit: "ms", Value: percentile(get, 99)}.atMost(25),
		figure{ID: "cli.list.p50", What: "dcloud app list, the whole process, median", Unit: "ms", Value: percentile(list, 50)},
		figure{ID: "cli.list.p99", What: "dcloud app list, the whole process, 99th percentile", Unit: "ms", Value: percentile(list, 99)}.atMost(25),
		figure{ID: "api.fill", What: "install the apps, four at a time, per app", Unit: "s", Value: took.Seconds() / float64(b.apps)},
	)
	return c.removeAll(ctx, names)
}

// repeated returns how long each call took, in ms.
func repeated(n int, call func() error) ([]float64, error) {
	took := make([]float64, n)
	for k := range took {
		began := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		took[k] = float64(time.Since(began).Microseconds()) / 1000
	}
	return took, nil
}

// fill installs the apps, a few at a time. Where no more fit on the machine, it
// stops some of those that run: they are known all the same.
func (b *bench) fill(ctx context.Context, c *cloud) ([]string, error) {
	var mu sync.Mutex
	var names, running []string
	install := func(ctx context.Context, name string) error {
		for {
			_, err := c.must(ctx, "app", "install", "whoami", "--name", name)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				names, running = append(names, name), append(running, name)
				return nil
			}
			mu.Lock()
			if len(running) == 0 {
				mu.Unlock()
				return err
			}
			victim := running[0]
			running = running[1:]
			mu.Unlock()
			b.detail("%s does not fit, so %s is stopped: %v", name, victim, err)
			if _, stopErr := c.must(ctx, "app", "stop", victim); stopErr != nil {
				return errors.Join(err, stopErr)
			}
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for n := range b.apps {
		g.Go(func() error { return install(gctx, fmt.Sprintf("w%d", n)) })
	}
	err := g.Wait()
	return names, err
}

func (c *cloud) removeAll(ctx context.Context, names []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, name := range names {
		g.Go(func() error { return c.remove(ctx, name) })
	}
	return g.Wait()
}
