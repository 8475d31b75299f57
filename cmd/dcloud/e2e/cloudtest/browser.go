package cloudtest

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"
)

// startTime is how long a browser may take to start on a machine that does much else.
const startTime = 5 * time.Minute

// StartBrowser starts a Chromium on the machine, whose front door it finds as a person
// at that machine does, and returns a context for chromedp with a blank page. It ends
// with the context.
func (m *Machine) StartBrowser(ctx context.Context, options ...chromedp.ExecAllocatorOption) (context.Context, error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("find the browser: %w", err)
	}
	options = append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(startTime), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			inside := m.Command(ctx, append([]string{cmd.Path}, cmd.Args[1:]...)...)
			cmd.Path, cmd.Args = inside.Path, inside.Args
		}),
	}, options...)
	allocator, _ := chromedp.NewExecAllocator(ctx, options...)
	page, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(page); err != nil {
		return nil, fmt.Errorf("start the browser: %w", err)
	}
	return page, nil
}
