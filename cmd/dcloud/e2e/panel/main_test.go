// Package panel holds the promises of the control panel: a person with a browser, a
// real cloud behind it, in a world of the lab with a server and a pi in one home.
//
// Tests only, as in the folder above; they run in the order of the files' names and
// share one cloud. Start reading at TestMain, then at a_first_run_test.go.
package panel

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

	"github.com/chromedp/chromedp"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

const panelVersion = "v0.0.1-e2e"

// The world, shared by all tests.
var (
	world      *lab.World
	home       *lab.Home
	server, pi *cloudtest.Machine
	binDir     string
	// browser runs on the server; its windows are signed in as the owner, once there is one.
	browser context.Context
)

func machines() []*cloudtest.Machine { return []*cloudtest.Machine{server, pi} }

// images are those of the apps that the tests install.
var images = []string{"miniflux", "postgres", "whoami", "static"}

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
		fmt.Fprintln(os.Stderr, "e2e panel:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(ctx context.Context, m *testing.M) (code int, err error) {
	if swept, err := lab.Sweep(); err != nil {
		return 1, fmt.Errorf("sweep what an earlier run left: %w", err)
	} else if len(swept) > 0 {
		fmt.Fprintln(os.Stderr, "e2e panel: removed what killed runs left:", strings.Join(swept, " "))
	}
	var up atomic.Bool // the machines are there, and tests run on them
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer cloudtest.InTime(func(late string) {
		fmt.Fprintln(os.Stderr, "e2e panel:", late)
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
	bin, err := cloudtest.Build(ctx, binDir, "dcloud", panelVersion, nil)
	if err != nil {
		return 1, err
	}
	if world, err = lab.NewWorld(ctx, "panel"); err != nil {
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
	open, shut := context.WithCancel(ctx)
	defer shut()
	if browser, err = server.StartBrowser(open); err != nil {
		return 1, err
	}
	defer chromedp.Cancel(browser)
	up.Store(true)
	code = m.Run()
	if code != 0 || os.Getenv("DCLOUD_E2E_LOGS") != "" {
		for _, m := range machines() {
			m.Dump()
		}
	}
	return code, nil
}
