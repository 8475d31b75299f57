package cloudtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

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

// axeTime is how long axe may take over a page, and axeRounds how often it is asked of one
// that does not stay as it is.
const (
	axeTime   = 5 * time.Minute
	axeRounds = 5
)

// axeRun looks at the whole page, as it stays: what fades in has not its own colours
// yet. What turns for ever is as it will be.
const axeRun = `;
(async () => {
	const finite = () => document.getAnimations().filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime));
	if (document.readyState !== "complete") await new Promise((there) => addEventListener("load", there));
	await Promise.allSettled(finite().map((a) => a.finished));
	let changed = false;
	const observer = new MutationObserver(() => { changed = true; });
	observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
	const { violations } = await axe.run(document, { resultTypes: ["violations"] });
	observer.disconnect();
	return JSON.stringify({ violations, changed: changed || finite().length > 0 });
})()`

// Accessible holds the page, as it is now, to axe-core's rules: those of WCAG 2.2 AA
// and its best practices. what names the page and its state.
func (p *Page) Accessible(what string) {
	p.t.Helper()
	script, err := axeScript()
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, axeTime)
	defer cancel()
	var found struct {
		Violations []violation
		Changed    bool
	}
	for range axeRounds {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](script+axeRun, chromedp.EvalAwaitPromise))
		if err == nil {
			err = json.Unmarshal([]byte(text), &found)
		}
		if err != nil {
			p.t.Fatalf("%s: axe: %v", what, err)
		}
		// What axe says of a page that changed meanwhile is neither true of what was there
		// before nor of what is there now.
		if len(found.Violations) == 0 || !found.Changed {
			break
		}
	}
	for _, v := range found.Violations {
		var where []string
		for _, n := range v.Nodes[:min(len(v.Nodes), 5)] {
			where = append(where, n.HTML+" :: "+strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
		p.t.Errorf("%s: %s (%s): %s\n  %s", what, v.ID, v.Impact, v.Help, strings.Join(where, "\n  "))
	}
}
