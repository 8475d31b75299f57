package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// poolRun is a world with two clouds: one begins with a server at home, behind the
// router, the other with a server outside.
type poolRun struct {
	world           *lab.World
	home            *lab.Home
	server, outside *cloud
	worker          *cloud // of the home's cloud, on the LAN; stays
	hosts           int    // made so far
}

// Where the servers and the worker are. Machines that come and go have addresses of
// their own each, since others remember an address for a while.
const (
	serverAddress  = "192.168.77.2"
	workerAddress  = "192.168.77.3"
	visitorAddress = "192.168.77.4"
	publicAddress  = "203.0.113.20"
)

// alone removes the machines of the other sections: what idles beside is measured too.
func (b *bench) alone(ctx context.Context) error {
	if err := b.closeSingle(); err != nil {
		return err
	}
	return b.quiet(ctx)
}

// needPool gives the world with the cloud at home: one machine, no apps.
func (b *bench) needPool(ctx context.Context) (*poolRun, error) {
	if b.pool != nil {
		return b.pool, nil
	}
	if err := b.closeSingle(); err != nil {
		return nil, err
	}
	world, err := lab.NewWorld(ctx, "bench")
	if err != nil {
		return nil, err
	}
	p := &poolRun{world: world}
	b.pool = p // closed with all else, however much of it there is
	if p.home, err = world.Home(ctx, "home", lab.HomeOptions{}); err != nil {
		return nil, err
	}
	p.server, err = b.newServer(ctx, "server", p.home.LAN(), serverAddress)
	return p, err
}

// needOutside gives the cloud whose server has a public address.
func (b *bench) needOutside(ctx context.Context, p *poolRun) (err error) {
	if p.outside == nil {
		p.outside, err = b.newServer(ctx, "outside", p.world.Internet(), publicAddress)
	}
	return err
}

func (b *bench) newServer(ctx context.Context, name string, at *lab.Segment, address string) (*cloud, error) {
	c, err := b.newMachine(ctx, name, at, address, b.own)
	if err != nil {
		return nil, err
	}
	_, err = c.must(ctx, "up", "--no-welcome")
	return c, err
}

// newMachine makes a blank machine: Docker runs, and the engines are in the cache.
func (b *bench) newMachine(ctx context.Context, name string, at *lab.Segment, address, cache string) (*cloud, error) {
	host, err := b.pool.world.Host(ctx, name, lab.HostOptions{At: at, Address: address, Options: lab.Options{Cache: cache}})
	if err != nil {
		return nil, err
	}
	return newCloud(host, b.dcloud), host.Install(b.dcloud, "dcloud")
}

// nextAddress is the one of the next machine that comes and goes.
func (p *poolRun) nextAddress(at *lab.Segment) string {
	p.hosts++
	a := at.Range.Masked().Addr().As4()
	a[3] = byte(40 + p.hosts)
	return netip.AddrFrom4(a).String()
}

// token makes a token on a server.
func (c *cloud) token(ctx context.Context, args ...string) (t agent.Token, err error) {
	cmd := c.command(ctx, append([]string{"node", "token", "--json"}, args...)...)
	text, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, errorText(err))
	}
	return t, json.Unmarshal(text, &t)
}

func errorText(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}

// join runs a token's line on a machine, as somebody pastes it, and tells how long it
// was until the command had ended and the server listed the machine as one that can be
// given apps.
func (b *bench) join(ctx context.Context, server, joiner *cloud, args ...string) (seconds float64, err error) {
	t, err := server.token(ctx, args...)
	if err != nil {
		return 0, err
	}
	if err := b.quiet(ctx); err != nil {
		return 0, err
	}
	cmd := joiner.host.Command(ctx, "sh", "-c", t.Command)
	began := time.Now()
	said, err := output(cmd)
	ended := time.Since(began)
	if err != nil {
		// Not the command line, which has a secret in it.
		return 0, fmt.Errorf("join %s: %s", joiner.host.Name, said)
	}
	err = poll(ctx, 10*time.Millisecond, answerMax, func() error { return server.listsReady(ctx, joiner.host.Name) })
	listed := time.Since(began)
	b.detail("%s: the command ended after %.2f s, and was listed as ready after %.2f s", joiner.host.Name, ended.Seconds(), listed.Seconds())
	return listed.Seconds(), err
}

// listsReady returns nil where a server lists a machine as ready.
func (c *cloud) listsReady(ctx context.Context, name string) error {
	return c.lists(ctx, name, agent.NodeReady)
}

// lists returns nil where a server lists a machine in a state.
func (c *cloud) lists(ctx context.Context, name, state string) error {
	var nodes []agent.Node
	if err := c.get(ctx, "/v1/nodes", &nodes); err != nil {
		return err
	}
	for _, n := range nodes {
		if n.Name == name && n.State == state {
			return nil
		}
	}
	return fmt.Errorf("%s is to be %s, and the server lists %+v", name, state, nodes)
}
