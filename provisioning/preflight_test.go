package provisioning

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

func goodFacts() Facts {
	return Facts{
		OS: OSRelease{ID: "debian", VersionID: "12"}, Arch: "amd64", Machine: "x86_64", MemoryMB: 4000,
		DataFree: 50 << 30, CacheFree: 50 << 30, Now: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), MemoryCgroup: "yes",
	}
}

var front = []Listen{
	{Address: "0.0.0.0", Port: 80, What: "Traefik", Flag: "--http-port"},
	{Address: "[::]", Port: 443, What: "Traefik", Flag: "--https-port"},
	{Address: "10.213.0.1", Port: 4646, What: "Nomad"},
}

func socket(addr string, pid int, process string) Socket {
	return Socket{Network: "tcp", Addr: netip.MustParseAddrPort(addr), PID: pid, Process: process}
}

func TestGoodMachinePasses(t *testing.T) {
	problems, warnings := Judge(goodFacts(), Needs{Listen: front})
	if len(problems)+len(warnings) != 0 {
		t.Errorf("%v %v", problems, warnings)
	}
}

func TestAllProblemsAreToldAtOnceEachWithWhatToDo(t *testing.T) {
	f := Facts{
		UID: 1000, OS: OSRelease{ID: "fedora", PrettyName: "Fedora 43"}, Arch: "riscv64", Machine: "riscv64", MemoryMB: 256,
		DataFree: 1 << 30, CacheFree: 1 << 20, Now: time.Unix(0, 0).UTC(), MemoryCgroup: "no", Missing: []string{"overlay"},
		Sockets: []Socket{socket("0.0.0.0:80", 7, "nginx"), socket("0.0.0.0:8080", 8, "java")},
	}
	problems, _ := Judge(f, Needs{DataDir: "/data", CacheDir: "/cache", Listen: front})
	err := AsError(problems)
	for _, want := range []string{
		"root", "sudo", "Fedora 43", "riscv64", "256 MB", "/data", "--data-dir", "/cache", "1 January 1970", "cmdline.txt", "overlay",
		"port 80 on all addresses, which Traefik needs, is taken by nginx (process 7)", "--http-port 8081",
	} {
		if !strings.Contains(err.Message, want) {
			t.Errorf("%q is not told in:\n%s", want, err.Message)
		}
	}
	if len(problems) != 10 {
		t.Errorf("%d problems: %s", len(problems), err.Message)
	}
	for _, p := range problems {
		if p.Hint == "" {
			t.Errorf("no hint: %s", p.Message)
		}
	}
}

func TestPortsOfOurOwnEnginesDoNotCount(t *testing.T) {
	f := goodFacts()
	f.Sockets = []Socket{socket("[::]:80", 42, "traefik"), socket("10.213.0.1:4646", 43, "nomad")}
	ours := func(pid int) bool { return pid == 42 || pid == 43 }
	if p, _ := Judge(f, Needs{Listen: front}); len(p) != 2 {
		t.Errorf("others' ports: %v", p)
	}
	if p, _ := Judge(f, Needs{Listen: front, Owned: ours}); len(p) != 0 {
		t.Errorf("own ports: %v", p)
	}
	f.DataFree = 0
	if p, _ := Judge(f, Needs{Listen: front, Running: true}); len(p) != 0 {
		t.Errorf("a running cloud: %v", p)
	}
}

func TestOnlyClashingSocketsCount(t *testing.T) {
	nomad := Listen{Address: "10.213.0.1", Port: 4646}
	for addr, want := range map[string]bool{
		"10.213.0.1:4646": true, "0.0.0.0:4646": true, "[::]:4646": true,
		"127.0.0.1:4646": false, "10.213.0.1:4647": false, "[::1]:4646": false,
	} {
		if got := nomad.clashes(socket(addr, 0, "")); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	if (Listen{Network: "udp", Port: 80}).clashes(socket("0.0.0.0:80", 0, "")) {
		t.Error("UDP clashes with TCP")
	}
}

func TestOperatingSystems(t *testing.T) {
	for text, want := range map[string]string{
		"ID=debian\nVERSION_ID=\"12\"":                    "yes",
		"ID=debian\nVERSION_ID='11'":                      "yes",
		"ID=debian\nVERSION_ID=10":                        "no",
		"ID=debian\nPRETTY_NAME=\"Debian GNU/Linux sid\"": "yes",
		"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"": "yes",
		"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"20.04\"": "no",
		"ID=raspbian\nID_LIKE=debian\nVERSION_ID=\"11\"":  "yes",
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"":         "warned",
		"ID=fedora\nVERSION_ID=43":                        "no",
		"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"":    "no",
		"": "no",
	} {
		ok, warning := ParseOSRelease(text).supported()
		got := map[bool]string{true: "yes", false: "no"}[ok]
		if warning != "" {
			got = "warned"
		}
		if got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
}

func TestArmNeedsVersionSeven(t *testing.T) {
	for machine, want := range map[string]bool{"armv6l": false, "armv7l": true, "aarch64": true} {
		if got := supportedArch(Facts{Arch: "arm", Machine: machine}); got != want {
			t.Errorf("%s: %v", machine, got)
		}
	}
}

func TestMemoryCgroupIsFoundOff(t *testing.T) {
	for _, tc := range [][3]string{
		{"cpu io memory pids\n", "", "yes"},
		{"cpu io pids\n", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t0\n", "no"},
		{"", "memory\t0\t1\t1\n", "yes"},
		{"", "", ""},
	} {
		if got := memoryCgroup(tc[0], tc[1]); got != tc[2] {
			t.Errorf("%q: %q", tc, got)
		}
	}
}

func TestMissingModulesAreFound(t *testing.T) {
	index := "kernel/fs/overlayfs/overlay.ko.xz: \nkernel/net/bridge/bridge.ko:\n"
	if got := missingModules(index, func(string) bool { return false }); len(got) != 1 || got[0] != "veth" {
		t.Errorf("%q", got)
	}
}

func TestThisMachinesFactsNameWhoHoldsAPort(t *testing.T) {
	// On all addresses, so that nobody else can listen at that port on another one.
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := GatherFacts("/no/such/dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if f.MemoryMB == 0 || f.DataFree == 0 || f.Machine == "" || f.OS.ID == "" {
		t.Errorf("%+v", f)
	}
	port := l.Addr().(*net.TCPAddr).Port
	f.Now, f.UID, f.MemoryMB, f.MemoryCgroup, f.Missing = goodFacts().Now, 0, 9999, "", nil
	f.DataFree, f.CacheFree, f.OS = 9<<30, 9<<30, goodFacts().OS
	p, _ := Judge(f, Needs{Listen: []Listen{{Address: "127.0.0.1", Port: port, What: "a test"}}})
	if len(p) != 1 || !strings.Contains(p[0].Message, "provisioning.te (process ") {
		t.Errorf("%+v", p)
	}
	if p, _ := Judge(f, Needs{Listen: []Listen{{Port: port}}, Owned: func(pid int) bool { return pid == os.Getpid() }}); len(p) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestPreflightActionFailsWithAnErrorForPeople(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Run(t.Context(), []Action{Preflight(Needs{DataDir: "/", CacheDir: "/", Listen: []Listen{
		{Port: l.Addr().(*net.TCPAddr).Port, What: "a test"}}})}, nil)
	var e *Error
	if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(e.Message, "is taken by") {
		t.Errorf("%v", err)
	}
}

func FuzzParsersTakeAnything(f *testing.F) {
	f.Add("ID=\"a\\\"b\"\nMemTotal:  12 kB\n 0: 0100007F:0050 00000000:0000 0A 0:0 0:0 0 0 0 17 1\n")
	f.Add("ID='\nMemTotal:\n 0: 0:0 0 0A 0 0 0 0 0 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		ParseOSRelease(text).supported()
		if mb, err := ParseMeminfo(text); err == nil && mb < 0 {
			t.Errorf("%d MB", mb)
		}
		for _, s := range append(ParseProcNet("tcp", text), ParseProcNet("udp", text)...) {
			if !s.Addr.IsValid() {
				t.Errorf("%+v", s)
			}
		}
		memoryCgroup(text, text)
	})
}
