package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// AppBridges are the interfaces behind which apps' containers are: Docker's network
// for apps of one container (provisioning/appnet makes it), and Nomad's for those of
// several (its bridge_network_name, which CNI makes).
var AppBridges = []string{"dcloud-apps", groupBridge}

// firewall is what this node's rules depend on.
func (n Node) firewall() FirewallInput {
	return FirewallInput{
		Address: n.Address, Pool: n.Pool, Role: n.Role, HTTPPort: n.HTTPPort, HTTPSPort: n.HTTPSPort, Bridges: AppBridges,
	}
}

// EnsureFirewall puts the node's rules (see FirewallRules) in force, before all other
// rules, and the kernel's settings that they need. Each table is replaced in one
// go, so that there is no moment without them. Done again it changes nothing. The
// pool's interface should be there already. It needs CAP_NET_ADMIN.
func EnsureFirewall(ctx context.Context, n Node) error {
	if err := firewallKernel(ctx, "/proc/sys/net"); err != nil {
		return err
	}
	for _, t := range FirewallRules(n.firewall()) {
		if !t.possible() {
			continue
		}
		if err := t.ensure(ctx); err != nil {
			return fmt.Errorf("set the firewall up: %w", err)
		}
	}
	return nil
}

// HasFirewall tells whether exactly the node's rules are in force, and before all
// others. They are not where somebody flushed them, put rules of their own first,
// or where they are those of another role, port or version.
func HasFirewall(ctx context.Context, n Node) bool {
	for _, t := range FirewallRules(n.firewall()) {
		if !t.possible() {
			continue
		}
		save, err := t.save(ctx)
		if err != nil || !t.holds(save) {
			return false
		}
	}
	return true
}

// KeepFirewall looks after the rules until ctx ends: what a restart of Docker, a
// new CNI network or a firewall of the owner's has put first or thrown away is
// mended within the time given. (The rules that keep apps apart are in a table that
// none of these touch; see FirewallRules.)
func KeepFirewall(ctx context.Context, log *slog.Logger, n Node, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if HasFirewall(ctx, n) || ctx.Err() != nil {
			continue
		}
		if err := EnsureFirewall(ctx, n); err != nil && ctx.Err() == nil {
			log.Error("the firewall's rules cannot be put back", "err", err)
		} else if err == nil {
			log.Info("the firewall's rules were changed by others, and are back")
		}
	}
}

// RemoveFirewall takes our rules away, also those of older versions and those that
// another kind of iptables holds, and nothing else.
func RemoveFirewall(ctx context.Context) error {
	var errs []error
	for _, t := range FirewallRules(FirewallInput{}) {
		for _, program := range t.programs() {
			t.Program = program
			errs = append(errs, t.remove(ctx))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("take the firewall's rules away: %w", err)
	}
	return nil
}
