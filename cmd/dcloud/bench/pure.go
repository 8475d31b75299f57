package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

const entries = 1000

// pure times a catalog of a thousand entries: the embedded ones over and over,
// each under a name of its own, read from files.
func (b *bench) pure(context.Context) error {
	dir := filepath.Join(b.dir, "catalog")
	size, err := writeCatalog(dir, entries)
	if err != nil {
		return err
	}
	var load, build []float64
	for range b.runs {
		began := time.Now()
		c, problems := catalog.LintPath(dir)
		load = append(load, time.Since(began).Seconds())
		if problems.Err() != nil || len(c.Entries()) != entries {
			return fmt.Errorf("%d entries, %w", len(c.Entries()), problems.Err())
		}
		inputs := inputsOf(c)
		began = time.Now()
		for _, in := range inputs {
			if _, err := jobs.Build(in); err != nil {
				return fmt.Errorf("build %s: %w", in.Entry.Name, err)
			}
		}
		build = append(build, time.Since(began).Seconds())
	}
	b.report.add(
		figure{ID: "catalog.load", What: "load and lint a catalog of 1,000 entries", Unit: "s", Runs: load,
			Note: fmt.Sprintf("%d bytes an entry", size/entries)}.atMost(1),
		figure{ID: "jobs.build", What: "build the jobs of its 1,000 entries", Unit: "s", Runs: build}.atMost(1),
	)
	return nil
}

// writeCatalog writes so many entries, our own over and over under other names.
func writeCatalog(dir string, count int) (size int, err error) {
	c, problems := catalog.Embedded()
	if err := problems.Err(); err != nil {
		return 0, err
	}
	models := c.Entries()
	for n := range count {
		model := models[n%len(models)]
		name := fmt.Sprintf("%.30s-%d", model.Name, n)
		text := strings.Replace(string(model.Text), fmt.Sprintf("app %q", model.Name), fmt.Sprintf("app %q", name), 1)
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(filepath.Join(dir, name, "app.hcl"), []byte(text), 0o644); err != nil {
			return 0, err
		}
		size += len(text)
	}
	return size, nil
}

func inputsOf(c *catalog.Catalog) []jobs.Input {
	var inputs []jobs.Input
	for _, entry := range c.Entries() {
		inputs = append(inputs, inputOf(entry))
	}
	return inputs
}

// inputOf is an install with the entry's defaults, and with samples where it has none.
func inputOf(entry *catalog.App) jobs.Input {
	return jobs.Input{
		Entry:  entry,
		Intent: jobs.Intent{Name: entry.Name, Settings: entry.SampleScope().Settings},
		Pool: jobs.Pool{
			Domain: "dcloud.localhost", Scheme: "http", HTTPPort: 80, HTTPSPort: 443,
			Timezone: "UTC", Datacenter: "home", SelfImage: "dcloud:bench",
		},
	}
}
