// Package pool holds the promises of a pool of several machines, with the real
// engines and real joins, in a world of the lab (provisioning/lab): a home with a
// server and a pi behind its router, a vps on the internet, a spare machine in the
// home, and a visitor outside who is no part of it.
//
// Tests only, as in the folder above; they run in the order of the files' names and
// share one pool. Start reading at TestMain, then at town_test.go.
package pool

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// images are those of the apps that the tests install.
var images = []string{"static", "whoami"}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		return // nothing here runs without the engines
	}
	cloudtest.EndAtFirst()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := runAll(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e pool:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(ctx context.Context, m *testing.M) (code int, err error) {
	if swept, err := lab.Sweep(); err != nil {
		return 1, fmt.Errorf("sweep what an earlier run left: %w", err)
	} else if len(swept) > 0 {
		fmt.Fprintln(os.Stderr, "e2e pool: removed what killed runs left:", strings.Join(swept, " "))
	}
	var up atomic.Bool // the machines are there, and tests run on them
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer cloudtest.InTime(func(late string) {
		fmt.Fprintln(os.Stderr, "e2e pool:", late)
		if !up.Load() {
			cancel() // what was made so far is taken down on the way out
			return
		}
		for _, m := range machines() {
			m.Note("what ran last")
		}
		world.Close()
		os.RemoveAll(binDir)
		os.Exit(1)
	})()
	if binDir, err = os.MkdirTemp("", "dcloud-e2e-*"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(binDir)) }()
	bin, err := cloudtest.Build(ctx, binDir, "dcloud", poolVersion, nil)
	if err != nil {
		return 1, err
	}
	if world, err = lab.NewWorld(ctx, "pool"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	// An interrupted run removes its world too; the tests then fail by themselves.
	defer context.AfterFunc(ctx, func() { world.Close() })()
	if home, err = world.Home(ctx, "home", lab.HomeOptions{}); err != nil {
		return 1, err
	}
	var g, loads errgroup.Group
	var tarball string
	g.Go(func() error { return cloudtest.FetchEngines(ctx, bin) })
	g.Go(func() (err error) {
		tarball, err = lab.Images(ctx, "", filepath.Join(cloudtest.Repository(), "provisioning", "images"), func(line string) {
			fmt.Fprintln(os.Stderr, "images:", line)
		}, images...)
		return err
	})
	for _, h := range []struct {
		machine **cloudtest.Machine
		name    string
		o       lab.HostOptions
	}{
		{&server, "server", lab.HostOptions{At: home.LAN(), Address: "192.168.77.2"}},
		{&pi, "pi", lab.HostOptions{At: home.LAN(), Address: "192.168.77.3"}},
		{&spare, "spare", lab.HostOptions{At: home.LAN(), Address: "192.168.77.4"}},
		{&vps, "vps", lab.HostOptions{At: world.Internet(), Address: vpsAddress}},
		{&visitor, "visitor", lab.HostOptions{At: world.Internet(), Address: "203.0.113.30", Bare: true}},
	} {
		g.Go(func() error {
			host, err := world.Host(ctx, h.name, h.o)
			if err != nil {
				return err
			}
			*h.machine = &cloudtest.Machine{Host: host, Bin: bin}
			return host.Install(bin, "dcloud")
		})
	}
	if err := g.Wait(); err != nil {
		return 1, err
	}
	for _, m := range machines() {
		loads.Go(func() error { return m.LoadImages(ctx, tarball) })
	}
	if err := loads.Wait(); err != nil {
		return 1, err
	}
	up.Store(true)
	code = m.Run()
	if code != 0 || os.Getenv("DCLOUD_E2E_LOGS") != "" {
		for _, m := range machines() {
			m.Dump()
		}
	}
	return code, nil
}
