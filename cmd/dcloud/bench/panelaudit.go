package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/run"
)

// lighthouseMax is as long as an audit of one page may take on a busy machine.
const lighthouseMax = 4 * time.Minute

// panelAudit has Lighthouse judge the pages of the real panel, as on a phone: a slow
// processor and a slow line, which it simulates.
func (b *bench) panelAudit(ctx context.Context) error {
	p, err := b.needPanel(ctx)
	if err != nil {
		return err
	}
	if len(p.apps) == 0 {
		if _, err := p.must(ctx, "app", "install", p.entries[0]); err != nil {
			return err
		}
		p.apps = append(p.apps, p.entries[0])
	}
	lighthouse, err := b.lighthouse(ctx)
	if err != nil {
		return err
	}
	// Not in the arguments, where everybody reads them.
	headers := filepath.Join(b.dir, "lighthouse-headers.json")
	text, err := json.Marshal(map[string]string{"Cookie": sessionCookie + "=" + p.token})
	if err != nil {
		return err
	}
	if err := os.WriteFile(headers, text, 0o600); err != nil {
		return err
	}
	pages := []struct{ name, path string }{{"sign-in", "/sign-in"}, {"home", "/"}, {"store", "/store"}, {"app", "/apps/" + p.apps[0]}}
	scores := map[string]map[string][]float64{}
	before := loadAverage()
	for round := range b.fewer() {
		for _, page := range pages {
			if err := b.quiet(ctx); err != nil {
				return err
			}
			args := []string{"node", lighthouse, panelURL + page.path}
			if page.name != "sign-in" { // who is signed in is sent on
				args = append(args, "--extra-headers="+headers)
			}
			of, err := p.audit(ctx, b.dir, args)
			if err != nil {
				return fmt.Errorf("audit %s: %w", page.name, err)
			}
			b.detail("round %d: %s: %v", round, page.name, of)
			if scores[page.name] == nil {
				scores[page.name] = map[string][]float64{}
			}
			for category, score := range of {
				scores[page.name][category] = append(scores[page.name][category], score)
			}
		}
	}
	note := fmt.Sprintf("%d apps; load average %s before, %s after", len(p.apps), before, loadAverage())
	for _, page := range pages {
		for _, category := range []string{"performance", "accessibility", "best-practices"} {
			b.report.add(figure{ID: "panel.lighthouse." + page.name + "." + category, What: "Lighthouse on " + page.name + ": " + strings.ReplaceAll(category, "-", " "),
				Runs: scores[page.name][category], Note: note}.atLeast(95))
			note = ""
		}
	}
	return nil
}

// lighthouse is the program's script, which npm fetches where it is not there.
func (b *bench) lighthouse(ctx context.Context) (string, error) {
	dir := filepath.Join(cloudtest.Repository(), "ui", "assets", "audit")
	script := filepath.Join(dir, "node_modules", "lighthouse", "cli", "index.js")
	if _, err := os.Stat(script); err == nil {
		return script, nil
	}
	b.detail("fetch Lighthouse")
	err := run.Do(ctx, run.Command{Args: []string{"npm", "--prefix", dir, "ci", "--ignore-scripts", "--no-audit", "--no-fund"}, Env: append(run.Environment("npm_*"), "HOME="+os.Getenv("HOME"))})
	return script, err
}

// audit runs Lighthouse on the machine, and returns its scores of 100 by category.
func (p *panelRun) audit(ctx context.Context, dir string, args []string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, lighthouseMax)
	defer cancel()
	out := filepath.Join(dir, "lighthouse.json")
	cmd := p.host.Command(ctx, append(args, "--quiet", "--output=json", "--output-path="+out,
		"--only-categories=performance,accessibility,best-practices",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --disable-component-update --disable-sync")...)
	cmd.Env = append(cmd.Env, "HOME="+dir, "TMPDIR="+dir, "CHROME_PATH=/usr/bin/chromium")
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return readAudit(text)
}

// readAudit reads Lighthouse's report. A page that did not load has no scores.
// https://github.com/GoogleChrome/lighthouse/blob/main/docs/understanding-results.md
func readAudit(text []byte) (map[string]float64, error) {
	var report struct {
		RuntimeError *struct{ Message string }
		Categories   map[string]struct{ Score *float64 }
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, err
	}
	if report.RuntimeError != nil {
		return nil, fmt.Errorf("the page could not be judged: %s", report.RuntimeError.Message)
	}
	scores := map[string]float64{}
	for name, c := range report.Categories {
		if c.Score == nil {
			return nil, fmt.Errorf("there is no score for %s", name)
		}
		scores[name] = 100 * *c.Score
	}
	return scores, nil
}
