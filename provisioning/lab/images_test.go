package lab

import (
	"os"
	"path/filepath"
	"testing"
)

func TestABuilderOfAKilledRunDoesNotKeepTheNextOneFromBuilding(t *testing.T) {
	needsRoot(t)
	w, err := NewWorld(t.Context(), "builder")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	// Where its bridge is its own, and what is left of it goes with the world.
	h, err := w.bare(t.Context(), "builder", HostOptions{At: w.Internet(), Address: "203.0.113.20"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(h.dir, "build")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		cmd := h.Command(t.Context(), self)
		cmd.Env = append(os.Environ(), child+"=builder", childDir+"="+dir)
		var pid int
		kill := start(t, cmd, &pid)
		kill()
		if !answers(dir) {
			t.Fatal("the builder ended with who started it: there is nothing to promise")
		}
	}
}
