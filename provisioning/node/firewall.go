package node

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/dentropy/dcloud/provisioning/run"
)

// chain is the one iptables chain that is ours.
const chain = "DCLOUD-INPUT"

// FirewallRules is our chain as iptables-restore(8) reads it: the engines' ports on
// the pool's address are for this machine and the pool's own network. Apps'
// containers come through Docker's and Nomad's bridges, and a LAN with a route to
// the pool's range through the LAN's interface: both are refused. Ports of apps
// are not touched.
func FirewallRules(address netip.Addr) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*filter\n:%s - [0:0]\n", chain)
	for _, in := range []string{"lo", Interface} {
		fmt.Fprintf(&b, "-A %s -i %s -j RETURN\n", chain, in)
	}
	for _, protocol := range []string{"tcp", "udp"} {
		fmt.Fprintf(&b, "-A %s -d %s/32 -p %s -m multiport --dports %d,%d,%d,%d:%d,%d,%d -j REJECT\n", chain, address, protocol,
			ConsulRPCPort, ConsulSerfPort, ConsulHTTPPort, NomadHTTPPort, NomadSerfPort, AgentPort, PingPort)
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

// EnsureFirewall puts our rules in force, first of all INPUT rules. The chain is
// replaced in one go, so that there is no moment without it.
func EnsureFirewall(ctx context.Context, address netip.Addr) error {
	load := run.Command{Args: []string{"iptables-restore", "--wait", "10", "--noflush"}, Stdin: strings.NewReader(FirewallRules(address))}
	if err := run.Do(ctx, load); err != nil {
		return fmt.Errorf("set the firewall up: %w", err)
	}
	if HasFirewall(ctx) {
		return nil
	}
	if err := run.Do(ctx, iptables("-I", "INPUT", "1", "-j", chain)); err != nil {
		return fmt.Errorf("set the firewall up: %w", err)
	}
	return nil
}

// HasFirewall tells whether our chain is in force.
func HasFirewall(ctx context.Context) bool {
	return run.Do(ctx, iptables("-C", "INPUT", "-j", chain)) == nil
}

// RemoveFirewall takes our rules away, and nothing else.
func RemoveFirewall(ctx context.Context) error {
	for HasFirewall(ctx) {
		if err := run.Do(ctx, iptables("-D", "INPUT", "-j", chain)); err != nil {
			return fmt.Errorf("take the firewall's rules away: %w", err)
		}
	}
	if run.Do(ctx, iptables("-n", "-L", chain)) != nil {
		return nil
	}
	for _, args := range [][]string{{"-F", chain}, {"-X", chain}} {
		if err := run.Do(ctx, iptables(args...)); err != nil {
			return fmt.Errorf("take the firewall's rules away: %w", err)
		}
	}
	return nil
}

func iptables(args ...string) run.Command {
	return run.Command{Args: append([]string{"iptables", "--wait", "10"}, args...)}
}
