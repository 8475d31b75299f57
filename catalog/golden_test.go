package catalog

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected problems in testdata")

// Each file in testdata is a promise: its comment says what, then comes an entry
// and all that is to be said of it.
func TestEachCaseGivesExactlyItsProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil || len(archive.Files) != 2 {
				t.Fatalf("want app.hcl and problems: %v", err)
			}
			app, problems := Check("app.hcl", archive.Files[0].Data)
			if (app == nil) != (problems.Err() != nil) {
				t.Errorf("an app comes exactly when there are no errors; app %v, problems %v", app != nil, problems)
			}
			got := problems.Error()
			if got != "" {
				got += "\n"
			}
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := string(bytes.TrimSpace(archive.Files[1].Data))
			if diff := cmp.Diff(want, strings.TrimSpace(got)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
