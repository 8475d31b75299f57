package e2e

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// load asks a URL 50 times a second until stop is called, which tells how many
// requests there were and which of them failed.
func load(t *testing.T, url string) (stop func() (sent int64, failed []string)) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var mu sync.Mutex
	var sent atomic.Int64
	var failed []string
	limit := rate.NewLimiter(50, 1)
	wg.Go(func() {
		for limit.Wait(ctx) == nil {
			sent.Add(1)
			began := time.Now()
			wg.Go(func() {
				if err := cloud.serves(url); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = append(failed, fmt.Sprintf("at %s: %v", began.Format("15:04:05.000"), err))
				}
			})
		}
	})
	return func() (int64, []string) {
		await(t, "200 requests were sent", healTime, func() error {
			if n := sent.Load(); n < 200 {
				return fmt.Errorf("%d", n)
			}
			return nil
		})
		cancel()
		wg.Wait()
		return sent.Load(), failed
	}
}

func TestNoRequestFailsWhileTheAgentIsKilledRestartedAndUpgraded(t *testing.T) {
	newer, err := build(t.Context(), "v0.0.2-e2e") // before the load: it takes both cores
	if err != nil {
		t.Fatal(err)
	}
	cloud.must(t, "app", "install", "whoami")
	before := cloud.pids(t)
	stop := load(t, "http://whoami.dcloud.localhost/")
	killAgent(t, before["agent"])
	cloud.must(t, "up")
	cloud.awaitReady(t)
	cloud.bin = newer
	cloud.must(t, "up")
	cloud.awaitReady(t)
	sent, failed := stop()
	if len(failed) > 0 {
		t.Errorf("%d of %d requests failed, the first: %s", len(failed), sent, failed[0])
	}
	t.Logf("%d requests, %d failed", sent, len(failed))
	if v := cloud.status(t).Version; v != "v0.0.2-e2e" {
		t.Errorf("the agent is %s after the upgrade", v)
	}
	after := cloud.pids(t)
	for _, engine := range []string{"consul", "nomad", "traefik"} {
		if before[engine] != after[engine] {
			t.Errorf("%s was process %d and is %d", engine, before[engine], after[engine])
		}
	}
}
