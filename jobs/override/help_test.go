package override_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
	"github.com/rogpeppe/go-internal/txtar"
)

// nomad finds the real Nomad in the cache of `dcloud internal engines`.
func nomad(t testing.TB) string {
	t.Helper()
	cache := os.Getenv("DCLOUD_CACHE")
	if cache == "" {
		cache = "/var/cache/dcloud"
	}
	found, _ := filepath.Glob(filepath.Join(cache, "engines/nomad/*/linux-"+runtime.GOARCH+"/nomad"))
	if len(found) == 0 {
		t.Fatal("no Nomad in the cache: run `dcloud internal engines`, or set DCLOUD_CACHE")
	}
	return found[len(found)-1]
}

// read has Nomad's own parser read a job: nomad/jobspec2, as POST /v1/jobs/parse
// does, without an agent.
func read(t testing.TB, text string) (*api.Job, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "job.nomad.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nomad(t), "job", "run", "-output", file)
	cmd.Env = []string{"HOME=" + t.TempDir()}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, errs.String() + out.String()
	}
	var answer struct{ Job *api.Job }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Job, ""
}

// generated is the job of one of the examples in ../testdata, and what its override
// may refer to.
func generated(t testing.TB, name string) (*api.Job, override.Allow) {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	var entry *catalog.App
	var chosen struct{ Subdomain, Access string }
	for _, f := range archive.Files {
		switch f.Name {
		case "app.hcl":
			var problems catalog.Problems
			if entry, problems = catalog.Parse("app.hcl", f.Data); entry == nil {
				t.Fatal(problems)
			}
		case "input.json":
			if err := json.Unmarshal(f.Data, &chosen); err != nil {
				t.Fatal(err)
			}
		}
	}
	in := jobs.Input{
		Entry:  entry,
		Intent: jobs.Intent{Name: entry.Name, Subdomain: chosen.Subdomain, Access: chosen.Access, Settings: entry.SampleScope().Settings, Home: "11111111-2222-3333-4444-555555555555"},
		Pool:   jobs.Pool{Domain: "dcloud.localhost", Scheme: "http", HTTPPort: 80, HTTPSPort: 443, Timezone: "Europe/Berlin", Datacenter: "home", SelfImage: "dcloud.local/dcloud:1"},
	}
	job, err := jobs.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	allow := override.Allow{Hosts: jobs.Hosts(in), Taken: func(s string) bool { return s == entry.Name+"-taken" || s == "jellyfin" }}
	volumes, err := jobs.Volumes(entry, entry.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes {
		allow.Volumes = append(allow.Volumes, v.Name)
	}
	return job, allow
}
