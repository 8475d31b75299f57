package override_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs/override"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/nomad/api"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "ask the real Nomad anew, and write what is expected")

// A case is an archive: the first word of its comment is the example in ../testdata
// that the override is for, followed by "privileged" where that is allowed;
// override.hcl; parsed.json, what the real Nomad made of it; and want: changes,
// risks, problems.
func TestAnOverrideDoesWhatItsCaseShows(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 20 {
		t.Fatalf("found %d cases: %v", len(cases), err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			words := strings.Fields(string(archive.Comment))
			if len(words) == 0 {
				t.Fatal("the comment does not name an example")
			}
			job, allow := generated(t, strings.TrimSuffix(words[0], ":"))
			allow.Privileged = strings.Contains(string(archive.Comment), "(privileged)")
			part := map[string]string{}
			for _, f := range archive.Files {
				part[f.Name] = string(f.Data)
			}
			got, parsed := outcome(t, job, allow, part)
			if *update {
				archive.Files = []txtar.File{{Name: "override.hcl", Data: []byte(part["override.hcl"])}}
				if parsed != "" {
					archive.Files = append(archive.Files, txtar.File{Name: "parsed.json", Data: []byte(parsed)})
				}
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(part["want"], got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// outcome applies the override of a case, and says in lines what it did.
func outcome(t *testing.T, job *api.Job, allow override.Allow, part map[string]string) (string, string) {
	t.Helper()
	var b strings.Builder
	w, problems := override.Parse("override.hcl", []byte(part["override.hcl"]))
	if w == nil {
		for _, p := range problems {
			fmt.Fprintf(&b, "problem %s\n", p)
		}
		return b.String(), ""
	}
	parsed := parsedBy(t, w, part)
	before := asJSON(t, job)
	result, risks, problems := override.New(w, fromJSON(t, parsed)).Apply(job, allow)
	if asJSON(t, job) != before {
		t.Error("the input was changed")
	}
	if problems.Err() != nil && !reflect.DeepEqual(result, job) {
		t.Error("a refused override changed something")
	}
	for _, c := range override.Changes(job, result) {
		switch {
		case c.Old == nil:
			fmt.Fprintf(&b, "+ %s = %s\n", c.Address, show(t, c.New))
		case c.New == nil:
			fmt.Fprintf(&b, "- %s = %s\n", c.Address, show(t, c.Old))
		default:
			fmt.Fprintf(&b, "~ %s = %s → %s\n", c.Address, show(t, c.Old), show(t, c.New))
		}
	}
	for _, r := range risks {
		fmt.Fprintf(&b, "risk %d,%d %s: %s\n", r.Line, r.Column, r.Address, r.Message)
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "problem %s\n", p)
	}
	return b.String(), parsed
}

// parsedBy is what Nomad makes of the text: as recorded under -short, as it says
// itself otherwise, which must be what was recorded.
func parsedBy(t *testing.T, w *override.Written, part map[string]string) string {
	t.Helper()
	if testing.Short() {
		if part["parsed.json"] == "" {
			t.Fatal("the case has no parsed.json; record it with -update")
		}
		return part["parsed.json"]
	}
	job, complaint := read(t, w.ForNomad())
	if complaint != "" {
		t.Fatalf("Nomad cannot read it: %s", complaint)
	}
	parsed := asJSON(t, job)
	if !*update && parsed != part["parsed.json"] {
		t.Errorf("Nomad reads it otherwise than was recorded:\n%s", cmp.Diff(part["parsed.json"], parsed))
	}
	return parsed
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	text, err = json.MarshalIndent(withoutEmpty(plain), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// withoutEmpty leaves nulls out: they are most of a job.
func withoutEmpty(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
			} else {
				v[k] = withoutEmpty(e)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutEmpty(v[i])
		}
	}
	return v
}

func fromJSON(t testing.TB, text string) *api.Job {
	t.Helper()
	var job api.Job
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	return &job
}

func show(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
