// Package appnet makes the Docker network in which apps of one container are: a
// bridge of theirs alone, on which none reaches another. The node's firewall
// (package node) knows it by the name of its interface; the owner's own containers
// stay on Docker's default network and are not touched.
//
// It depends on Docker's client alone. Start reading at Ensure; Subnet, which
// chooses the addresses, is pure.
package appnet

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

const (
	// Name is the network's in Docker; apps' jobs name it (jobs.AppNetwork).
	Name = "dcloud"
	// Interface is the name of its bridge, by which the firewall knows it.
	Interface = "dcloud-apps"
	// label marks the network as ours; its value is the version of its settings.
	label   = "dcloud.network"
	version = "1"
)

// Error is a refusal that a person gets to see: one sentence, and a hint that says
// what to do next.
type Error struct {
	Message string
	Next    string
}

func (e *Error) Error() string { return e.Message }

// Hint is the next thing to do.
func (e *Error) Hint() string { return e.Next }

// patience is how long Docker may take to make a network, of which it gives no
// sign meanwhile.
const patience = 30 * time.Second

// Ensure makes the apps' network where it is missing, with addresses outside of all
// ranges to avoid and of Docker's other networks. One that is there is kept, with
// the containers on it; if its addresses have come to clash or its settings are those of
// another version it is made anew once no container is on it. dockerHost is as
// in DOCKER_HOST, "" for what the environment says.
//
// It is safe to be called by several at once. A network of that name which somebody
// else made is an *Error.
func Ensure(ctx context.Context, dockerHost string, avoid []netip.Prefix) error {
	return with(dockerHost, func(docker *client.Client) error { return ensure(ctx, docker, avoid) })
}

// Has tells whether the apps' network is there.
func Has(ctx context.Context, dockerHost string) (has bool, err error) {
	err = with(dockerHost, func(docker *client.Client) error {
		found, err := find(ctx, docker)
		has = found != nil && err == nil
		return err
	})
	return has, err
}

// Remove removes the apps' network, if it is there and ours. No container may run
// on it. Where no Docker answers there is nothing to remove.
func Remove(ctx context.Context, dockerHost string) error {
	return with(dockerHost, func(docker *client.Client) error {
		found, err := find(ctx, docker)
		var foreign *Error
		if errors.As(err, &foreign) || client.IsErrConnectionFailed(err) || err == nil && found == nil {
			return nil
		}
		if err != nil {
			return err
		}
		return remove(ctx, docker, found)
	})
}

func with(dockerHost string, do func(*client.Client) error) error {
	opts := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if dockerHost != "" {
		opts = append(opts, client.WithHost(dockerHost))
	}
	docker, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return fmt.Errorf("prepare to speak to Docker: %w", err)
	}
	defer docker.Close()
	return do(docker)
}

func ensure(ctx context.Context, docker *client.Client, avoid []netip.Prefix) error {
	found, err := find(ctx, docker)
	if err != nil {
		return err
	}
	if found != nil {
		if found.Labels[label] == version && !clashes(found, avoid) || len(found.Containers) > 0 {
			return nil
		}
		if err := remove(ctx, docker, found); err != nil {
			return err
		}
	}
	others, err := docker.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return fmt.Errorf("list Docker's networks: %w", err)
	}
	taken := append([]netip.Prefix(nil), avoid...)
	for _, o := range others {
		taken = append(taken, subnets(o)...)
	}
	subnet := Subnet(taken)
	if !subnet.IsValid() {
		return &Error{"there is no range of addresses left for the network of apps", "free some of Docker's networks: docker network prune"}
	}
	_, err = docker.NetworkCreate(ctx, Name, options(subnet))
	if err == nil {
		return nil
	}
	// Another process may be at it: Docker takes its name and its range from the others
	// at once, and shows the network when all of it is made.
	contended := errdefs.IsConflict(err) || errdefs.IsPermissionDenied(err) || errdefs.IsInvalidArgument(err)
	for end := time.Now().Add(patience); contended && time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if again, findErr := find(ctx, docker); findErr == nil && again != nil {
			return nil
		}
	}
	return fmt.Errorf("make the network of apps (%s): %w", subnet, err)
}

// options are the network's settings
// (https://docs.docker.com/engine/network/drivers/bridge/#options).
func options(subnet netip.Prefix) network.CreateOptions {
	no := false
	return network.CreateOptions{
		Driver:     "bridge",
		EnableIPv6: &no,
		IPAM:       &network.IPAM{Driver: "default", Config: []network.IPAMConfig{{Subnet: subnet.String(), Gateway: subnet.Addr().Next().String()}}},
		Options: map[string]string{
			"com.docker.network.bridge.name":       Interface,
			"com.docker.network.bridge.enable_icc": "false",
		},
		Labels: map[string]string{label: version},
	}
}

// find returns nil where there is no network of the name.
func find(ctx context.Context, docker *client.Client) (*network.Inspect, error) {
	found, err := docker.NetworkInspect(ctx, Name, network.InspectOptions{})
	switch {
	case errdefs.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for the network of apps: %w", err)
	case found.Name != Name:
		return nil, nil // one whose ID begins with the name
	case found.Labels[label] == "":
		return nil, &Error{
			fmt.Sprintf("Docker has a network called %q which is not ours, and apps need one of that name", Name),
			"remove it, or make it anew under another name: docker network rm " + Name,
		}
	}
	return &found, nil
}

func remove(ctx context.Context, docker *client.Client, n *network.Inspect) error {
	if err := docker.NetworkRemove(ctx, n.ID); err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove the network of apps: %w", err)
	}
	return nil
}

func clashes(n *network.Inspect, avoid []netip.Prefix) bool {
	for _, mine := range subnets(*n) {
		for _, a := range avoid {
			// The route to the network itself is among those of the machine.
			if a.Bits() > 0 && a != mine && a.Overlaps(mine) {
				return true
			}
		}
	}
	return false
}

func subnets(n network.Inspect) (list []netip.Prefix) {
	for _, c := range n.IPAM.Config {
		if p, err := netip.ParsePrefix(c.Subnet); err == nil {
			list = append(list, p.Masked())
		}
	}
	return list
}
