// Package e2e holds the promises of the command line against the real engines, on
// a host of the lab (provisioning/lab): `dcloud up` on a blank host, apps, kills.
//
// Tests only. They need root and Docker's daemon; the engines and the images of
// the apps are fetched or built where the cache does not have them. They run in
// the order of the files' names and share one cloud; each leaves it as it was.
// Start reading at TestMain, then at cloudtest.Machine.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// images are those of the apps that the tests install.
var images = []string{"miniflux", "postgres", "whoami"}

// main cloud, shared by all tests.
var (
	cloud   *Machine
	tarball string // of the images
	binDir  string
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		return // nothing here runs without the engines
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := runAll(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(ctx context.Context, m *testing.M) (code int, err error) {
	if swept, err := lab.Sweep(); err != nil {
		return 1, fmt.Errorf("sweep what an earlier run left: %w", err)
	} else if len(swept) > 0 {
		fmt.Fprintln(os.Stderr, "e2e: removed what killed runs left:", strings.Join(swept, " "))
	}
	if binDir, err = os.MkdirTemp("", "dcloud-e2e-*"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(binDir)) }()
	bin, err := Build(ctx, binDir, "dcloud", "v0.0.1-e2e", nil)
	if err != nil {
		return 1, err
	}
	var g errgroup.Group
	var host *lab.Host
	g.Go(func() error { return FetchEngines(ctx, bin) })
	g.Go(func() (err error) {
		tarball, err = lab.Images(ctx, "", filepath.Join(Repository(), "provisioning", "images"), func(line string) {
			fmt.Fprintln(os.Stderr, "images:", line)
		}, images...)
		return err
	})
	g.Go(func() (err error) {
		host, err = lab.NewHost(ctx, "e2e", lab.Options{})
		return err
	})
	err = g.Wait()
	if host != nil {
		defer func() { err = errors.Join(err, host.Close()) }()
		// An interrupted run removes its host too; the tests then fail by themselves.
		defer context.AfterFunc(ctx, func() { host.Close() })()
	}
	if err != nil {
		return 1, err
	}
	if err := host.LoadImages(ctx, tarball); err != nil {
		return 1, err
	}
	cloud = &Machine{Host: host, Bin: bin}
	code = m.Run()
	if code != 0 || os.Getenv("DCLOUD_E2E_LOGS") != "" {
		cloud.Dump()
	}
	return code, nil
}
