package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/dentropy/dcloud/provisioning/appnet"
	"github.com/dentropy/dcloud/provisioning/node"
)

// firewallPeriod is how long rules that somebody else has put before ours stay
// there. Reading the tables takes some milliseconds of CPU.
const firewallPeriod = 30 * time.Second

// ensureAppNetwork makes the Docker network of apps, clear of the pool's range and
// of all that this machine reaches.
func ensureAppNetwork(ctx context.Context, n node.Node) error {
	avoid, err := node.Routes(node.Interface)
	if err != nil {
		return err
	}
	return appnet.Ensure(ctx, "", append(avoid, n.Pool))
}

// networkReady tells what of the machine's networks is not as it should be, "" for
// nothing.
func networkReady(ctx context.Context, n node.Node) (missing string, err error) {
	if !node.HasInterface(node.Interface, n.Prefix()) {
		return "no interface " + node.Interface, nil
	}
	if !node.HasFirewall(ctx, n) {
		return "not closed to apps", nil
	}
	has, err := appnet.Has(ctx, "")
	if err != nil || !has {
		return "no network for apps", err
	}
	return "", nil
}

// makeNetworks makes the interface with the address that this node has for life,
// closes it to all but the pool, and makes the network of apps.
func makeNetworks(ctx context.Context, n node.Node) error {
	if _, err := node.EnsureInterface(node.Interface, n.Prefix()); err != nil {
		return err
	}
	// Docker puts rules of its own first when it makes a network.
	if err := ensureAppNetwork(ctx, n); err != nil {
		return err
	}
	return node.EnsureFirewall(ctx, n)
}

// keepNetworks looks after what others may change while the agent runs. Docker may be
// slow to start: apps wait for it, and so does their network.
func keepNetworks(ctx context.Context, log *slog.Logger, n node.Node) error {
	if err := ensureAppNetwork(ctx, n); err != nil && ctx.Err() == nil {
		log.Warn("the network of apps cannot be made now; dcloud up makes it", "err", err)
	}
	return node.KeepFirewall(ctx, log, n, firewallPeriod)
}
