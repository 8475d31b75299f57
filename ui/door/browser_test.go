package door_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// real is a browser with an authenticator that it plays itself.
type real struct {
	t   *testing.T
	ctx context.Context
}

// stepTime is how long each step may take on the busiest machine, its start too.
const stepTime = 5 * time.Minute

// realBrowser starts one, which ends with the test.
func realBrowser(t *testing.T) *real {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("the test needs Chromium: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.WSURLReadTimeout(stepTime), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	ctx, _ = chromedp.NewContext(ctx)
	w := &real{t, ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(400, 1300)); err != nil { // whose context is the browser's
		t.Fatalf("start the browser: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	w.do("plug an authenticator in", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		if _, err = cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return none, err
		}
		_, err = cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return none, err
	})
	return w
}

func (w *real) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepTime)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.shoot("failed")
		at, _ := chromedp.Run(w.ctx, chromedp.Location())
		w.t.Fatalf("%s, at %s: %v", what, at, err)
	}
}

func (w *real) open(page string) { w.t.Helper(); w.do("open "+page, chromedp.Navigate(page)) }
func (w *real) see(css string) {
	w.t.Helper()
	w.do("see "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// click clicks what stands still, as a person does: while one page turns into another the
// browser gives clicks to neither.
func (w *real) click(css string) {
	w.t.Helper()
	still := chromedp.Poll[bool](`document.readyState === "complete" && document.getAnimations().every((a) => a.playState !== "running")`)
	w.do("wait before "+css, func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = still(ctx, target)
		return none, err
	})
	w.do("click "+css, chromedp.Click(chromedp.CSS(css)))
}
func (w *real) typed(css, text string) {
	w.t.Helper()
	w.do("type into "+css, chromedp.Clear(chromedp.CSS(css)), chromedp.SendKeys(chromedp.CSS(css), text))
}

// text of the page, once an element is there.
func (w *real) text(css string) string {
	w.t.Helper()
	w.see(css)
	text, err := chromedp.Run(w.ctx, chromedp.Text(chromedp.CSS("body")))
	check(w.t, err)
	return text
}

// shoot keeps a picture where somebody wants to look at them.
func (w *real) shoot(name string) {
	dir := os.Getenv("DCLOUD_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.t.Log(err)
		return
	}
	check(w.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// TestARealBrowserMakesAPasskeyAndSignsInWithIt runs the pages' own script.
func TestARealBrowserMakesAPasskeyAndSignsInWithIt(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Chromium")
	}
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := realBrowser(t)
	w.open(b.origin() + link.Link)
	w.shoot("welcome")
	w.typed("#f-name", "ada")
	w.typed("#f-password", "password1")
	if text := w.text("#strength.bad strong"); !strings.Contains(text, "easy to guess") {
		t.Errorf("a weak password is told as %q", text)
	}
	w.shoot("welcome-weak")
	w.typed("#f-password", good)
	w.see("#strength.ok strong")
	w.click("main button.primary")
	if text := w.text("pre"); text != "home of ada" {
		t.Errorf("the first run led to %q", text)
	}
	w.open(b.origin() + "/settings/passkeys")
	w.see("[data-passkey] button.primary")
	w.shoot("passkeys")
	w.typed("#f-passkey", "Test key")
	w.click("[data-passkey] button.primary")
	w.see("#who")
	w.shoot("account")
	w.open(b.origin() + "/settings/passkeys")
	if text := w.text("ul.rows"); !strings.Contains(text, "Test key") {
		t.Errorf("the passkeys are %q", text)
	}
	w.open(b.origin() + "/settings")
	w.click(`form[action="/sign-out"] button`)
	w.see("[data-passkey] button")
	w.shoot("signin")
	w.click("[data-passkey] button")
	if text := w.text("pre"); text != "home of ada" {
		t.Errorf("the passkey led to %q", text)
	}
	b.pass(11 * time.Minute)
	w.open(b.origin() + "/danger")
	w.see("[data-passkey] button")
	w.shoot("sudo")
	w.click("[data-passkey] button")
	if text := w.text("pre"); text != "danger" {
		t.Errorf("the proof led to %q", text)
	}
	w.open(b.origin() + "/settings/totp")
	w.click("main form button.primary")
	w.see(".qr svg")
	w.shoot("totp")
	w.open(b.origin() + "/settings/password")
	w.shoot("password")
	w.open(b.origin() + "/join/nothing")
	w.shoot("gone")
}
