package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// child makes the test binary a process that makes what it names, says which, and
// waits to be killed, or for the end of who started it.
const (
	child    = "DCLAB_TEST_CHILD"
	childDir = "DCLAB_TEST_CHILD_DIR" // where a builder is to be
)

func TestMain(m *testing.M) {
	var made any
	var err error
	switch os.Getenv(child) {
	case "":
		os.Exit(m.Run())
	case "host":
		var h *Host
		if h, err = NewHost(context.Background(), "child", Options{DataMB: 16}); err == nil {
			// Something that would go on without us, in a session of its own.
			err = h.Command(context.Background(), "setsid", "sleep", "86400").Start()
		}
		made = h
	case "world":
		var w *town
		if w, err = newTown(context.Background(), HomeOptions{}); err == nil {
			err = w.pi.Command(context.Background(), "setsid", "sleep", "86400").Start()
		}
		made = []string{w.ID, w.home.ID, w.server.ID, w.pi.ID, w.vps.ID}
	case "builder":
		_, err = builder(context.Background(), os.Getenv(childDir))
		made = os.Getpid()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(made)
	io.Copy(io.Discard, os.Stdin)
}

// startChild starts such a process, reads what it made, and returns how to kill it.
func startChild(t *testing.T, what string, made any) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), child+"="+what)
	return start(t, cmd, made)
}

// start is startChild with a command that is set up already.
func start(t *testing.T, cmd *exec.Cmd, made any) (kill func()) {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, made)
	}
	if err != nil {
		t.Fatalf("the child made nothing: %v", err)
	}
	return func() {
		t.Helper()
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait() // it was killed: that is an error
	}
}

func needsRoot(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.SkipNow() // asked for by who runs it
	}
}

// traces lists what is left of a host on this machine.
func traces(t *testing.T, id string) (left []string) {
	t.Helper()
	for _, path := range []string{filepath.Join(root, id), netnsFile(id)} {
		if _, err := os.Lstat(path); err == nil {
			left = append(left, path)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), id) {
		left = append(left, "mounts")
	}
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		if text, err := os.ReadFile(p); err == nil && strings.Contains(string(text), id) {
			left = append(left, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return left
}

func TestAHostHasItsOwnPortsAndLeavesNothingBehind(t *testing.T) {
	needsRoot(t)
	h, err := NewHost(t.Context(), "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	l, err := h.Listen("tcp", ":80")
	if err != nil {
		t.Fatalf("port 80 is not free on a new host: %v", err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }))
	res, err := h.HTTPClient().Get("http://welcome.dcloud.localhost/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(body) != "welcome.dcloud.localhost" {
		t.Errorf("the host's server saw %q", body)
	}
	l.Close()
	route, err := h.Command(t.Context(), "ip", "route", "get", LANAddress).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, route)
	}
	driver, err := h.Command(t.Context(), "docker", "info", "--format", "{{.Driver}}").Output()
	if err != nil || strings.TrimSpace(string(driver)) != "overlay2" {
		t.Errorf("Docker stores images by %q (%v), want overlay2", driver, err)
	}
	var both errgroup.Group // as where a run is interrupted
	both.Go(h.Close)
	both.Go(h.Close)
	if err := both.Wait(); err != nil {
		t.Error(err)
	}
	if left := traces(t, h.ID); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestASweepRemovesTheHostOfAKilledProcessAndNoOther(t *testing.T) {
	needsRoot(t)
	mine, err := NewHost(t.Context(), "mine", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	var theirs Host
	kill := startChild(t, "host", &theirs)
	if swept, err := Sweep(); err != nil || slices.Contains(swept, theirs.ID) {
		t.Fatalf("a sweep took %q although its maker lives (%v)", swept, err)
	}
	swept, err := sweepAfter(t, kill, func() {
		if left := traces(t, theirs.ID); len(left) < 4 {
			t.Fatalf("a killed maker leaves a directory, a namespace, a mount and processes; found %q", left)
		}
	})
	if err != nil || !slices.Contains(swept, theirs.ID) {
		t.Errorf("a sweep took %q (%v), want %s among them", swept, err, theirs.ID)
	}
	if left := traces(t, theirs.ID); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := docker(t.Context(), mine.dir, "version"); err != nil {
		t.Errorf("the sweep harmed a host whose maker lives: %v", err)
	}
}

// sweepAfter sweeps after something happened, and was looked at. Nobody else's sweep,
// which would take what is left as well, comes in between.
func sweepAfter(t *testing.T, happens, look func()) (swept []string, err error) {
	t.Helper()
	lock, err := lockLab()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	happens()
	look()
	return sweep()
}

func TestAProcessIsToldFromALaterOneOfTheSameNumber(t *testing.T) {
	me, err := self()
	if err != nil {
		t.Fatal(err)
	}
	if me.gone() {
		t.Error("this very process is said to be gone")
	}
	for _, other := range []owner{{me.PID, me.Start - 1, me.Boot}, {me.PID, me.Start, "another boot"}, {1 << 30, me.Start, me.Boot}} {
		if !other.gone() {
			t.Errorf("%+v is said to live", other)
		}
	}
}

func FuzzParseStart(f *testing.F) {
	f.Add("1 (a b) c) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1")
	f.Add(")")
	f.Fuzz(func(t *testing.T, stat string) {
		if n, err := parseStart([]byte(stat)); err == nil && !strings.Contains(stat, fmt.Sprint(n)) && !strings.Contains(stat, "+") && !strings.Contains(stat, "0") {
			t.Errorf("%d from %q", n, stat)
		}
	})
}
