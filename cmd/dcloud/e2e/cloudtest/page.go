package cloudtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// PageTime is how long a page may take to show something.
const PageTime = 30 * time.Second

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
}

// abandoned is what is said of what was given up for something newer: by htmx of a
// request that another one, or another page, took the place of (one that failed says
// htmx:sendError besides), by Chromium of a move between pages, before any script runs.
var abandoned = regexp.MustCompile(`^htmx:(sendAbort|afterRequest), |ViewTransition opt-in disabled`)

// Page opens a browser on the machine with a window as wide as a phone, or as given.
func (m *Machine) Page(t testing.TB, width, height int64) *Page {
	t.Helper()
	return page(t, m.Browser(t), width, height)
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
	p := &Page{t: t, ctx: ctx}
	go func() {
		for message, err := range chromedp.Console(p.ctx) {
			if err != nil {
				return
			}
			if abandoned.MatchString(message.Text) {
				continue
			}
			if message.Type == chromedp.ConsoleError || message.Type == chromedp.ConsoleException {
				p.mu.Lock()
				p.problems = append(p.problems, strings.TrimSpace(message.Text+" "+message.URL))
				p.mu.Unlock()
			}
		}
	}()
	p.do(chromedp.EmulateViewport(width, height))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.problems) > 0 {
			t.Errorf("the browser complained: %s", strings.Join(p.problems, "\n"))
		}
	})
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
func (p *Page) Tap(words string) {
	p.t.Helper()
	var at struct{ X, Y float64 }
	p.await("tap "+words, fmt.Sprintf("dcloudFind(%s)", quote(words)), &at)
	p.do(chromedp.MouseClickXY(at.X, at.Y))
	p.Taps++
}

// Type fills the field with a label.
func (p *Page) Type(label, text string) {
	p.t.Helper()
	var ok bool
	p.await("fill "+label, fmt.Sprintf("dcloudFocus(%s)", quote(label)), &ok)
	p.do(chromedp.KeyEvent(text))
	p.Typed++
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
	Await(p.t, "the page shows "+words, patience, func() error {
		text, err := p.text()
		if err == nil && !strings.Contains(text, words) {
			err = errors.New(clipPage(text))
		}
		return err
	})
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

// At waits until the page's path is this, and the page is there.
func (p *Page) At(path string) {
	p.t.Helper()
	Await(p.t, "the page is "+path, PageTime, func() error {
		at, err := p.eval(`document.readyState === "loading" ? "on its way" : location.pathname`)
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

// Forgive drops complaints that hold the words: what the browser says of an answer
// that the test asked for.
func (p *Page) Forgive(words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []string
	for _, problem := range p.problems {
		if !strings.Contains(problem, words) {
			left = append(left, problem)
		}
	}
	p.problems = left
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
func clipPage(s string) string { return s[:min(len(s), 2000)] }

// await evaluates until there is an answer that is not null or false.
func (p *Page) await(what, expression string, out any) {
	p.t.Helper()
	Await(p.t, what, PageTime, func() error {
		v, err := p.eval(expression)
		if err != nil {
			return err
		}
		if v == nil || v == false {
			text, _ := p.text()
			return fmt.Errorf("not on the page: %s", clipPage(text))
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, out)
	})
}

func (p *Page) eval(expression string) (any, error) {
	return chromedp.Run(p.ctx, chromedp.Evaluate[any](pageScript+"\n;("+expression+")", chromedp.EvalAwaitPromise))
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
