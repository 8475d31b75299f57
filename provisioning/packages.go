package provisioning

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/provisioning/run"
)

// requirement is a package and how to see that what it brings is there,
// however it came: a Docker CE of the user's own is respected.
type requirement struct {
	pkg     string
	present func(root string) bool // root is "/" but in tests
}

var requirements = []requirement{
	{"docker.io", func(root string) bool { return anyFile(root, sbin("dockerd")...) }},
	{"containernetworking-plugins", func(root string) bool { return cniDir(root) != "" }},
	{"iptables", func(root string) bool { return anyFile(root, sbin("iptables")...) }},
	{"iproute2", func(root string) bool { return anyFile(root, append(sbin("ip"), "bin/ip")...) }},
	{"ca-certificates", func(root string) bool { return anyFile(root, "etc/ssl/certs/ca-certificates.crt") }},
	// Where the kernel runs AppArmor, Docker starts no container without its parser;
	// docker.io only recommends it.
	{"apparmor", func(root string) bool {
		enabled, _ := os.ReadFile(filepath.Join(root, "sys/module/apparmor/parameters/enabled"))
		return !strings.HasPrefix(string(enabled), "Y") || anyFile(root, sbin("apparmor_parser")...)
	}},
}

// sbin are the places where a system program may be. PATH is not asked: a
// user's often lacks sbin.
func sbin(name string) []string {
	return []string{"usr/sbin/" + name, "usr/bin/" + name, "sbin/" + name, "usr/local/sbin/" + name, "usr/local/bin/" + name}
}

func anyFile(root string, names ...string) bool {
	for _, n := range names {
		if info, err := os.Stat(filepath.Join(root, n)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// CNIDir is where this machine's CNI plugins are: Debian's package puts them in
// /usr/lib/cni, upstream's archive in /opt/cni/bin. Where there are none yet it is
// Debian's.
func CNIDir() string {
	if dir := cniDir("/"); dir != "" {
		return dir
	}
	return "/usr/lib/cni"
}

// cniDir looks for the plugins that Nomad's bridge networks need.
func cniDir(root string) string {
next:
	for _, dir := range []string{"usr/lib/cni", "opt/cni/bin", "usr/libexec/cni"} {
		for _, plugin := range []string{"bridge", "firewall", "host-local", "loopback", "portmap"} {
			if !anyFile(root, filepath.Join(dir, plugin)) {
				continue next
			}
		}
		return filepath.Join(root, dir)
	}
	return ""
}

func missingPackages(root string) (missing []string) {
	for _, r := range requirements {
		if !r.present(root) {
			missing = append(missing, r.pkg)
		}
	}
	return missing
}

// Packages installs what we need of the operating system with apt-get, and
// nothing where all of it is there.
func Packages() []Action {
	return []Action{packagesAction("/", aptGet)}
}

func packagesAction(root string, apt func(ctx context.Context, line func(string), args ...string) error) Action {
	return Action{
		Name: "Packages",
		Check: func(context.Context) (bool, string, error) {
			if missing := missingPackages(root); len(missing) > 0 {
				return false, "to be installed: " + strings.Join(missing, ", "), nil
			}
			return true, "all there", nil
		},
		Apply: func(ctx context.Context, progress func(Progress)) error {
			missing := missingPackages(root)
			line := func(l string) {
				if p, ok := parseAptStatus(l); ok {
					progress(p)
				}
			}
			// Status lines on stdout, no recommendations (docker.io's are 300 MB of git and more).
			install := append([]string{"install", "-y", "--no-install-recommends", "-o", "APT::Status-Fd=1"}, missing...)
			progress(Progress{Message: "installing " + strings.Join(missing, ", "), Percent: -1})
			err := apt(ctx, line, install...)
			if err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return err
			}
			// The lists are absent on a fresh image and stale on an old one. Asking for
			// them only now saves a minute wherever they are good.
			progress(Progress{Message: "getting the package lists", Percent: -1})
			if uerr := apt(ctx, line, "update"); uerr != nil {
				return aptFailed(missing, uerr)
			}
			if err = apt(ctx, line, install...); err != nil {
				return aptFailed(missing, err)
			}
			return nil
		},
	}
}

func aptFailed(missing []string, err error) *Error {
	return Errorf("install %s: %w", strings.Join(missing, ", "), err).
		WithHint("try it yourself, which tells more: sudo apt-get update && sudo apt-get install %s", strings.Join(missing, " "))
}

// lockSeconds is how long to wait for another apt or dpkg: a new server's
// unattended upgrades take some minutes after its first boot.
const lockSeconds = "600"

func aptGet(ctx context.Context, line func(string), args ...string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return Errorf("apt-get is not to be found").WithHint("use a system of Debian's family")
	}
	argv := append([]string{"apt-get", "-q", "-o", "DPkg::Lock::Timeout=" + lockSeconds,
		// A configuration file that the user has changed stays as it is.
		"-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"}, args...)
	return run.Do(ctx, run.Command{
		Args: argv,
		Env:  append(run.Environment(), "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l"),
		Line: line,
	})
}

// parseAptStatus reads a line of APT::Status-Fd, such as
// "pmstatus:docker.io:40.5:Unpacking docker.io (amd64)"; see apt's
// README.progress-reporting.
func parseAptStatus(line string) (Progress, bool) {
	f := strings.SplitN(line, ":", 4)
	if len(f) != 4 || f[0] != "dlstatus" && f[0] != "pmstatus" {
		return Progress{}, false
	}
	percent, err := strconv.ParseFloat(f[2], 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		return Progress{}, false
	}
	// Downloading and installing are told from 0 to 100 each.
	whole := percent / 2
	if f[0] == "pmstatus" {
		whole += 50
	}
	return Progress{Message: strings.TrimSpace(f[3]), Percent: int(whole)}, true
}
