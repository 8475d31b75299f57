package override_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs/override"
)

// The driver's source is not a dependency, but the executable holds the names of its
// options. (One that it has and the table has not is refused.)
func TestEveryClassifiedOptionIsOneOfDockersDriver(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real Nomad")
	}
	binary, err := os.ReadFile(nomad(t))
	if err != nil {
		t.Fatal(err)
	}
	// The struct that the driver decodes a config into has its names in its tags.
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`codec:"([a-z0-9_]+)"`).FindAllSubmatch(binary, -1) {
		names[string(m[1])] = true
	}
	if len(names) < 60 {
		t.Fatalf("found %d names in %s", len(names), nomad(t))
	}
	for _, known := range override.DockerOptions() {
		if !names[known] && known != "mounts" {
			t.Errorf("the driver has no option %s (any more)", known)
		}
	}
	version, err := exec.Command(nomad(t), "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("held against %s", strings.Fields(string(version))[1])
}
