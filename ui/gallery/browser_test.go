package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one step in the browser may take.
const patience = time.Minute

// browser starts a Chromium, which ends with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("the test needs Chromium: %v", err)
	}
	ctx, _ := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true))
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	return ctx
}

// tab is a page of a browser that shares nothing with the others. It keeps what the
// browser complains of.
type tab struct {
	ctx context.Context
	axe string

	mu       sync.Mutex
	problems []string
}

// watching tells of what the content policy refused.
const watching = `addEventListener("securitypolicyviolation", (e) =>
	console.error("content policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber + " " + e.sample))`

func newTab(ctx context.Context) (*tab, error) {
	axe, err := os.ReadFile(filepath.Join("..", "assets", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("axe-core is missing (make assets fetches it): %w", err)
	}
	b := &tab{axe: string(axe)}
	b.ctx, _ = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	if err := chromedp.Listen(b.ctx, b.hear); err != nil {
		return nil, err
	}
	_, err = chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watching})
	return b, err
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		// A page may be a refusal; a script, a style or an icon may not.
		at, _ := url.Parse(e.Entry.URL)
		asked := e.Entry.Source == "network" && at != nil && !strings.HasPrefix(at.Path, "/assets/") && !strings.HasPrefix(at.Path, "/icons/") && !strings.Contains(at.Path, ".")
		if e.Entry.Level == "error" && !(asked && strings.Contains(e.Entry.Text, "responded with a status of")) {
			b.problems = append(b.problems, fmt.Sprintf("%s (%s)", e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text := string(e.Type)
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			if !strings.Contains(text, "Response Status Error Code 4") { // htmx says that a form was refused
				b.problems = append(b.problems, text)
			}
		}
	}
}

// complaints are what there was to complain of since last asked.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.problems
	b.problems = nil
	return out
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// eval evaluates and waits for what was promised.
func (b *tab) eval(script string) (string, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](`(async () => { `+script+`; return "" })()`, chromedp.EvalAwaitPromise))
}

// open loads a page with cookies alone that are given.
func (b *tab) open(address string, cookies map[string]string) error {
	_, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{})
	for name, value := range cookies {
		if err == nil {
			_, err = chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: address})
		}
	}
	if err != nil {
		return err
	}
	return b.do(chromedp.Navigate(address))
}

// submit runs a script that leads to another page, and waits for that.
func (b *tab) submit(script string) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](helpers+script+"; undefined")(ctx, t)
		return chromedp.Void{}, err
	})
	return err
}

// look sets how wide the page is and which colours it has. Nothing moves meanwhile.
func (b *tab) look(width int64, scheme string) error {
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		return err
	}
	height := int64(780)
	if width > 1000 {
		height = 900
	}
	return b.do(chromedp.EmulateViewport(width, height))
}

// finding is something that is wrong with a page.
type finding struct{ Rule, Where string }

// judge finds what axe-core has against the page as it is, and what is wider than it.
func (b *tab) judge() ([]finding, error) {
	text, err := b.eval(`if (!window.axe) {` + b.axe + `}
		// A tab behind others draws no frames, so what came by itself with one is asked for:
		// that all is styled anew for these colours, and that nothing is half way.
		if (!window.judging) (window.judging = new CSSStyleSheet()).replaceSync("* { content-visibility: visible !important }");
		document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter((s) => s !== judging), judging];
		for (const s of document.styleSheets) s.disabled = true;
		document.body.offsetHeight;
		for (const s of document.styleSheets) s.disabled = false;
		document.body.offsetHeight;
		for (const a of document.getAnimations()) { try { a.finish(); } catch { a.cancel(); } }
		const found = [];
		const r = await axe.run(document, { resultTypes: ["violations"], preload: false, performanceTimer: false });
		for (const v of r.violations) for (const n of v.nodes.slice(0, 4))
			found.push({ Rule: v.id, Where: n.html.slice(0, 300) + " :: " + n.failureSummary.replace(/\s+/g, " ") });
		const wide = document.documentElement.scrollWidth;
		if (wide > innerWidth) {
			const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.tagName + "." + e.getAttribute("class"));
			found.push({ Rule: "overflow", Where: wide + " of " + innerWidth + ": " + over.slice(0, 6).join(" ") });
		}
		return JSON.stringify(found)`)
	if err != nil {
		return nil, err
	}
	var out []finding
	return out, json.Unmarshal([]byte(text), &out)
}

// picture keeps what the page looks like, where somebody wants to look at it.
func (b *tab) picture(name string) error {
	dir := os.Getenv("DCLOUD_SHOTS")
	if dir == "" {
		return nil
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, strings.NewReplacer("/", "_", " ", "-").Replace(name)+".png"), png, 0o644)
}
