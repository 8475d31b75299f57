package cloudtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// Load asks a URL 50 times a second until stop is called, which tells how many
// requests there were, 200 at least, and which of them failed.
func (m *Machine) Load(t testing.TB, url string) (stop func() (sent int64, failed []string)) {
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
				if err := m.Serves(url); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = append(failed, fmt.Sprintf("at %s: %v", began.Format("15:04:05.000"), err))
				}
			})
		}
	})
	return func() (int64, []string) {
		Await(t, "200 requests were sent", HealTime, func() error {
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
