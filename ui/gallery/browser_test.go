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

// patience only ends a step in the browser that hangs: one on a busy machine is slow.
const patience = 5 * time.Minute

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
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
		// What is not of this machine is not there, whatever a network's name server says.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		// A page that was left is not kept for who goes back.
		chromedp.Flag("disable-back-forward-cache", true))
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
	ctx   context.Context
	axe   string
	width int64 // of the window, 0 before it was set

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
		// Where a domain moves to nothing is for now: the page looks until something is.
		waits := at != nil && at.Hostname() == "panel.grace.xyz" && strings.Contains(e.Entry.Text, "ERR_NAME_NOT_RESOLVED")
		if e.Entry.Level == "error" && !waits && !(asked && strings.Contains(e.Entry.Text, "responded with a status of")) {
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

// look sets how wide the page is and which colours it has, and waits until it knows.
func (b *tab) look(width int64, scheme string) error {
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err == nil && width != b.width {
		height := int64(780)
		if width > 1000 {
			height = 900
		}
		err = b.do(chromedp.EmulateViewport(width, height))
	}
	if err == nil {
		b.width = width
		_, err = b.eval(fmt.Sprintf(`%s await until(() => innerWidth === %d && matchMedia("(prefers-color-scheme: %s)").matches)`, helpers, width, scheme))
	}
	return err
}

// finding is something that is wrong with a page.
type finding struct{ Rule, Where string }

// judging finds what axe-core has against the page as it is, and what is wider than it.
//
// All of axe's rules judge a page at each width. A scheme changes colours alone, so of
// the second at a width only the rules about colours are asked, if nothing else is
// another: the document, what of it is shown, how large and where. Otherwise, as where
// the page went on meanwhile, all of them are asked again.
//
// What is judged stands still. The panel's motion goes by prefers-reduced-motion, which
// leaves each change a transition of its own, one after the other down the tree where a
// colour is inherited: in the middle of that, dark pages have the colours of light ones.
// So a style sheet ends transitions altogether, before anything is switched.
const judging = `
	await until(() => document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling"));
	await document.fonts.ready;
	if (!window.judged) {
		(window.judged = new CSSStyleSheet()).replaceSync("*, ::before, ::after, ::backdrop { content-visibility: visible !important; transition: none !important }");
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, judged];
	}
	for (const a of document.getAnimations()) { try { a.finish(); } catch { a.cancel(); } }
	const shape = document.documentElement.outerHTML + [...document.querySelectorAll("*")].map((e) => {
		const s = getComputedStyle(e), r = e.getBoundingClientRect();
		return [s.display, s.visibility, s.position, s.overflow, s.clipPath, s.zIndex, s.pointerEvents, s.fontSize, s.fontWeight, s.textDecorationLine,
			r.x + scrollX, r.y + scrollY, r.width, r.height, e.scrollWidth, e.scrollHeight];
	}).join("\n");
	const options = { resultTypes: ["violations"], preload: false, performanceTimer: false };
	if (shape === judged.shape) // colours that only AAA asks for are no rule of ours, nor axe's by default
		options.runOnly = axe.getRules(["cat.color"]).filter((r) => !r.tags.includes("wcag2aaa")).map((r) => r.ruleId);
	judged.shape = shape;
	const found = [];
	const r = await axe.run(document, options);
	for (const v of r.violations) for (const n of v.nodes.slice(0, 4))
		found.push({ Rule: v.id, Where: n.html.slice(0, 300) + " :: " + n.failureSummary.replace(/\s+/g, " ") });
	const wide = document.documentElement.scrollWidth;
	if (wide > innerWidth) {
		const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.tagName + "." + e.getAttribute("class"));
		found.push({ Rule: "overflow", Where: wide + " of " + innerWidth + ": " + over.slice(0, 6).join(" ") });
	}
	return JSON.stringify({ Found: found, All: !options.runOnly })`

// judge holds the page as it is to what judging says, and tells whether all rules were asked.
func (b *tab) judge() (found []finding, all bool, err error) {
	there, err := b.eval(`return typeof axe`)
	if err == nil && there == "undefined" {
		// By itself, so that the browser keeps it compiled for the next page.
		err = b.do(func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
			_, err = chromedp.Evaluate[any](b.axe+"\n;undefined")(ctx, t)
			return none, err
		})
	}
	var text string
	if err == nil {
		text, err = b.eval(helpers + judging)
	}
	if err != nil {
		return nil, false, err
	}
	var out struct {
		Found []finding
		All   bool
	}
	err = json.Unmarshal([]byte(text), &out)
	return out.Found, out.All, err
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
