package cloudtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// axeScript is what judges a page's accessibility: axe-core, which `make assets`
// fetches beside what the panel is built of.
var axeScript = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join(Repository(), "ui", "assets", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is missing (make assets fetches it): %w", err)
	}
	return string(text), nil
})

// violation is one of axe's.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// Accessible holds the page, as it is now, to axe-core's rules: those of WCAG 2.2 AA
// and its best practices. what names the page and its state.
func (p *Page) Accessible(what string) {
	p.t.Helper()
	script, err := axeScript()
	if err != nil {
		p.t.Fatal(err)
	}
	// The whole page, and as it stays: what fades in has not its own colours yet. What
	// turns for ever is as it will be.
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script+`;
		new Promise((there) => document.readyState === "complete" ? there() : addEventListener("load", there))
			.then(() => Promise.allSettled(document.getAnimations().filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime)).map((a) => a.finished)))
			.then(() => axe.run(document, { resultTypes: ["violations"] })).then((r) => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: axe: %v", what, err)
	}
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range found {
		var where []string
		for _, n := range v.Nodes[:min(len(v.Nodes), 5)] {
			where = append(where, n.HTML+" :: "+strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
		p.t.Errorf("%s: %s (%s): %s\n  %s", what, v.ID, v.Impact, v.Help, strings.Join(where, "\n  "))
	}
}
