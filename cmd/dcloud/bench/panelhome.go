package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/node"
)

// The load on the home page: so many requests a second, for so long.
const (
	homeRate    = 50
	homeWarm    = 100 // requests that do not count: caches fill
	homeSeconds = 20
)

// panelHome times the home page with many apps, under load.
func (b *bench) panelHome(ctx context.Context) error {
	p, err := b.needPanel(ctx)
	if err != nil {
		return err
	}
	note, err := b.fillHome(ctx, p)
	if err != nil {
		return err
	}
	if err := b.quiet(ctx); err != nil {
		return err
	}
	before := loadAverage()
	own := fmt.Sprintf("http://127.0.0.1:%d/", node.AgentPort)
	direct, err := p.pace(ctx, own)
	if err != nil {
		return err
	}
	door, err := p.pace(ctx, panelURL+"/")
	if err != nil {
		return err
	}
	note += fmt.Sprintf("; load average %s before, %s after", before, loadAverage())
	b.report.add(
		figure{ID: "panel.home.p50", What: fmt.Sprintf("home, %d requests a second for %d s, at the agent's port, median", homeRate, homeSeconds), Unit: "ms", Value: percentile(direct, 50), Note: note},
		figure{ID: "panel.home.p99", What: "the same, 99th percentile", Unit: "ms", Value: percentile(direct, 99)}.atMost(30),
		figure{ID: "panel.home.door_p50", What: "the same through the front door, median", Unit: "ms", Value: percentile(door, 50)},
		figure{ID: "panel.home.door_p99", What: "the same through the front door, 99th percentile", Unit: "ms", Value: percentile(door, 99)}.atMost(30),
	)
	return nil
}

// fillHome installs apps until there are as many as are to be known, each of another
// entry, and stops those that no longer fit.
func (b *bench) fillHome(ctx context.Context, p *panelRun) (note string, err error) {
	if len(p.apps) >= b.apps {
		return fmt.Sprintf("%d apps", len(p.apps)), nil
	}
	if len(p.entries) < b.apps {
		return "", fmt.Errorf("%d entries can be installed, not %d", len(p.entries), b.apps)
	}
	var mu sync.Mutex
	var running []string
	install := func(ctx context.Context, name string) error {
		for {
			_, err := p.must(ctx, "app", "install", name)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				p.apps, running = append(p.apps, name), append(running, name)
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
			if _, stopErr := p.must(ctx, "app", "stop", victim); stopErr != nil {
				return errors.Join(err, stopErr)
			}
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, name := range p.entries[len(p.apps):b.apps] {
		g.Go(func() error { return install(gctx, name) })
	}
	if err := g.Wait(); err != nil {
		return "", err
	}
	var apps []agent.App
	if err := p.get(ctx, "/v1/apps", &apps); err != nil {
		return "", err
	}
	states := map[string]int{}
	for _, a := range apps {
		states[a.State]++
	}
	return fmt.Sprintf("%d apps: %d running, %d stopped", len(apps), states[agent.StateRunning], states[agent.StateStopped]), nil
}

// pace asks for a page at the rate of homeRate, whether the answers come in time or
// not, and returns how long each took from when it was due, in ms.
func (p *panelRun) pace(ctx context.Context, link string) ([]float64, error) {
	v := p.visitor("")
	took := make([]float64, homeWarm+homeRate*homeSeconds)
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	tick := time.NewTicker(time.Second / homeRate)
	defer tick.Stop()
	for k := range took {
		due := began.Add(time.Duration(k) * time.Second / homeRate)
		for time.Now().Before(due) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil, errors.Join(ctx.Err(), g.Wait())
			}
		}
		g.Go(func() error {
			sent := time.Now()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
			if err != nil {
				return err
			}
			req.Host = "panel.dcloud.localhost"
			req.Header.Set("Accept-Encoding", "gzip, br") // as a browser does
			req.AddCookie(&http.Cookie{Name: sessionCookie, Value: p.token})
			res, err := v.http.Do(req)
			if err != nil {
				return err
			}
			defer res.Body.Close()
			_, err = io.Copy(io.Discard, res.Body)
			if err == nil && res.StatusCode != http.StatusOK {
				err = fmt.Errorf("home answered %s", res.Status)
			}
			took[k] = float64(time.Since(sent).Microseconds()) / 1000
			return err
		})
	}
	return took[homeWarm:], g.Wait()
}

func readAll(res *http.Response) (string, error) {
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	return string(text), err
}
