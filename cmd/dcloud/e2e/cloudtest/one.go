package cloudtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// One is a blank machine of its own, for tests that need no more.
type One struct {
	Cloud   *Machine
	Tarball string // of the images
	BinDir  string // goes with the machine
}

// RunOne is TestMain for tests that share one machine: it builds dcloud and the images
// of the apps that they install (provisioning/images), makes the machine, hands it
// over, runs the tests and takes all of it down. Nothing runs under -short.
func RunOne(m *testing.M, name string, images []string, hand func(One)) {
	flag.Parse()
	if testing.Short() {
		return // nothing here runs without the engines
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := runOne(ctx, m, name, images, hand)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		code = 1
	}
	os.Exit(code)
}

func runOne(ctx context.Context, m *testing.M, name string, images []string, hand func(One)) (code int, err error) {
	if swept, err := lab.Sweep(); err != nil {
		return 1, fmt.Errorf("sweep what an earlier run left: %w", err)
	} else if len(swept) > 0 {
		fmt.Fprintf(os.Stderr, "%s: removed what killed runs left: %s\n", name, strings.Join(swept, " "))
	}
	var one One
	var host *lab.Host
	var up atomic.Bool    // one.Cloud is there, and tests run on it
	var ending sync.Mutex // held by who ends the run
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer InTime(func(late string) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, late)
		if !up.Load() {
			cancel() // what was made so far is taken down on the way out
			return
		}
		ending.Lock() // to the end of the process: what the tests say without their machine tells nothing
		one.Cloud.Note("what ran last")
		one.Cloud.Dump()
		host.Close()
		os.RemoveAll(one.BinDir)
		os.Exit(1)
	})()
	if one.BinDir, err = os.MkdirTemp("", "dcloud-e2e-*"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(one.BinDir)) }()
	bin, err := Build(ctx, one.BinDir, "dcloud", "v0.0.1-e2e", nil)
	if err != nil {
		return 1, err
	}
	var g errgroup.Group
	g.Go(func() error { return FetchEngines(ctx, bin) })
	g.Go(func() (err error) {
		one.Tarball, err = lab.Images(ctx, "", filepath.Join(Repository(), "provisioning", "images"), func(line string) {
			fmt.Fprintln(os.Stderr, "images:", line)
		}, images...)
		return err
	})
	g.Go(func() (err error) {
		host, err = lab.NewHost(ctx, name, lab.Options{})
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
	if err := host.LoadImages(ctx, one.Tarball); err != nil {
		return 1, err
	}
	one.Cloud = &Machine{Host: host, Bin: bin}
	hand(one)
	up.Store(true)
	code = m.Run()
	ending.Lock()
	if code != 0 || os.Getenv("DCLOUD_E2E_LOGS") != "" {
		one.Cloud.Dump()
	}
	return code, nil
}

// endsBefore is how long before `go test -timeout` a run ends by itself: time to say
// where it stands and to take its machine down.
const endsBefore = 2 * time.Minute

// InTime calls end shortly before `go test` would kill the run, which counts from the
// start of the process and tells where goroutines stand, not what the machine does.
// The function that it returns calls that off.
func InTime(end func(late string)) (done func()) {
	limit, _ := flag.Lookup("test.timeout").Value.(flag.Getter).Get().(time.Duration)
	if limit <= endsBefore {
		return func() {} // 0 is no limit; one so short is somebody's at the terminal
	}
	timer := time.AfterFunc(limit-endsBefore, func() {
		reports.Lock()
		latest := reports.latest
		reports.Unlock()
		end(fmt.Sprintf("not done %s before the limit of %s; the test that used the machine last is %q", endsBefore, limit, latest))
	})
	return func() { timer.Stop() }
}
