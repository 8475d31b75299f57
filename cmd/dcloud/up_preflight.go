package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
)

// preflight tells what is in the way before anything is changed.
func (e *env) preflight(l node.Layout, o upOptions) provisioning.Action {
	a := provisioning.Action{Name: "This machine", Apply: func(context.Context, func(provisioning.Progress)) error { return nil }}
	a.Check = func(ctx context.Context) (bool, string, error) {
		needs, err := e.needs(l, o)
		if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 {
			return false, "", notRoot("dcloud up") // a cloud is here, which only root may look at
		}
		if err != nil {
			return false, "", err
		}
		return provisioning.Preflight(needs).Check(ctx)
	}
	return a
}

// needs are the ports and the room that the cloud is going to want.
func (e *env) needs(l node.Layout, o upOptions) (provisioning.Needs, error) {
	n, err := node.Load(l)
	known := err == nil
	if !known { // a new machine, or a damaged identity, which the next step tells
		n = node.Node{HTTPPort: node.DefaultHTTPPort, HTTPSPort: node.DefaultHTTPSPort, Address: node.DefaultPool.Addr().Next()}
	}
	pid, err := agentPID(l)
	if err != nil {
		return provisioning.Needs{}, err
	}
	needs := provisioning.Needs{
		DataDir: l.Data, CacheDir: l.Cache,
		Running: known && pid != 0 && orDefault(o.httpPort, n.HTTPPort) == n.HTTPPort && orDefault(o.httpsPort, n.HTTPSPort) == n.HTTPSPort,
		// Engines outlive the agent: their programs are those in the cache.
		Owned: func(pid int) bool {
			exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
			return err == nil && (strings.HasPrefix(exe, l.Binaries()+"/") || strings.HasPrefix(exe, agentBinary(l)))
		},
	}
	const everywhere, loopback = "0.0.0.0", "127.0.0.1"
	address := n.Address.String()
	type wanted struct {
		address string
		port    int
		what    string
		flag    string
	}
	var ports []wanted
	if !o.joining || known && pool.HasDoor(n.Role) { // who joins does not know yet whether it will be one
		ports = []wanted{
			{everywhere, orDefault(o.httpPort, n.HTTPPort), "the front door", "--http-port"},
			{everywhere, orDefault(o.httpsPort, n.HTTPSPort), "the front door with TLS", "--https-port"},
			{loopback, node.PingPort, "Traefik", ""},
		}
	}
	for _, w := range append(ports, []wanted{
		{everywhere, pool.Port, "machines that join", ""},
		{loopback, node.AgentPort, "the agent", ""},
		{loopback, node.ConsulHTTPPort, "Consul", ""},
		{address, node.ConsulRPCPort, "Consul", ""},
		{address, node.ConsulSerfPort, "Consul", ""},
		{loopback, node.NomadHTTPPort, "Nomad", ""},
		{address, node.NomadRPCPort, "Nomad", ""},
		{address, node.NomadSerfPort, "Nomad", ""},
		{address, pool.GossipPort, "the pool's gossip", ""},
		{address, pool.PeerPort, "the pool's members", ""},
	}...) {
		needs.Listen = append(needs.Listen, provisioning.Listen{Address: w.address, Port: w.port, What: w.what, Flag: w.flag})
	}
	return needs, nil
}

func orDefault(given, usual int) int {
	if given != 0 {
		return given
	}
	return usual
}
