package override_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs/export"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
	"github.com/rogpeppe/go-internal/txtar"
)

func partialText(tb testing.TB, job *api.Job) string {
	tb.Helper()
	text, err := export.Partial(job)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// seeds adds the texts of the cases, and what Nomad made of them.
func seeds(f *testing.F, add func(text, parsed string)) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		part := map[string]string{}
		for _, x := range archive.Files {
			part[x.Name] = string(x.Data)
		}
		add(part["override.hcl"], part["parsed.json"])
	}
}

// Whatever the bytes are, they are read or refused with a place, and Nomad gets as
// many lines as there are.
func FuzzParse(f *testing.F) {
	seeds(f, func(text, _ string) { f.Add([]byte(text)) })
	f.Fuzz(func(t *testing.T, text []byte) {
		w, problems := override.Parse("x.hcl", text)
		if (w == nil) != (problems.Err() != nil) {
			t.Fatalf("%v, %v", w, problems)
		}
		for _, p := range problems {
			if p.File == "" || p.Message == "" {
				t.Errorf("%+v", p)
			}
		}
		if w == nil {
			return
		}
		for i, line := range strings.Split(w.ForNomad(), "\n")[:strings.Count(string(text), "\n")] {
			if len(line) != len(strings.Split(string(text), "\n")[i]) {
				t.Fatalf("line %d is of another length", i+1)
			}
		}
	})
}

// An address is carried out or refused, whatever it is; the rest of the job stays.
func FuzzRemove(f *testing.F) {
	for _, a := range []string{"group.miniflux.task.web.env.TZ", `group.miniflux.task.web.template["secrets/dcloud.env"].data`, "constraint[0]",
		`group.miniflux.task.web.config.labels["dcloud.app"]`, `group.miniflux.task.web.config.mount["/x"].source`, "group.miniflux.network.port.web_web.to",
		"group.miniflux.task.web.service.miniflux.tags[2]", "group.miniflux.volume.miniflux_db_data", "meta[\"dcloud.app\"]", "a..b", "[0]", `a["`, "group[\"miniflux\"]"} {
		f.Add(a)
	}
	job, allow := generated(f, "miniflux")
	allow.Privileged = true
	before := asJSON(f, job)
	f.Fuzz(func(t *testing.T, address string) {
		list, err := json.Marshal([]string{address})
		if err != nil {
			return
		}
		text := strings.NewReplacer("${", "$${", "%{", "%%{").Replace("remove = " + string(list) + "\n")
		w, _ := override.Parse("x.hcl", []byte(text))
		if w == nil {
			return
		}
		result, _, problems := override.New(w, nil).Apply(job, allow)
		if asJSON(t, job) != before {
			t.Fatal("the input was changed")
		}
		if problems.Err() == nil && result.Meta["dcloud.app"] != "miniflux" {
			t.Fatal("the stamp is gone")
		}
	})
}

// Whatever Nomad says of a text, merging ends, leaves its input alone, and never
// gives an app what is not its own without having been asked to.
func FuzzApply(f *testing.F) {
	seeds(f, func(text, parsed string) { f.Add(text, parsed) })
	job, allow := generated(f, "miniflux")
	before := asJSON(f, job)
	f.Fuzz(func(t *testing.T, text, parsed string) {
		w, _ := override.Parse("x.hcl", []byte(text))
		if w == nil {
			return
		}
		var p api.Job
		if json.Unmarshal([]byte(parsed), &p) != nil {
			return
		}
		result, risks, problems := override.New(w, &p).Apply(job, allow)
		if asJSON(t, job) != before {
			t.Fatal("the input was changed")
		}
		if problems.Err() != nil {
			if result != job {
				t.Fatal("a refused override gave another job")
			}
			return
		}
		if len(risks) > 0 {
			t.Fatalf("risks that nobody agreed to: %v", risks)
		}
		if *result.ID != "miniflux" || result.Meta["dcloud.app"] != "miniflux" || *result.Type != "service" {
			t.Fatalf("it is another app: %s", asJSON(t, result))
		}
		for _, g := range result.TaskGroups {
			for _, task := range g.Tasks {
				if p := task.Config["privileged"]; p != nil && p != false && p != "false" || task.Driver != "docker" || task.Vault != nil {
					t.Fatalf("task %s breaks out: %s", task.Name, asJSON(t, task))
				}
			}
			for _, v := range g.Volumes {
				if v.Source != "miniflux_db_data" {
					t.Fatalf("volume %s is another's", v.Source)
				}
			}
		}
	})
}
