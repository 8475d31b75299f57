package provisioning

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func touch(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, n := range names {
		path := filepath.Join(root, n)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// apt stands in for apt-get: it notes what it is asked and installs by touching.
type apt struct {
	asked []string
	fail  int // this many first calls fail
}

func (a *apt) get(t *testing.T, root string) func(context.Context, func(string), ...string) error {
	return func(_ context.Context, line func(string), args ...string) error {
		a.asked = append(a.asked, args[0]+" "+strings.Join(args[max(1, min(5, len(args))):], " "))
		if len(a.asked) <= a.fail {
			return errors.New("unable to locate package")
		}
		if args[0] == "install" {
			line("pmstatus:iptables:50:Unpacking iptables")
			touch(t, root, "usr/sbin/dockerd", "usr/sbin/iptables", "usr/bin/ip", "etc/ssl/certs/ca-certificates.crt",
				"usr/lib/cni/bridge", "usr/lib/cni/firewall", "usr/lib/cni/host-local", "usr/lib/cni/loopback", "usr/lib/cni/portmap")
		}
		return nil
	}
}

func TestBlankMachineGetsItsPackagesOnce(t *testing.T) {
	root, a := t.TempDir(), apt{}
	actions := []Action{packagesAction(root, a.get(t, root))}
	var percent int
	if n, err := Run(t.Context(), actions, func(p Progress) { percent = max(percent, p.Percent%100) }); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	want := []string{"install docker.io containernetworking-plugins iptables iproute2 ca-certificates"}
	if !slices.Equal(a.asked, want) {
		t.Errorf("asked %q", a.asked)
	}
	if percent != 75 {
		t.Errorf("told %d percent", percent)
	}
	if n, err := Run(t.Context(), actions, nil); n != 0 || err != nil || len(a.asked) != 1 {
		t.Errorf("the second run: %d %v %q", n, err, a.asked)
	}
}

func TestOwnDockerIsRespectedAndListsAreFetchedWhenStale(t *testing.T) {
	root, a := t.TempDir(), apt{fail: 1}
	touch(t, root, "usr/bin/dockerd", "opt/cni/bin/bridge") // one plugin is not all
	if _, err := Run(t.Context(), []Action{packagesAction(root, a.get(t, root))}, nil); err != nil {
		t.Fatal(err)
	}
	install := "install containernetworking-plugins iptables iproute2 ca-certificates"
	if !slices.Equal(a.asked, []string{install, "update ", install}) {
		t.Errorf("asked %q", a.asked)
	}
}

func TestAppArmorsParserIsWantedOnlyWhereTheKernelRunsIt(t *testing.T) {
	root := t.TempDir()
	file := "sys/module/apparmor/parameters/enabled"
	touch(t, root, file)
	for _, value := range []string{"N\n", "Y\n"} {
		if err := os.WriteFile(filepath.Join(root, file), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(missingPackages(root), "apparmor"); got != (value == "Y\n") {
			t.Errorf("%q: %v", value, got)
		}
	}
	touch(t, root, "usr/sbin/apparmor_parser")
	if slices.Contains(missingPackages(root), "apparmor") {
		t.Error("it is there, and wanted all the same")
	}
}

func TestFailedInstallNamesTheCommandToTry(t *testing.T) {
	root, a := t.TempDir(), apt{fail: 9}
	_, err := Run(t.Context(), []Action{packagesAction(root, a.get(t, root))}, nil)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, "apt-get install docker.io") {
		t.Errorf("%v", err)
	}
}

func TestCNIPluginsAreFoundWhereTheyAre(t *testing.T) {
	for _, dir := range []string{"usr/lib/cni", "opt/cni/bin"} {
		root := t.TempDir()
		for _, p := range []string{"bridge", "firewall", "host-local", "loopback", "portmap"} {
			if got := cniDir(root); got != "" {
				t.Errorf("found %s too early", got)
			}
			touch(t, root, filepath.Join(dir, p))
		}
		if got := cniDir(root); got != filepath.Join(root, dir) {
			t.Errorf("found %q, not %s", got, dir)
		}
	}
}

func FuzzAptStatusStaysWithinItsBounds(f *testing.F) {
	f.Add("pmstatus:docker.io:40.5:Unpacking docker.io (amd64)")
	f.Add("dlstatus:1:NaN:x")
	f.Fuzz(func(t *testing.T, line string) {
		if p, ok := parseAptStatus(line); ok && (p.Percent < 0 || p.Percent > 100) {
			t.Errorf("%d", p.Percent)
		}
	})
}

func TestMountedCgroupsAreRecognized(t *testing.T) {
	const dir = "/sys/fs/cgroup"
	for mounts, want := range map[string]string{
		"cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n":                                       "version 2",
		"tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0": "version 1",
		"tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0":     "",
		"sysfs /sys sysfs rw 0 0": "", "junk": "", "": "",
	} {
		if got := mountedCgroups(mounts, dir); got != want {
			t.Errorf("%q: %q", mounts, got)
		}
	}
}

func TestForwardingIsTurnedOnWhereItIsOff(t *testing.T) {
	dir := t.TempDir()
	touch(t, dir, "ipv4/ip_forward", "bridge/bridge-nf-call-iptables")
	for range 2 {
		if _, err := Run(t.Context(), []Action{forwarding(dir)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"ipv4/ip_forward", "bridge/bridge-nf-call-iptables"} {
		if text, err := os.ReadFile(filepath.Join(dir, n)); err != nil || string(text) != "1\n" {
			t.Errorf("%s: %q %v", n, text, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "bridge/bridge-nf-call-ip6tables")); err == nil {
		t.Error("a setting that the kernel lacks was made up")
	}
}

func TestRemoteDockerThatIsSilentIsNotStarted(t *testing.T) {
	_, err := Run(t.Context(), []Action{Daemon{Host: "tcp://127.0.0.1:1"}.Action()}, nil)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, "unset DOCKER_HOST") {
		t.Errorf("%v", err)
	}
}

func TestStalePidFileIsNoRunningDaemon(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	for text, want := range map[string]int{"1\n": 0, "nonsense": 0, "-5": 0, "999999999": 0} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := runningDaemon(file); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
