// Package e2e holds the promises of the command line against the real engines, on
// a host of the lab (provisioning/lab): `dcloud up` on a blank host, apps, kills.
//
// Tests only. They need root and Docker's daemon; the engines and the images of
// the apps are fetched or built where the cache does not have them. They run in
// the order of the files' names and share one cloud; each leaves it as it was.
// Start reading at TestMain, then at the helpers in cloud_test.go.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// images are those of the apps that the tests install.
var images = []string{"miniflux", "postgres", "whoami"}

// main cloud, shared by all tests.
var (
	cloud   *machine
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
	bin, err := build(ctx, "v0.0.1-e2e")
	if err != nil {
		return 1, err
	}
	var g errgroup.Group
	var host *lab.Host
	g.Go(func() error { return fetchEngines(ctx, bin) })
	g.Go(func() (err error) {
		tarball, err = lab.Images(ctx, "", filepath.Join(repository(), "provisioning", "images"), func(line string) {
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
	cloud = &machine{Host: host, bin: bin}
	code = m.Run()
	if code != 0 || os.Getenv("DCLOUD_E2E_LOGS") != "" {
		cloud.dump()
	}
	return code, nil
}

// repository is the top of the source tree; tests run in their package's folder.
func repository() string {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		panic(err)
	}
	return dir
}

// build compiles dcloud with a version of its own.
func build(ctx context.Context, version string) (string, error) {
	path := filepath.Join(binDir, "dcloud-"+version)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+version, "-o", path, "./cmd/dcloud")
	cmd.Dir, cmd.Env = repository(), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build dcloud: %w\n%s", err, out)
	}
	return path, nil
}

func fetchEngines(ctx context.Context, bin string) error {
	cmd := exec.CommandContext(ctx, bin, "internal", "engines")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch the engines: %w\n%s", err, out)
	}
	return nil
}
