package main

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/chromedp/chromedp"
)

// typed is what somebody looks for, letter by letter, and takes away again.
var typed = []string{"photos", "calendar", "git", "music", "backup", "chat", "wiki", "passwords", "recipes", "home", "newsletter", "surveys", "zzz"}

//go:embed panelstore.js
var storeScript string

// keystroke is one as the page saw it.
type keystroke struct {
	Query   string
	Results float64 // ms from the key's event to the results in the page
	Painted float64 // ms to the frame after them
}

// panelStore times the search in the browser: from a key to its results.
func (b *bench) panelStore(ctx context.Context) error {
	p, err := b.needPanel(ctx)
	if err != nil {
		return err
	}
	page, stop, err := p.tab(ctx, 1280, 900)
	if err != nil {
		return err
	}
	defer stop()
	if err := b.quiet(ctx); err != nil {
		return err
	}
	before := loadAverage()
	if err := chromedp.Do(page, chromedp.Navigate(panelURL+"/store")); err != nil {
		return err
	}
	shown, err := chromedp.Run(page, chromedp.Evaluate[string](storeScript+`; document.querySelector("#store-results .store-count").textContent`))
	if err != nil {
		return err
	}
	var results, painted []float64
	press := func(keys string, count bool) error {
		if err := chromedp.Do(page, chromedp.KeyEvent(keys)); err != nil {
			return err
		}
		k, err := chromedp.Run(page, chromedp.Evaluate[keystroke](`dcloudAnswered()`, chromedp.EvalAwaitPromise))
		if err != nil {
			return fmt.Errorf("no results for a key: %w", err)
		}
		if count {
			b.detail("%6.1f ms, painted after %6.1f ms: %q", k.Results, k.Painted, k.Query)
			results, painted = append(results, k.Results), append(painted, k.Painted)
		}
		return nil
	}
	for round := range 1 + b.fewer() { // the first does not count
		for _, word := range typed {
			for _, letter := range word {
				if err := press(string(letter), round > 0); err != nil {
					return err
				}
			}
			for range word {
				if err := press("\b", round > 0); err != nil {
					return err
				}
			}
		}
	}
	note := fmt.Sprintf("%s, %d keystrokes; load average %s before, %s after", shown, len(results), before, loadAverage())
	b.report.add(
		figure{ID: "panel.store.p50", What: "store: from a key to its results on the page, median", Unit: "ms", Value: percentile(results, 50), Note: note}.atMost(100),
		figure{ID: "panel.store.p99", What: "the same, 99th percentile", Unit: "ms", Value: percentile(results, 99)}.atMost(100),
		figure{ID: "panel.store.painted_p50", What: "the same to the frame that shows them, median", Unit: "ms", Value: percentile(painted, 50)},
		figure{ID: "panel.store.painted_p99", What: "the same to the frame that shows them, 99th percentile", Unit: "ms", Value: percentile(painted, 99)},
	)
	return nil
}
