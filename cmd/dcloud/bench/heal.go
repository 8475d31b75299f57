package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// heals kills each engine and tells how long it is until another process of it
// serves and the cloud says that it is ready; then the agent, which systemd or, as
// here, the next `dcloud up` starts again.
func (b *bench) heals(ctx context.Context) error {
	c, err := b.needCloud(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"consul", "nomad", "traefik"} {
		var took []float64
		for range b.fewer() {
			s, err := b.healed(ctx, c, name)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			took = append(took, s)
			b.detail("%s: %.2f s", name, s)
		}
		b.report.add(figure{ID: "heal." + name, What: "kill -9 of " + name + " to a cloud that is ready again", Unit: "s", Runs: took})
	}
	var took []float64
	for range b.fewer() {
		pid, err := c.agentPID()
		if err != nil {
			return err
		}
		began := time.Now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
		said, err := c.must(ctx, "up")
		if err != nil {
			return err
		}
		took = append(took, time.Since(began).Seconds())
		b.detail("agent: %.2f s: %s", took[len(took)-1], strings.ReplaceAll(strings.TrimSpace(said), "\n", " / "))
	}
	b.report.add(figure{ID: "heal.agent", What: "kill -9 of the agent, and dcloud up, to its end", Unit: "s", Runs: took})
	return nil
}

func (b *bench) healed(ctx context.Context, c *cloud, name string) (seconds float64, err error) {
	pids, err := c.pids(ctx)
	if err != nil {
		return 0, err
	}
	old := pids[name]
	if old <= 1 {
		return 0, fmt.Errorf("it has no process")
	}
	began := time.Now()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		return 0, err
	}
	err = poll(ctx, 20*time.Millisecond, 2*time.Minute, func() error {
		var s agent.Status
		if err := c.get(ctx, "/v1/status", &s); err != nil {
			return err
		}
		for _, e := range s.Engines {
			if e.Name == name && (e.PID == old || e.PID == 0) {
				return fmt.Errorf("it is %s", e.State)
			}
		}
		if !s.Ready {
			return fmt.Errorf("the cloud is not ready: %+v", s.Engines)
		}
		return nil
	})
	return time.Since(began).Seconds(), err
}
