package cloudtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// PageTime is how long a page may take to show something, and answerTime the browser to
// answer what a script asks. They only end what hangs.
const (
	PageTime   = 2 * time.Minute
	answerTime = time.Minute
)

//go:embed page.js
var pageScript string

// Page is a browser's page as a person uses it: things are found by the words on them,
// and only what can be seen can be tapped.
type Page struct {
	t   testing.TB
	ctx context.Context
	// Taps counts what was tapped or clicked, Typed the fields that were filled.
	Taps, Typed int

	mu       sync.Mutex
	problems []string
	heard    map[string]chan struct{} // marks in the console, by their text
}

// NewPage opens a window of a browser that runs; it closes with the test. With
// chromedp.WithNewBrowserContext it is somebody else's, who is signed in nowhere.
func NewPage(t testing.TB, browser context.Context, width, height int64, options ...chromedp.ContextOption) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, options...)
	t.Cleanup(cancel)
	return page(t, ctx, width, height)
}

func page(t testing.TB, ctx context.Context, width, height int64) *Page {
	t.Helper()
	p := &Page{t: t, ctx: ctx, heard: map[string]chan struct{}{}}
	p.do(chromedp.EmulateViewport(width, height)) // and the window is there
	go p.hear(chromedp.Console(p.ctx))
	t.Cleanup(p.tell)
	return p
}

// Context is for what chromedp does otherwise.
func (p *Page) Context() context.Context { return p.ctx }

// Open goes to an address.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// Tap taps what has the words on it: a link, a button, a box, as soon as it is there.
// Where the page changes under the finger at that very moment, so that the tap comes to
// nothing or to something else, it is done again.
func (p *Page) Tap(words string) {
	p.t.Helper()
	Await(p.t, "tap "+words, PageTime, func() error {
		var at struct{ X, Y float64 }
		if err := p.look(fmt.Sprintf("dcloudFind(%s)", quote(words)), &at); err != nil {
			return err
		}
		if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(at.X, at.Y)); err != nil {
			return err
		}
		state, err := p.eval(`window.dcloudTap?.state ?? "landed"`)
		if err != nil || state == "landed" {
			return nil // on its way to another page, or there
		}
		return fmt.Errorf("the tap was %v", state)
	})
	p.Taps++
}

// Type fills the field with a label.
func (p *Page) Type(label, text string) {
	p.t.Helper()
	var ok bool
	p.await("fill "+label, fmt.Sprintf("dcloudFocus(%s)", quote(label)), &ok)
	p.do(chromedp.KeyEvent(text))
	if got := p.Value("window.dcloudTyped?.value"); got != text {
		p.t.Fatalf("what was typed into %s is %q, and it holds %v", label, text, got)
	}
	p.Typed++
}

// Remember notes from now on all that the page says. Saw needs it.
func (p *Page) Remember() {
	p.t.Helper()
	p.Await("the page is there", "document.body && dcloudRemember()")
}

// Saw waits until the page says the words, or has said them since Remember: for what is
// there for a moment only.
func (p *Page) Saw(words string) {
	p.t.Helper()
	p.Await("the page has said "+words, fmt.Sprintf("dcloudSaid.some((text) => text.includes(%s))", quote(words)))
}

// Press presses keys, where the focus is.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// Reload loads the page again.
func (p *Page) Reload() { p.t.Helper(); p.do(chromedp.Reload()) }

// Choose chooses from a list with a label.
func (p *Page) Choose(label, option string) {
	p.t.Helper()
	var ok bool
	p.await("choose "+option, fmt.Sprintf("dcloudChoose(%s, %s)", quote(label), quote(option)), &ok)
}

// See waits until the page shows the words.
func (p *Page) See(words string) { p.t.Helper(); p.SeeWithin(words, PageTime) }

// SeeWithin waits for so long.
func (p *Page) SeeWithin(words string, patience time.Duration) {
	p.t.Helper()
	Await(p.t, "the page shows "+words, patience, func() error { return p.Shows(words) })
}

// Shows returns nil where the page shows the words.
func (p *Page) Shows(words string) error {
	text, err := p.text()
	if err == nil && !strings.Contains(text, words) {
		err = errors.New("it does not")
	}
	return err
}

// Gone waits until the page does not show the words.
func (p *Page) Gone(words string) {
	p.t.Helper()
	Await(p.t, "the page no longer shows "+words, PageTime, func() error {
		text, err := p.text()
		if err == nil && strings.Contains(text, words) {
			err = errors.New("it does")
		}
		return err
	})
}

// At waits until the page's path is this, and all of the page is there.
func (p *Page) At(path string) {
	p.t.Helper()
	Await(p.t, "the page is "+path, PageTime, func() error {
		at, err := p.eval(`document.readyState === "complete" ? location.pathname : location.pathname + " is on its way"`)
		if err == nil && at != path {
			err = fmt.Errorf("%v", at)
		}
		return err
	})
}

// Await waits until a script's expression is true, or anything but null and false.
func (p *Page) Await(what, expression string) any {
	p.t.Helper()
	var v any
	p.await(what, expression, &v)
	return v
}

// Value is what a script's expression comes to, or its promise.
func (p *Page) Value(expression string) any {
	p.t.Helper()
	v, err := p.eval(expression)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// Screenshot writes a picture of the whole page.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Text is what the page says, with what only screen readers are told. Words are a space
// apart, however they are laid out.
func (p *Page) Text() string {
	p.t.Helper()
	text, err := p.text()
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

func (p *Page) text() (string, error) {
	v, err := p.eval("document.body ? document.body.innerText : ''")
	text, _ := v.(string)
	return strings.Join(strings.Fields(text), " "), err
}

// clipPage shortens what a page says, which is more than other things do.
func clipPage(s string) string { return strings.ToValidUTF8(s[:min(len(s), 1500)], "") }

// await evaluates until there is an answer that is not null or false.
func (p *Page) await(what, expression string, out any) {
	p.t.Helper()
	Await(p.t, what, PageTime, func() error { return p.look(expression, out) })
}

// look evaluates once what the page may not have yet.
func (p *Page) look(expression string, out any) error {
	v, err := p.eval(expression)
	if err != nil {
		return err
	}
	if v == nil || v == false {
		return errors.New("not on the page")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// eval evaluates once. While one page gives way to another that can fail.
func (p *Page) eval(expression string) (any, error) {
	ctx, cancel := context.WithTimeout(p.ctx, answerTime)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[any](pageScript+"\n;("+expression+")", chromedp.EvalAwaitPromise))
}

func (p *Page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func quote(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}
