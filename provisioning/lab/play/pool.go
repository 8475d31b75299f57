package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/lab"
)

type options struct {
	dcloud string
	once   string
}

// images are those of the apps that can be installed while playing.
var images = []string{"whoami", "static"}

// vpsAddress is where the host outside is.
const vpsAddress = "203.0.113.20"

// pool is what is played with.
type pool struct {
	world           *lab.World
	server, pi, vps *lab.Host
}

// play makes the pool, and keeps it until ctx ends.
func play(ctx context.Context, o options) (err error) {
	if _, err := lab.Sweep(); err != nil {
		return fmt.Errorf("remove what a killed run left: %w", err)
	}
	if _, err := os.Stat(o.dcloud); err != nil {
		return fmt.Errorf("find the program to play with: %w; make build makes it", err)
	}
	p := &pool{}
	defer func() {
		if p.world != nil {
			say("removing all of it")
			err = errors.Join(err, p.world.Close())
		}
	}()
	start := time.Now()
	if err := p.make(ctx, o.dcloud); err != nil {
		return err
	}
	if err := p.join(ctx); err != nil {
		return err
	}
	say("the pool is there after %s", time.Since(start).Round(time.Second))
	if err := show(ctx, p.server, os.Stderr, "dcloud node list"); err != nil {
		return err
	}
	if o.once != "" {
		return show(ctx, p.server, os.Stdout, o.once)
	}
	fmt.Fprint(os.Stderr, `
In another terminal, as root:

  bin/lab server dcloud node list
  bin/lab server dcloud app install whoami --set replicas=3
  bin/lab vps curl -s http://whoami.dcloud.localhost/
  bin/lab pi                                                   a shell

server is 192.168.77.2 and pi 192.168.77.3, behind a router at 203.0.113.10; vps is `+vpsAddress+`.
Ctrl-C removes all of it.
`)
	<-ctx.Done()
	return nil
}

// make makes the hosts with what is needed on them.
func (p *pool) make(ctx context.Context, dcloud string) (err error) {
	say("making a home with server and pi, and a vps outside")
	if p.world, err = lab.NewWorld(ctx, world); err != nil {
		return err
	}
	home, err := p.world.Home(ctx, "home", lab.HomeOptions{})
	if err != nil {
		return err
	}
	var g errgroup.Group // without its context: what is half made is finished, then removed
	for _, h := range []struct {
		host    **lab.Host
		name    string
		at      *lab.Segment
		address string
	}{
		{&p.server, "server", home.LAN(), "192.168.77.2"},
		{&p.pi, "pi", home.LAN(), "192.168.77.3"},
		{&p.vps, "vps", p.world.Internet(), vpsAddress},
	} {
		g.Go(func() error {
			host, err := p.world.Host(ctx, h.name, lab.HostOptions{At: h.at, Address: h.address})
			if err != nil {
				return err
			}
			*h.host = host
			return host.Install(dcloud, "dcloud")
		})
	}
	var tarball string
	g.Go(func() (err error) {
		tarball, err = lab.Images(ctx, "", filepath.Join("provisioning", "images"), func(line string) { say("images: %s", line) }, images...)
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	for _, host := range []*lab.Host{p.server, p.pi, p.vps} {
		g.Go(func() error { return host.LoadImages(ctx, tarball) })
	}
	return g.Wait()
}

// join has the hosts become one pool.
func (p *pool) join(ctx context.Context) error {
	if err := show(ctx, p.server, os.Stderr, "dcloud up"); err != nil {
		return err
	}
	for _, j := range []struct {
		host  *lab.Host
		token string
	}{
		{p.pi, "dcloud node token"},
		// The vps does not reach the server behind its router, so it is called.
		{p.vps, "dcloud node token --role ingress --call " + vpsAddress},
	} {
		var line bytes.Buffer
		if err := show(ctx, p.server, &line, j.token); err != nil {
			return err
		}
		// As it stands, as somebody would paste it.
		if err := show(ctx, j.host, os.Stderr, strings.TrimSpace(line.String())); err != nil {
			return err
		}
	}
	return nil
}

// show runs a line of shell in a host, having said which. Its answer goes to stdout,
// the rest beside ours, each line after the host's name.
func show(ctx context.Context, host *lab.Host, stdout io.Writer, line string) error {
	fmt.Fprintf(os.Stderr, "%s# %s\n", host.Name, line)
	cmd := host.Command(ctx, "sh", "-c", line)
	aside := &prefixed{prefix: host.Name + " | "}
	defer aside.end()
	cmd.Stdout, cmd.Stderr = stdout, aside
	if stdout == os.Stderr {
		cmd.Stdout = aside
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("on %s: %s: %w", host.Name, line, err)
	}
	return nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "lab: "+format+"\n", args...) }

// prefixed writes whole lines to stderr, each with a prefix.
type prefixed struct {
	prefix string
	mu     sync.Mutex // a command's stdout and stderr come by two ways
	rest   []byte
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, ok := bytes.Cut(p.rest, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		fmt.Fprintf(os.Stderr, "%s%s\n", p.prefix, line)
		p.rest = rest
	}
}

// end writes a last line that has no end.
func (p *prefixed) end() {
	if len(p.rest) > 0 {
		p.Write([]byte("\n"))
	}
}
