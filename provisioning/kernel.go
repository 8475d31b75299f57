package provisioning

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/provisioning/run"
)

// Kernel are the settings of the kernel that containers need: cgroups that are
// mounted, and forwarding between the bridges and the network.
func Kernel() []Action {
	return []Action{cgroupsMounted("/sys/fs/cgroup"), forwarding("/proc/sys/net")}
}

// cgroupsMounted mounts the cgroup file systems where no init has: in a minimal
// VM or a chroot. Systemd and Docker's own init script do the same.
func cgroupsMounted(dir string) Action {
	return Action{
		Name: "Control groups",
		Check: func(context.Context) (bool, string, error) {
			mounts, err := os.ReadFile("/proc/self/mounts")
			if err != nil {
				return false, "", err
			}
			if version := mountedCgroups(string(mounts), dir); version != "" {
				return true, version, nil
			}
			return false, "not mounted", nil
		},
		Apply: func(context.Context, func(Progress)) error {
			// Version 2 alone is what current systems have, and what Nomad likes best.
			if err := unix.Mount("cgroup2", dir, "cgroup2", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
				return Errorf("mount the control groups at %s: %w", dir, err).
					WithHint("the kernel has to be built with CONFIG_CGROUPS, and a container has to be allowed to mount (privileged)")
			}
			return nil
		},
	}
}

// mountedCgroups says which cgroups /proc/self/mounts shows at dir: "version 2",
// "version 1" (the memory controller below dir), or "" for none that serve.
func mountedCgroups(mounts, dir string) string {
	version := ""
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		switch {
		case f[2] == "cgroup2" && f[1] == dir:
			return "version 2"
		case f[2] == "cgroup" && strings.HasPrefix(f[1], dir+"/") && hasOption(f[3], "memory"):
			version = "version 1"
		}
	}
	return version
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// forwarding turns on what bridged containers need: packets pass between
// interfaces, and those that cross a bridge meet iptables, by which apps are kept
// from the engines and from one another. Docker does much of it at its start, but
// not where it was started with other options. A reboot takes it back, and the agent
// sets it again (node.EnsureFirewall), with what the pool's own interface needs.
func forwarding(dir string) Action {
	settings := func() (unset []string, err error) {
		for _, name := range []string{"ipv4/ip_forward", "bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables"} {
			value, err := os.ReadFile(filepath.Join(dir, name))
			// What of a bridge is missing is so because br_netfilter is not loaded, or, for
			// IPv6, because the kernel has none.
			if errors.Is(err, fs.ErrNotExist) && name == "bridge/bridge-nf-call-iptables" {
				unset = append(unset, name)
				continue
			}
			if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "bridge/") {
				continue
			}
			if err != nil {
				return nil, err
			}
			if strings.TrimSpace(string(value)) != "1" {
				unset = append(unset, name)
			}
		}
		return unset, nil
	}
	return Action{
		Name: "Forwarding",
		Check: func(context.Context) (bool, string, error) {
			unset, err := settings()
			if err != nil || len(unset) > 0 {
				return false, "off: " + strings.Join(unset, ", "), err
			}
			return true, "on", nil
		},
		Apply: func(ctx context.Context, _ func(Progress)) error {
			// Its settings exist only once it is loaded. It may be built in or absent.
			_ = run.Do(ctx, run.Command{Args: []string{"modprobe", "br_netfilter"}, Env: run.Environment()})
			unset, err := settings()
			if err != nil {
				return err
			}
			for _, name := range unset {
				err := os.WriteFile(filepath.Join(dir, name), []byte("1\n"), 0o644)
				if errors.Is(err, fs.ErrNotExist) {
					return Errorf("apps could not be kept apart: the kernel has no br_netfilter, by which packets within a bridge meet the firewall").
						WithHint("load it with: modprobe br_netfilter; if there is no such module, install the kernel's modules or another kernel")
				}
				if err != nil {
					return fmt.Errorf("set net.%s: %w", strings.ReplaceAll(name, "/", "."), err)
				}
			}
			return nil
		},
	}
}
