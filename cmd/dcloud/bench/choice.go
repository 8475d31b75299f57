package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/dentropy/dcloud/provisioning/run"
)

// searched is how many entries a search goes through: our own and several stores.
const searched = 3000

// searches are what people type: whole words, beginnings, what is nowhere.
var searches = []string{"", "m", "photo", "photos on your phone", "nextcloud", "a", "mail server", "zzzz", "e o a"}

// search times a search through thousands of entries, as the store asks for it.
func (b *bench) search(context.Context) error {
	dir := filepath.Join(b.dir, "search")
	if _, err := writeCatalog(dir, searched); err != nil {
		return err
	}
	c, problems := catalog.LintPath(dir)
	if problems.Err() != nil || len(c.Entries()) != searched {
		return fmt.Errorf("%d entries, %w", len(c.Entries()), problems.Err())
	}
	var slowest []float64
	for range b.runs {
		worst := time.Duration(0)
		for _, words := range searches {
			began := time.Now()
			c.Search(words)
			worst = max(worst, time.Since(began))
		}
		slowest = append(slowest, worst.Seconds()*1000)
	}
	b.report.add(figure{ID: "catalog.search", What: "search 3,000 entries, the slowest of nine searches", Unit: "ms", Runs: slowest}.atMost(10))
	return nil
}

// merge times putting an override of 200 lines onto a job: reading it, merging it,
// checking it. What Nomad's own parser takes is told beside.
func (b *bench) merge(ctx context.Context) error {
	c, problems := catalog.Embedded()
	if err := problems.Err(); err != nil {
		return err
	}
	entry, _ := c.Get("miniflux")
	job, err := jobs.Build(inputOf(entry))
	if err != nil {
		return err
	}
	text := override200(*job.ID)
	began := time.Now()
	answer, err := b.parse(ctx, text)
	if err != nil {
		return err
	}
	parsed, err := read(answer, job)
	if err != nil {
		return err
	}
	parsing := time.Since(began)
	allow := override.Allow{Hosts: []string{"miniflux.dcloud.localhost"}}
	var took []float64
	for range b.runs {
		began := time.Now()
		w, problems := override.Parse("override.hcl", []byte(text))
		if problems != nil {
			return problems
		}
		if _, _, problems = override.New(w, parsed).Apply(job, allow); problems != nil {
			return problems
		}
		took = append(took, time.Since(began).Seconds()*1000)
	}
	b.report.add(figure{ID: "override.merge", What: fmt.Sprintf("merge an override of %d lines", strings.Count(text, "\n")), Unit: "ms", Runs: took,
		Note: fmt.Sprintf("without Nomad's parser: its program takes %d ms in all", parsing.Milliseconds())}.atMost(5))
	return nil
}

// read takes a job of the same kind out of Nomad's answer. (That kind is of Nomad's
// packages, which are the agent's affair.)
func read[Job any](answer string, _ Job) (Job, error) {
	var a struct{ Job Job }
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return a.Job, fmt.Errorf("read what nomad made of the override: %w", err)
	}
	return a.Job, nil
}

// parse has Nomad's own program read a text.
func (b *bench) parse(ctx context.Context, text string) (string, error) {
	programs, err := filepath.Glob(filepath.Join(b.cache, "engines", "nomad", "*", "*", "nomad"))
	if err != nil || len(programs) == 0 {
		return "", fmt.Errorf("no nomad in %s: %w", b.cache, err)
	}
	file := filepath.Join(b.dir, "override.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return "", err
	}
	return run.Output(ctx, run.Command{Args: []string{programs[len(programs)-1], "job", "run", "-output", file}})
}

// override200 changes a job in about 200 lines: three more programs beside the app's
// own, with variables, a file and limits each.
func override200(job string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "job %q {\n  priority = 60\n  group %q {\n", job, job)
	for n := range 3 {
		fmt.Fprintf(&b, "    task \"side%d\" {\n      driver = \"docker\"\n      config {\n        image = \"docker.io/library/busybox:1.37.0\"\n        args  = [\"sleep\", \"infinity\"]\n      }\n      env {\n", n)
		for k := range 45 {
			fmt.Fprintf(&b, "        VARIABLE_%d = \"value %d\"\n", k, k)
		}
		fmt.Fprintf(&b, "      }\n      template {\n        destination = \"local/file%d\"\n        data        = <<-EOT\n          a line\n          and another\n        EOT\n      }\n      resources {\n        cpu    = 50\n        memory = 32\n      }\n    }\n", n)
	}
	b.WriteString("  }\n}\n")
	return b.String()
}
