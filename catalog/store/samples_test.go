package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/catalog/store"
	"github.com/dentropy/dcloud/catalog/store/storetest"
)

func TestNearlyAllOfTheSampleStoresIsImported(t *testing.T) {
	all, imported := 0, 0
	for _, format := range []string{store.CasaOS, store.Coolify} {
		files := storetest.Files(t, format)
		if got := store.Detect(files); got != format {
			t.Errorf("the sample %s looks like %q", format, got)
		}
		results := store.Import(format, files)
		names := map[string]bool{}
		for _, r := range results {
			all++
			if names[r.Name] {
				t.Errorf("%s: two apps are named %s", format, r.Name)
			}
			names[r.Name] = true
			if r.Err != nil {
				t.Logf("%s %s: %v", format, r.Name, r.Err)
				if r.Err.Unsound || r.Err.Hint == "" || r.Err.Message == "" {
					t.Errorf("%s %s is refused without a reason that a person understands: %+v", format, r.Name, r.Err)
				}
				continue
			}
			imported++
			app, problems := catalog.Check("app.hcl", r.Entry)
			if app == nil || app.Name != r.Name {
				t.Errorf("%s %s: %v", format, r.Name, problems)
				continue
			}
			if left := catalog.Hardcoded(app); len(left) > 0 {
				t.Errorf("%s %s: secrets are left in place: %v", format, r.Name, left)
			}
			warned := 0
			for _, n := range r.Notes {
				if n.Kind != store.Info {
					warned++
				}
			}
			if warned > 0 && len(app.Warnings) == 0 {
				t.Errorf("%s %s: %d notes and no warnings", format, r.Name, warned)
			}
		}
		for i, r := range store.Import(format, files) {
			if !bytes.Equal(r.Entry, results[i].Entry) {
				t.Errorf("%s %s: a second import gives another entry", format, r.Name)
			}
		}
	}
	if all < 265 || imported*100 < 97*all {
		t.Errorf("%d of %d are imported", imported, all)
	}
}

// What no importer knows is told, wherever in a service it stands.
func TestNothingOfASampleIsLostSilently(t *testing.T) {
	for _, format := range []string{store.CasaOS, store.Coolify} {
		var files store.Files
		marked := map[string]int{}
		for _, f := range storetest.Files(t, format) {
			lines := strings.Split(string(f.Bytes), "\n")
			var out []string
			for i, line := range lines {
				// Beside each image and each check's test, a key that nobody knows.
				bare := strings.TrimLeft(line, " ")
				if indent := line[:len(line)-len(bare)]; indent != "" && (strings.HasPrefix(bare, "image:") || strings.HasPrefix(bare, "test:")) && !strings.HasPrefix(bare, "test: !") {
					key := "zzz_" + string(rune('a'+marked[f.Path]%26)) + bare[:1]
					out = append(out, indent+key+": kept")
					marked[f.Path]++
				}
				out = append(out, lines[i])
			}
			files = append(files, store.File{Path: f.Path, Bytes: []byte(strings.Join(out, "\n"))})
		}
		for _, r := range store.Import(format, files) {
			if r.Err != nil {
				continue
			}
			told := 0
			for _, n := range r.Notes {
				if strings.Contains(n.What, "zzz_") {
					told++
				}
			}
			if told < marked[r.Source] {
				t.Errorf("%s: of %d unknown keys %d are told", r.Source, marked[r.Source], told)
			}
		}
	}
}

func BenchmarkImport(b *testing.B) {
	files := storetest.Files(b, store.Coolify)
	for b.Loop() {
		store.Import(store.Coolify, files)
	}
}
