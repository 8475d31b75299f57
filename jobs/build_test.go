package jobs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

func exampleInput(t testing.TB, name string) Input {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	return readCase(t, archive)
}

func TestTheSameInputGivesTheSameJob(t *testing.T) {
	for _, name := range []string{"miniflux", "hostile", "volumes", "levels"} {
		var first []byte
		for range 20 {
			job, err := Build(exampleInput(t, name))
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(job)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = text
			}
			if diff := cmp.Diff(string(first), string(text)); diff != "" {
				t.Fatalf("%s: -first +later:\n%s", name, diff)
			}
		}
	}
}

func TestTheHashTellsJobsApartAndLeavesItselfOut(t *testing.T) {
	in := exampleInput(t, "miniflux")
	hashOf := func(in Input) string {
		job, err := Build(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Hash(job); got != job.Meta[MetaHash] {
			t.Fatalf("the job says %s, and its hash is %s", job.Meta[MetaHash], got)
		}
		return job.Meta[MetaHash]
	}
	before := hashOf(in)
	for what, change := range map[string]func(*Input){
		"secrets":   func(in *Input) { in.Intent.SecretsRevision++ },
		"restarts":  func(in *Input) { in.Intent.Restarts++ },
		"subdomain": func(in *Input) { in.Intent.Subdomain = "reader" },
		"access":    func(in *Input) { in.Intent.Access = "private" },
		"node":      func(in *Input) { in.Intent.Node = "pi1" },
		"domain":    func(in *Input) { in.Pool.Domain = "example.com" },
	} {
		changed := in
		change(&changed)
		if hashOf(changed) == before {
			t.Errorf("another %s gives the same hash", what)
		}
	}
}

func TestAJobIsOursOnlyWithAllThreeStamps(t *testing.T) {
	job, err := Build(exampleInput(t, "whoami"))
	if err != nil {
		t.Fatal(err)
	}
	if !Owned(job.Meta) {
		t.Error("a built job is not ours")
	}
	for _, key := range []string{MetaApp, MetaEntry, MetaVersion} {
		meta := map[string]string{MetaApp: "a", MetaEntry: "b", MetaVersion: "c"}
		delete(meta, key)
		if Owned(meta) {
			t.Errorf("a job without %s is ours", key)
		}
	}
	if Owned(nil) {
		t.Error("a job without meta is ours")
	}
}

// Every entry of the catalog can be installed as it stands.
func TestEveryCatalogEntryBecomesAJob(t *testing.T) {
	paths, err := filepath.Glob("../catalog/apps/*/app.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no entries: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		entry, problems := catalog.Parse(path, text)
		if entry == nil {
			t.Errorf("%v", problems)
			continue
		}
		in := exampleInput(t, "whoami")
		in.Entry, in.Intent.Name = entry, entry.Name
		sample := entry.SampleScope()
		in.Intent.Settings, in.Intent.Passwords = sample.Settings, sample.Passwords
		job, err := Build(in)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		volumes, err := Volumes(entry, in.Intent.Name)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, v := range volumes {
			if job.TaskGroups[0].Volumes[v.Name] == nil {
				t.Errorf("%s: no task asks for volume %s", path, v.Name)
			}
		}
	}
}

func TestServicesOfOneAppCannotShareAPort(t *testing.T) {
	entry := &catalog.App{Name: "x", Services: []catalog.Service{{Name: "a", Port: 80}, {Name: "b", Port: 80}}}
	_, err := Build(Input{Entry: entry, Intent: Intent{Name: "x"}})
	if err == nil || !strings.Contains(err.Error(), "services a and b both listen on port 80") {
		t.Errorf("got %v", err)
	}
}

func TestConsulNamesAreDistinctAndShort(t *testing.T) {
	n := &names{app: "app", taken: map[string]bool{}}
	long := strings.Repeat("x", 80)
	var got []string
	for _, c := range [][]string{{""}, {"web", "a-web"}, {"web", "b-web"}, {"web", "b-web"}, {long}, {long + "y"}} {
		got = append(got, n.next(c...))
	}
	if !slices.Equal(got[:4], []string{"app", "app-web", "app-b-web", "app-web-2"}) {
		t.Errorf("got %v", got)
	}
	if got[4] == got[5] || len(got[4]) > 63 {
		t.Errorf("got %v", got[4:])
	}
}

func TestTheURLHasAPortOnlyWhereTheSchemeNeedsOne(t *testing.T) {
	for want, p := range map[string]Pool{
		"http://a.home.lan":       {Domain: "home.lan", HTTPPort: 80},
		"http://a.home.lan:8080":  {Domain: "home.lan", HTTPPort: 8080, HTTPSPort: 443},
		"https://a.home.lan":      {Domain: "home.lan", Scheme: "https", HTTPPort: 8080, HTTPSPort: 443},
		"https://a.home.lan:8443": {Domain: "home.lan", Scheme: "https", HTTPPort: 80, HTTPSPort: 8443},
	} {
		if got := URL(p, "a"); got != want {
			t.Errorf("want %s, got %s", want, got)
		}
	}
}

func BenchmarkBuild1000(b *testing.B) {
	in := exampleInput(b, "miniflux")
	for b.Loop() {
		for i := range 1000 {
			in.Intent.Name = fmt.Sprintf("app-%d", i)
			if _, err := Build(in); err != nil {
				b.Fatal(err)
			}
		}
	}
}
