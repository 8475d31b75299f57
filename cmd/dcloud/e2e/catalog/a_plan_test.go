package catalog

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/dentropy/dcloud/agent"
	entries "github.com/dentropy/dcloud/catalog"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// TestUp makes a machine that fits every entry: its disk is as large as it says, since
// nothing is on it, and memory is what it has.
func TestUp(t *testing.T) {
	if err := os.MkdirAll(cloud.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", cloud.Data, "tmpfs", 0, "size=1024g,mode=0700"); err != nil {
		t.Fatal(err)
	}
	cloud.Must(t, "up")
	cloud.Must(t, "app", "remove", "welcome", "--purge-data")
}

// TestNomadPlacesEveryEntryOfTheCatalog asks Nomad, for each entry with its defaults,
// where it would run. The machine has all that an entry may ask for.
func TestNomadPlacesEveryEntryOfTheCatalog(t *testing.T) {
	all, problems := entries.Embedded()
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if n := len(all.Entries()); n < 150 {
		t.Errorf("the catalog has %d entries, want 150 or more", n)
	}
	for _, e := range all.Entries() {
		t.Run(e.Name, func(t *testing.T) {
			args := []string{"app", "install", e.Name, "--plan", "--json"}
			for _, s := range e.Settings {
				if s.Required {
					args = append(args, "--set", s.Name+"="+sampleOf(s))
				}
			}
			a := cloud.Dcloud(t, args...)
			if a.Code != 0 {
				t.Fatalf("ended with %d: %s%s", a.Code, a.Stdout, a.Stderr)
			}
			p := Decode[agent.Plan](t, a.Stdout)
			if p.Verdict.Do != agent.VerdictPlace {
				t.Errorf("the scheduler would do %q: %s", p.Verdict.Do, strings.Join(p.Verdict.Why, "; "))
			}
		})
	}
}

// sampleOf is a value that a person could give.
func sampleOf(s entries.Setting) string {
	switch s.Type {
	case "email":
		return "ada@example.org"
	case "url":
		return "https://example.org"
	case "path":
		return "/srv/media"
	case "timezone":
		return "Europe/Berlin"
	case "number":
		return "8"
	case "bool":
		return "true"
	case "choice":
		return s.Choices[0]
	}
	return "sample"
}
