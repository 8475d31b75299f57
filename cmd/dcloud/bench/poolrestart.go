package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/dentropy/dcloud/agent"
)

// How many requests a second an app gets while an agent is killed and started, and
// for how long after that.
const (
	perSecond = 50
	loadAfter = 5 * time.Second
)

// poolRestarts kills the agent of the machine that an app runs on, and that of the
// server by whose front door it is asked for, and starts them again; meanwhile requests
// come in.
func (b *bench) poolRestarts(ctx context.Context) error {
	p, err := b.needPool(ctx)
	if err != nil {
		return err
	}
	worker, err := b.needWorker(ctx, p)
	if err != nil {
		return err
	}
	if _, err := p.server.must(ctx, "app", "install", "whoami", "--node", "worker"); err != nil {
		return err
	}
	const name = "whoami.dcloud.localhost"
	for _, m := range []struct {
		id, what string
		cloud    *cloud
	}{{"worker", "the app's machine, a worker,", worker}, {"server", "the server, whose front door it is,", p.server}} {
		var failed []float64
		sent, sum := 0, 0
		for range b.fewer() {
			l := startLoad(ctx, p.server.host.HTTPClient(), name)
			took, err := b.restart(ctx, m.cloud)
			if err == nil {
				err = l.more(ctx, int(loadAfter.Seconds())*perSecond)
			}
			n, wrong := l.stop()
			if err != nil {
				return fmt.Errorf("%s: %w", m.id, err)
			}
			b.detail("agent of the %s: %d requests, %d failed %q; ready again after %.2f s", m.id, n, len(wrong), wrong[:min(3, len(wrong))], took.Seconds())
			sent, sum, failed = sent+n, sum+len(wrong), append(failed, float64(len(wrong)))
		}
		b.report.add(figure{ID: "pool.restart." + m.id, Value: float64(sum), Runs: failed,
			What: fmt.Sprintf("requests to an app that fail while the agent of %s is killed and started", m.what),
			Note: fmt.Sprintf("of %d, %d a second", sent, perSecond)}.atMost(0))
	}
	return p.server.remove(ctx, "whoami")
}

// restart kills the agent, starts it again and waits until the machine calls itself ready.
func (b *bench) restart(ctx context.Context, c *cloud) (time.Duration, error) {
	pid, err := c.agentPID()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return 0, err
	}
	if _, err := c.must(ctx, "up"); err != nil {
		return 0, err
	}
	err = poll(ctx, 20*time.Millisecond, 2*time.Minute, func() error {
		var s agent.Status
		if err := c.get(ctx, "/v1/status", &s); err != nil {
			return err
		}
		if !s.Ready {
			return fmt.Errorf("it is not ready: %+v", s.Engines)
		}
		return nil
	})
	return time.Since(began), err
}

// load is a stream of requests, each on a connection of its own, whatever became of
// the one before.
type load struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	sent   int
	failed []string // why, one each
}

func startLoad(ctx context.Context, browser *http.Client, name string) *load {
	ctx, cancel := context.WithCancel(ctx)
	l := &load{cancel: cancel}
	limit := rate.NewLimiter(perSecond, 1)
	l.wg.Go(func() {
		for limit.Wait(ctx) == nil {
			l.count()
			// What is under way when the stream ends is waited for.
			l.wg.Go(func() { l.one(context.WithoutCancel(ctx), browser, name) })
		}
	})
	return l
}

func (l *load) one(ctx context.Context, browser *http.Client, name string) {
	code, err := ask(ctx, browser, name)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("answer %d", code)
	}
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.failed = append(l.failed, err.Error())
	}
}

func (l *load) count() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
}

// more waits until n more requests were sent.
func (l *load) more(ctx context.Context, n int) error {
	l.mu.Lock()
	want := l.sent + n
	l.mu.Unlock()
	return poll(ctx, 50*time.Millisecond, answerMax, func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.sent < want {
			return fmt.Errorf("%d of %d requests were sent", l.sent, want)
		}
		return nil
	})
}

// stop ends the stream and tells what became of it.
func (l *load) stop() (sent int, failed []string) {
	l.cancel()
	l.wg.Wait()
	return l.sent, l.failed
}
