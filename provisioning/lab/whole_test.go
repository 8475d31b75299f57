package lab

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

func TestAWorldIsThereInSecondsAndLeavesNothingBehind(t *testing.T) {
	needsRoot(t)
	start := time.Now()
	// A name of its own: another run on this machine may have a world just now.
	name := fmt.Sprintf("w%x", rand.Uint32())
	w, err := NewWorld(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	home, err := w.Home(t.Context(), "home", HomeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	hosts := make([]*Host, 3)
	for n, o := range []HostOptions{
		{At: home.LAN(), Address: "192.168.77.2"}, {At: home.LAN(), Address: "192.168.77.3", Options: Options{DataMB: 16}},
		{At: w.Internet(), Address: "203.0.113.20"},
	} {
		g.Go(func() (err error) {
			hosts[n], err = w.Host(t.Context(), fmt.Sprintf("h%d", n), o)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("three hosts with Docker after %s", time.Since(start).Round(time.Millisecond))
	if _, err := w.Host(t.Context(), "h0", HostOptions{At: home.LAN(), Address: "192.168.77.7"}); err == nil {
		t.Error("two hosts have one name")
	}
	if _, err := w.Host(t.Context(), "h9", HostOptions{At: home.LAN(), Address: "192.168.77.2"}); err == nil {
		t.Error("two hosts have one address")
	}
	found, err := Find(name, "h1")
	if err != nil || found.ID != hosts[1].ID || found.Data != hosts[1].Data {
		t.Errorf("found %+v (%v), want %s", found, err, hosts[1].ID)
	} else if out, err := found.Command(t.Context(), "hostname").Output(); err != nil || string(out) != "h1\n" {
		t.Errorf("the found host calls itself %q (%v)", out, err)
	}
	if _, err := Find("other", "h1"); !errors.Is(err, ErrNoHost) {
		t.Errorf("a host of another world: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	for _, id := range []string{w.ID, home.ID, hosts[0].ID, hosts[1].ID, hosts[2].ID} {
		if left := traces(t, id); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}

func TestAPowerCutEndsAllThatRanAndKeepsTheDisk(t *testing.T) {
	needsRoot(t)
	w, err := NewWorld(t.Context(), "power")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	h, err := w.Host(t.Context(), "pi", HostOptions{At: w.Internet(), Address: "203.0.113.20", Options: Options{DataMB: 16}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.bare(t.Context(), "other", HostOptions{At: w.Internet(), Address: "203.0.113.21"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Data, "kept"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(argv ...string) string {
		t.Helper()
		out, err := h.Command(t.Context(), argv...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v: %s", argv, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	image := filepath.Join(t.TempDir(), "image.tar")
	sleeper(t, image)
	run("docker", "import", "--change", `CMD ["/sleeper"]`, image, "sleeper")
	id := run("docker", "run", "-d", "--restart", "always", "sleeper")
	run("ip", "link", "add", "dcloud0", "type", "bridge")
	cmd := h.Command(t.Context(), "sleep", "86400")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := h.PowerOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a program outlived the power cut")
	}
	if left := running(t, h, id); len(left) > 0 {
		t.Errorf("outlived the power cut: %q", left)
	}
	if err := h.PowerOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.Data, "kept")); err != nil {
		t.Errorf("the disk: %v", err)
	}
	if out, err := h.Command(t.Context(), "ip", "link", "show", "dcloud0").Output(); err == nil {
		t.Errorf("an interface outlived the power cut: %s", out)
	}
	if got := run("hostname"); got != "pi" {
		t.Errorf("the host calls itself %q", got)
	}
	if got := run("docker", "inspect", "--format", "{{.State.Running}}", id); got != "true" {
		t.Errorf("the container that is to run always: running is %s", got)
	}
	serve(t, h, ":7000")
	expect(t, "after the power cut", other, "203.0.113.20:7000", "203.0.113.21")
}

// running lists processes of the host or of a container of its.
func running(t *testing.T, h *Host, container string) (left []string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		line, _ := os.ReadFile(p + "/cmdline")
		if !ended(p) && (strings.Contains(string(line), h.ID) || isOf(p, []string{container})) {
			left = append(left, string(line))
		}
	}
	return left
}

// sleeper writes an archive with one static program that sleeps, for an image.
func sleeper(t *testing.T, path string) {
	t.Helper()
	dir := t.TempDir()
	src := filepath.Join(dir, "main.go")
	if err := os.WriteFile(src, []byte("package main\n\nimport \"time\"\n\nfunc main() { time.Sleep(24 * time.Hour) }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "sleeper"), src)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "tar", "-C", dir, "-cf", path, "sleeper").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestASweepRemovesTheWorldOfAKilledProcess(t *testing.T) {
	needsRoot(t)
	var theirs []string
	kill := startChild(t, "world", &theirs)
	if swept, err := Sweep(); err != nil || slices.ContainsFunc(theirs, func(id string) bool { return slices.Contains(swept, id) }) {
		t.Fatalf("a sweep took %q although their maker lives (%v)", swept, err)
	}
	swept, err := sweepAfter(t, kill, func() {})
	if err != nil {
		t.Error(err)
	}
	for _, id := range theirs {
		if !slices.Contains(swept, id) {
			t.Errorf("a sweep took %q, not %s", swept, id)
		}
		if left := traces(t, id); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}
