package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// meter is a wire between a browser and the front door that counts what comes back:
// headers and bodies as they are sent, of whatever asks, the service worker too.
type meter struct {
	net.Listener
	bytes atomic.Int64
}

// newMeter listens on the machine and passes everything on to its front door.
func (p *panelRun) newMeter(ctx context.Context) (*meter, error) {
	l, err := p.host.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &meter{Listener: l}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go m.pass(ctx, p, near)
		}
	}()
	return m, nil
}

func (m *meter) pass(ctx context.Context, p *panelRun, near net.Conn) {
	defer near.Close()
	far, err := p.host.Dial(ctx, "tcp", "127.0.0.1:80")
	if err != nil {
		return
	}
	var end sync.Once
	both := func() { near.Close(); far.Close() }
	go func() {
		defer end.Do(both)
		_, _ = io.Copy(far, near)
	}()
	defer end.Do(both)
	_, _ = io.Copy(near, io.TeeReader(far, counter{&m.bytes}))
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

// settled is what has come once nothing more comes.
func (m *meter) settled(ctx context.Context) (float64, error) {
	var last int64 = -1
	still := 0
	err := poll(ctx, 250*time.Millisecond, answerMax, func() error {
		now := m.bytes.Load()
		if still++; now != last {
			still, last = 0, now
		}
		if still < 8 {
			return fmt.Errorf("%d bytes, and more come", now)
		}
		return nil
	})
	return float64(last) / 1000, err
}

// panelWeight weighs the home page over the wire: with an empty cache, and again.
func (b *bench) panelWeight(ctx context.Context) error {
	p, err := b.needPanel(ctx)
	if err != nil {
		return err
	}
	note, err := b.fillHome(ctx, p)
	if err != nil {
		return err
	}
	m, err := p.newMeter(ctx)
	if err != nil {
		return err
	}
	defer m.Close()
	var first, next, whole, again []float64
	for round := range b.fewer() {
		f, n, err := p.weigh(ctx, m, false)
		if err != nil {
			return err
		}
		w, a, err := p.weigh(ctx, m, true)
		if err != nil {
			return err
		}
		b.detail("round %d: %.1f KB, then %.1f; with the service worker %.1f, then %.1f", round, f, n, w, a)
		first, next, whole, again = append(first, f), append(next, n), append(whole, w), append(again, a)
	}
	b.report.add(
		figure{ID: "panel.weight.first", What: "home over the wire, first visit, 1,000 bytes", Unit: "KB", Runs: first, Note: note}.atMost(150),
		figure{ID: "panel.weight.next", What: "home over the wire, next visit", Unit: "KB", Runs: next}.atMost(15),
		figure{ID: "panel.weight.worker", What: "first visit with all that the service worker keeps for later", Unit: "KB", Runs: whole},
		figure{ID: "panel.weight.worker_next", What: "next visit with the service worker", Unit: "KB", Runs: again},
	)
	return nil
}

// weigh visits home with a new browser, and once more, and tells what came each time
// in 1,000 bytes.
func (p *panelRun) weigh(ctx context.Context, m *meter, worker bool) (first, next float64, err error) {
	tab, stop, err := p.tab(ctx, 1280, 900, chromedp.Flag("host-resolver-rules", "MAP panel.dcloud.localhost:80 "+m.Addr().String()))
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	if !worker {
		script := page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete Navigator.prototype.serviceWorker"}
		if _, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, script); err != nil {
			return 0, 0, err
		}
	}
	for _, sum := range []*float64{&first, &next} {
		m.bytes.Store(0)
		if err := chromedp.Do(tab, chromedp.Navigate(panelURL+"/")); err != nil {
			return 0, 0, err
		}
		if *sum, err = m.settled(ctx); err != nil {
			return 0, 0, err
		}
		there, err := chromedp.Run(tab, chromedp.Evaluate[bool](`"serviceWorker" in navigator`))
		if err == nil && there != worker {
			err = fmt.Errorf("whether there are service workers: %v, and not %v", there, worker)
		}
		if err != nil {
			return 0, 0, err
		}
		// Away, so that the next visit is one.
		if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
			return 0, 0, err
		}
	}
	return first, next, nil
}
