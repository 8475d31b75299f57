package export_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hashicorp/nomad/api"
)

// nomad finds the real Nomad in the cache of `dcloud internal engines`.
func nomad(t *testing.T) string {
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

// read has Nomad's own parser read a job. It needs no agent.
func read(t *testing.T, text string) *api.Job {
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
		t.Fatalf("nomad job run -output: %v: %s%s\n%s", err, errs.String(), out.String(), text)
	}
	var answer struct{ Job *api.Job }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Job
}

// plain is a job as it means the same to Nomad, for comparison.
func plain(t *testing.T, job *api.Job) any {
	t.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	var c api.Job
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	c.Canonicalize()
	if text, err = json.Marshal(&c); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return prune(v)
}

// prune leaves out what is empty: an empty list is none.
func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e = prune(e); e == nil {
				delete(v, k)
			} else {
				v[k] = e
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	}
	return v
}
