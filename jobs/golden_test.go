package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the expected jobs anew")

// A case is an archive of app.hcl, input.json (see caseInput; may be left out),
// and what Build makes of it: job.json, or the error's message and hint.
type caseInput struct {
	Name, Subdomain, Access, Node string
	Home                          string
	Replicas                      int
	Settings                      map[string]string
	Passwords                     map[string]string
	SecretsRevision               uint64
	Restarts                      int
	Scheme                        string
	HTTPPort, HTTPSPort           int
}

func readCase(t testing.TB, a *txtar.Archive) Input {
	t.Helper()
	parts := map[string][]byte{}
	for _, f := range a.Files {
		parts[f.Name] = f.Data
	}
	entry, problems := catalog.Parse("app.hcl", parts["app.hcl"])
	if entry == nil {
		t.Fatalf("app.hcl: %v", problems)
	}
	in := caseInput{Name: entry.Name, Scheme: "http", HTTPPort: 80, HTTPSPort: 443}
	if data, ok := parts["input.json"]; ok {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			t.Fatalf("input.json: %v", err)
		}
	}
	settings, wrong := entry.ResolveSettings(in.Settings)
	if len(wrong) > 0 {
		t.Fatalf("settings: %v", wrong)
	}
	return Input{
		Entry: entry,
		Intent: Intent{
			Name: in.Name, Subdomain: in.Subdomain, Access: in.Access, Node: in.Node, Home: in.Home, Replicas: in.Replicas,
			Settings: settings, Passwords: in.Passwords, SecretsRevision: in.SecretsRevision, Restarts: in.Restarts,
		},
		Pool: Pool{
			Domain: "dcloud.localhost", Scheme: in.Scheme, HTTPPort: in.HTTPPort, HTTPSPort: in.HTTPSPort,
			Timezone: "Europe/Berlin", Datacenter: "home", SelfImage: "dcloud.local/dcloud:1",
		},
	}
}

func TestAnEntryBecomesTheJobThatItsCaseShows(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 10 {
		t.Fatalf("found %d cases: %v", len(cases), err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := txtar.File{Name: "job.json"}
			job, err := Build(readCase(t, archive))
			var e *Error
			switch {
			case errors.As(err, &e):
				got = txtar.File{Name: "error", Data: []byte(e.Message + "\n" + e.Hint + "\n")}
			case err != nil:
				t.Fatalf("an error without a hint: %v", err)
			default:
				text, err := json.MarshalIndent(withoutNulls(t, job), "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				got.Data = append(text, '\n')
			}
			var want txtar.File
			var rest []txtar.File
			for _, f := range archive.Files {
				if f.Name == "job.json" || f.Name == "error" {
					want = f
					continue
				}
				rest = append(rest, f)
			}
			if *update {
				archive.Files = append(rest, got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want.Name != got.Name {
				t.Fatalf("want %s, got %s:\n%s", want.Name, got.Name, got.Data)
			}
			if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// withoutNulls leaves what is not set out of a job, for people to read.
func withoutNulls(t *testing.T, job any) any {
	t.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return prune(v)
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x = prune(x); x == nil || x == "" || x == false {
				delete(v, k)
			} else {
				v[k] = x
			}
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}
