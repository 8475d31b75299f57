package export_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/export"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/nomad/api"
	"github.com/rogpeppe/go-internal/txtar"
)

// roundTrip exports a job, has the real Nomad read it, and compares.
func roundTrip(t *testing.T, job *api.Job) string {
	t.Helper()
	text, err := export.Job(job)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, job), plain(t, read(t, text))); diff != "" {
		t.Fatalf("-job +read back:\n%s\n%s", diff, text)
	}
	return text
}

func TestNomadReadsEveryGoldenJobBack(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real Nomad")
	}
	files, err := filepath.Glob("../testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d cases: %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name != "job.json" {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				var job api.Job
				if err := json.Unmarshal(f.Data, &job); err != nil {
					t.Fatal(err)
				}
				roundTrip(t, &job)
			})
		}
	}
}

// build is the job of an entry with its defaults, and samples for what has none.
func build(t *testing.T, entry *catalog.App) *api.Job {
	t.Helper()
	job, err := jobs.Build(jobs.Input{
		Entry:  entry,
		Intent: jobs.Intent{Name: entry.Name, Settings: entry.SampleScope().Settings},
		Pool:   jobs.Pool{Domain: "dcloud.localhost", Scheme: "http", HTTPPort: 80, HTTPSPort: 443, Timezone: "Europe/Berlin", Datacenter: "home", SelfImage: "dcloud.local/dcloud:1"},
	})
	if err != nil {
		t.Fatalf("%s: %v", entry.Name, err)
	}
	return job
}

func TestNomadReadsTheJobOfEveryCatalogEntryBack(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real Nomad")
	}
	all, problems := catalog.Embedded() // problems of entries are for the catalog's tests
	if all == nil || len(all.Entries()) == 0 {
		t.Fatal(problems)
	}
	for _, entry := range all.Entries() {
		t.Run(entry.Name, func(t *testing.T) { roundTrip(t, build(t, entry)) })
	}
}

func TestTheCommentNamesWhatTheJobNeedsAndNoSecret(t *testing.T) {
	all, _ := catalog.Embedded()
	entry, _ := all.Get("miniflux")
	text, err := export.Job(build(t, entry))
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(text, "\njob ")
	for _, want := range []string{"miniflux", "nomad/jobs/miniflux", "db_password", "miniflux_db_data", "nomad job run"} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment does not name %s:\n%s", want, comment)
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(comment), "\n") {
		if !strings.HasPrefix(line, "#") {
			t.Errorf("%q is outside of the comment", line)
		}
	}
}
