package store

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what comes of the cases anew")

// Each file of testdata is an app in the format that its name begins with, and all
// that comes of it.
func TestEachCaseBecomesItsEntryAndItsNotes(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) < 5 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			format, _, _ := strings.Cut(filepath.Base(name), "-")
			var files Files
			var want []txtar.File
			for _, f := range archive.Files {
				if strings.HasPrefix(f.Name, "want/") {
					want = append(want, f)
				} else {
					files = append(files, File{Path: f.Name, Bytes: f.Data})
				}
			}
			if got := Detect(files); got != format {
				t.Errorf("it looks like %q", got)
			}
			results := Import(format, files)
			if len(results) != 1 {
				t.Fatalf("%d apps", len(results))
			}
			got := [2]string{string(results[0].Entry), notesText(results[0])}
			if *update {
				want[0].Data, want[1].Data = []byte(got[0]), []byte(got[1])
				archive.Files = append(archive.Files[:len(files)], want...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for i, f := range want {
				if diff := cmp.Diff(string(f.Data), got[i]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
		})
	}
}

func notesText(r Result) string {
	var b strings.Builder
	if r.Err != nil {
		b.WriteString("refused: " + r.Err.Error() + "\n" + r.Err.Hint + "\n")
	}
	for _, n := range r.Notes {
		b.WriteString(string(n.Kind) + " " + n.String() + "\n")
	}
	return b.String()
}
