// Package pictures takes the pictures of the panel that docs/panel.md shows, in a real
// browser: `make pictures`. Each time they show the same, at the same moment; how the
// browser draws letters may still differ, so that not all files are the same.
//
// It depends on chromedp and Chromium, and knows the panel by its address alone: the
// gallery serves it, over a cloud that is not there. Start reading at Take, then at
// shots (shots.go).
package pictures

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take until it looks as it should.
const patience = 30 * time.Second

// Take opens each page of the panel at base ("http://127.0.0.1:7090") and writes its
// picture into the folder, as NAME-SCHEME.png. The browser believes that it is the
// moment at.
func Take(ctx context.Context, base, folder string, at time.Time, log *slog.Logger) error {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return fmt.Errorf("find the browser, which Debian's package chromium has: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	ctx, _ = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"),
		// So that letters are drawn the same each time.
		chromedp.Flag("disable-lcd-text", true), chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("disable-partial-raster", true))
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx, standStill(at)); err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	defer func() { _ = chromedp.Cancel(ctx) }()
	total := 0
	for _, s := range shots() {
		for _, scheme := range s.schemes {
			n, err := s.take(ctx, base, scheme, filepath.Join(folder, s.name+"-"+scheme+".png"))
			if err != nil {
				return fmt.Errorf("take %s, %s: %w", s.name, scheme, err)
			}
			total += n
			log.Info("picture", "name", s.name, "scheme", scheme, "bytes", n)
		}
	}
	log.Info("pictures", "bytes", total)
	return nil
}

// standStill stops the browser's clock, for pages that say how long ago something was,
// and lets it live in Greenwich.
func standStill(at time.Time) chromedp.Action[chromedp.Void] {
	script := fmt.Sprintf("(() => { const real = Date, at = %d; globalThis.Date = class extends real { constructor(...a) { a.length ? super(...a) : super(at); } static now() { return at; } }; })()", at.UnixMilli())
	return chromedp.Steps(
		call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}),
		call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "UTC"}),
	)
}

// call is a call of the browser's protocol whose answer nobody needs.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, command, params)
		return none, err
	}
}

// take writes one picture and says how large it is.
func (s shot) take(ctx context.Context, base, scheme, file string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	steps := []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(s.width, s.height, chromedp.EmulateScale(s.scale)),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}),
		chromedp.Navigate(base + s.path),
	}
	for k, step := range append(append(steps, s.steps...), settled) {
		if err := chromedp.Do(ctx, step); err != nil {
			return 0, fmt.Errorf("step %d: %w", k+1, err)
		}
	}
	seen, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return 0, err
	}
	picture, err := png.Decode(bytes.NewReader(seen))
	if err != nil {
		return 0, fmt.Errorf("read what the browser took: %w", err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduce(picture)); err != nil {
		return 0, err
	}
	return out.Len(), os.WriteFile(file, out.Bytes(), 0o644)
}

// settled waits until nothing is loaded any more and nothing moves, a caret included,
// and what there is is drawn.
func settled(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
	_, err = chromedp.Poll[chromedp.Void](`document.readyState === "complete" && document.fonts.status === "loaded" &&
		[...document.images].every((i) => i.complete || i.loading === "lazy") && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")`)(ctx, t)
	if err != nil {
		return none, err
	}
	return chromedp.Evaluate[chromedp.Void](`(async () => {
		document.activeElement?.blur();
		for (const a of document.getAnimations()) { try { a.finish(); } catch { a.cancel(); } }
		for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame);
	})()`, chromedp.EvalAwaitPromise)(ctx, t)
}
