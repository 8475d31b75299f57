package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/provisioning/run"
)

// A setting of the kernel below /proc/sys/net, and what it is to be.
type setting struct {
	name, value string
	optional    bool // where it is not there, it is not needed
}

// firewallSettings are those without which rules do not see the packets that they
// are for, or the pool's packets do not pass.
var firewallSettings = []setting{
	// Nodes relay for one another, and ports are mapped to containers.
	{name: "ipv4/ip_forward", value: "1"},
	// Packets between two containers on one bridge meet the rules.
	{name: "bridge/bridge-nf-call-iptables", value: "1"},
	{name: "bridge/bridge-nf-call-ip6tables", value: "1", optional: true},
	// A member is not refused because its packets would go back by another interface.
	// The stricter of this and conf/all would count, but for 2, which is the highest
	// (the kernel's ip-sysctl.rst).
	{name: "ipv4/conf/" + Interface + "/rp_filter", value: "2", optional: true},
	{name: "ipv6/conf/" + Interface + "/disable_ipv6", value: "1", optional: true},
}

// firewallKernel sets what the firewall needs of the kernel, which forgets it at a
// reboot. dir is /proc/sys/net, which shows the network namespace of who reads it.
func firewallKernel(ctx context.Context, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "bridge")); errors.Is(err, fs.ErrNotExist) {
		_ = run.Do(ctx, run.Command{Args: []string{"modprobe", "br_netfilter"}, Env: run.Environment()}) // judged by the settings
	}
	for _, s := range firewallSettings {
		path := filepath.Join(dir, s.name)
		is, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && s.optional:
			continue
		case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(s.name, "bridge/"):
			return refuse(err, "load it with: modprobe br_netfilter; if there is no such module, install the kernel's modules or another kernel",
				"apps could not be kept apart: the kernel has no br_netfilter, by which packets within a bridge meet the firewall")
		case err != nil:
			return fmt.Errorf("read net.%s: %w", strings.ReplaceAll(s.name, "/", "."), err)
		case strings.TrimSpace(string(is)) == s.value:
			continue
		}
		if err := os.WriteFile(path, []byte(s.value+"\n"), 0o644); err != nil {
			return fmt.Errorf("set net.%s: %w", strings.ReplaceAll(s.name, "/", "."), err)
		}
	}
	return reservePort(filepath.Join(dir, "ipv4/ip_local_reserved_ports"), JoinPort)
}

// reservePort keeps the kernel from lending a port to connections outward: it lies in
// the range from which those get theirs, and one to Consul that lasts for hours would
// keep the join port shut. What others have reserved stays so (the kernel's ip-sysctl.rst).
func reservePort(path string, port int) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // an odd kernel; the port is only seldom lent
	}
	if err != nil {
		return fmt.Errorf("read which ports are reserved: %w", err)
	}
	list := strings.TrimSpace(string(text))
	if reserves(list, port) {
		return nil
	}
	if list != "" {
		list += ","
	}
	if err := os.WriteFile(path, []byte(list+strconv.Itoa(port)+"\n"), 0o644); err != nil {
		return fmt.Errorf("reserve port %d: %w", port, err)
	}
	return nil
}

// reserves tells whether a list such as "8080,9148-9150" has a port.
func reserves(list string, port int) bool {
	for _, part := range strings.Split(list, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		low, err := strconv.Atoi(from)
		high := low
		if err == nil && ranged {
			high, err = strconv.Atoi(to)
		}
		if err == nil && low <= port && port <= high {
			return true
		}
	}
	return false
}
