package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/node"
)

func testLayout(t *testing.T) node.Layout {
	t.Helper()
	l, err := node.NewLayout(filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestADirectoryWithOtherThingsIsNoDataDirectory(t *testing.T) {
	l := testLayout(t)
	if err := refuseForeign(l); err != nil {
		t.Errorf("one that is not there: %v", err)
	}
	write(t, filepath.Join(l.Logs(), "agent.log"))
	write(t, filepath.Join(l.Data, ".node.json.123"))
	if err := refuseForeign(l); err != nil {
		t.Errorf("one from an up that was broken off: %v", err)
	}
	write(t, filepath.Join(l.Data, "thesis.tex"))
	err := agent.AsError(refuseForeign(l))
	if err == nil || err.Code != agent.CodeInvalid || !strings.Contains(err.Message, "thesis.tex") || err.Hint == "" {
		t.Errorf("one with other things: %v", err)
	}
	write(t, l.NodeFile())
	if err := refuseForeign(l); err != nil {
		t.Errorf("one that is a cloud's, with a note beside: %v", err)
	}
}

func TestAPurgeDeletesNothingThatIsNotTheClouds(t *testing.T) {
	l := testLayout(t)
	if err := node.Prepare(l); err != nil {
		t.Fatal(err)
	}
	write(t, l.NodeFile())
	write(t, agentBinary(l))
	write(t, filepath.Join(l.Volumes(), "notes", "data"))
	write(t, l.Usage())
	mine := filepath.Join(l.Data, "my-notes", "a")
	write(t, mine)
	beside := filepath.Join(filepath.Dir(l.Data), "beside")
	write(t, beside)
	if err := removeData(l); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(l.Data)
	if err != nil || len(left) != 1 || left[0].Name() != "my-notes" {
		t.Errorf("left: %v, %v", left, err)
	}
	for _, path := range []string{mine, beside} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(l.Data, "my-notes")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and once more, after one that was broken off
		if err := removeData(l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(l.Data); !os.IsNotExist(err) {
		t.Error("the empty directory stays")
	}
}

func TestOnlyMountsBeneathTheDataDirectoryAreTakenOff(t *testing.T) {
	const info = `22 1 0:21 / / rw - ext4 /dev/sda1 rw
23 22 0:22 / /var/lib/dcloud rw - ext4 /dev/sdb1 rw
24 23 0:23 / /var/lib/dcloud/engines/nomad/alloc/a/web/secrets rw - tmpfs tmpfs rw
25 23 0:24 / /var/lib/dcloud/with\040space\134040 rw - tmpfs tmpfs rw
26 22 0:25 / /var/lib/dcloud-other rw - tmpfs tmpfs rw
27 24 0:26 / /var/lib/dcloud/engines/nomad/alloc/a/web/secrets/deep rw - tmpfs tmpfs rw
28 22 0:27 / /var/lib rw - tmpfs tmpfs rw
a line that is cut
`
	want := []string{
		"/var/lib/dcloud/engines/nomad/alloc/a/web/secrets/deep", `/var/lib/dcloud/with space\040`, "/var/lib/dcloud/engines/nomad/alloc/a/web/secrets",
	}
	if got := mountsBeneath("/var/lib/dcloud", info); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := mountsBeneath("/srv/none", info); got != nil {
		t.Errorf("%q", got)
	}
}

func TestAMountPointsNameIsReadAsTheKernelWritesIt(t *testing.T) {
	for in, want := range map[string]string{`/a`: "/a", `/a\040b`: "/a b", `/\011\012`: "/\t\n", `/\134040`: `/\040`, `/\134`: `/\`} {
		if got := unescapeMount(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestDownStopsNoContainerOfAnotherNomad(t *testing.T) {
	l := testLayout(t)
	if err := os.MkdirAll(filepath.Join(l.EngineData(node.Nomad), "alloc", "1234"), 0o700); err != nil {
		t.Fatal(err)
	}
	mount := func(source string) []container.MountPoint { return []container.MountPoint{{Source: source}} }
	for name, c := range map[string]struct {
		container container.Summary
		ours      bool
	}{
		"a pause container":     {container.Summary{Labels: map[string]string{labelAlloc: "1234"}}, true},
		"a dead one":            {container.Summary{Labels: map[string]string{labelAlloc: "9"}, Mounts: mount(l.EngineData(node.Nomad) + "/alloc/9/web/local")}, true},
		"another Nomad's":       {container.Summary{Labels: map[string]string{labelAlloc: "5678"}, Mounts: mount("/opt/nomad/alloc/5678/local")}, false},
		"a hostile label":       {container.Summary{Labels: map[string]string{labelAlloc: "../../.."}}, false},
		"no label":              {container.Summary{}, false},
		"a directory like ours": {container.Summary{Mounts: mount(l.EngineData(node.Nomad) + "-old/alloc")}, false},
	} {
		if got := ourContainer(l, c.container); got != c.ours {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestASecondUpIsToldThatTheFirstIsAtWork(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	l := testLayout(t)
	unlock, err := lockSetup(l)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockSetup(l); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeConflict {
		t.Errorf("the second: %v", err)
	}
	unlock()
	if _, err := os.Stat(l.Data); !os.IsNotExist(err) {
		t.Error("an up that came to nothing leaves a directory")
	}
	if unlock, err = lockSetup(l); err != nil {
		t.Fatalf("the third: %v", err)
	}
	unlock()
}

// holdLockHere makes this test's binary hold an agent's lock until its input ends.
const holdLockHere = "DCLOUD_TEST_HOLD_LOCK"

func TestTheAgentIsTheProcessThatHoldsItsLock(t *testing.T) {
	if dir := os.Getenv(holdLockHere); dir != "" {
		lock, err := lockAgent(node.Layout{Data: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		os.Stdout.WriteString("held\n")
		bufio.NewReader(os.Stdin).ReadByte()
		return
	}
	l := testLayout(t)
	expect := func(want int) {
		t.Helper()
		if got, err := agentPID(l); got != want || err != nil {
			t.Errorf("%d, %v, want %d", got, err, want)
		}
	}
	expect(0) // nothing there
	write(t, l.Lock())
	expect(0) // nobody holds it
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), holdLockHere+"="+l.Data)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "held\n" {
		t.Fatalf("%q, %v", line, err)
	}
	expect(cmd.Process.Pid)
	if _, err := lockAgent(l); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeConflict {
		t.Errorf("a second agent: %v", err)
	}
	// A number that was left by another is not taken for the holder's.
	if err := os.WriteFile(l.Lock(), []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func(d time.Duration) { lockPatience = d }(lockPatience)
	lockPatience = time.Second
	if pid, err := agentPID(l); err == nil {
		t.Errorf("a stranger, %d, is taken for the agent", pid)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	expect(0)
}
