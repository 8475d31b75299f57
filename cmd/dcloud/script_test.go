package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dcloud": main})
}

// TestScripts runs the real main. Where a script says `cloud`, a cloud in memory
// answers on the data directory's socket.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(ts *testscript.Env) error {
			ts.Setenv("DCLOUD_DATA_DIR", filepath.Join(ts.WorkDir, "nothing"))
			ts.Setenv("TOKEN", joinToken.Text())
			ts.Setenv("TZ", "UTC") // whatever this machine's is
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":        exits,
			"unprivileged": unprivileged,
			"cloud":        startCloud,
			"called":       called,
		},
		Condition: func(cond string) (bool, error) {
			if cond != "root" {
				return false, fmt.Errorf("there is no condition %q", cond)
			}
			return os.Geteuid() == 0, nil
		},
	})
}

// joinToken is a sound token, $TOKEN, of a cloud that is not there.
var joinToken = pool.Token{ID: "0123456789", Secret: "5eaf00d5eaf00d5eaf00d5eaf00d5eaf", Addresses: []string{"192.0.2.7:51820"}}

// clouds holds the cloud of each script that has one.
var clouds sync.Map

// exits CODE COMMAND… runs a command and holds it to its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// unprivileged CODE COMMAND… is exits for somebody who is not root.
func unprivileged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: unprivileged CODE COMMAND…")
	}
	if os.Geteuid() != 0 {
		exits(ts, neg, args)
		return
	}
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	// The scripts' programs lie in a directory that only root may enter.
	ts.Check(os.Chmod(filepath.Dir(filepath.Dir(path)), 0o711))
	cmd := exec.Command(path, args[2:]...)
	cmd.Args[0] = args[1]
	cmd.Dir = "/"
	cmd.Env = []string{"DCLOUD_DATA_DIR=" + ts.Getenv("DCLOUD_DATA_DIR")}
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := cmd.Run(); cmd.ProcessState == nil || strconv.Itoa(cmd.ProcessState.ExitCode()) != args[0] {
		ts.Fatalf("it ended with %v, want exit code %s", err, args[0])
	}
}

// cloud starts a cloud in memory and points DCLOUD_DATA_DIR at it.
func startCloud(ts *testscript.TestScript, _ bool, _ []string) {
	// A script's own directory is too deep for a Unix socket's 108 bytes.
	dir, err := os.MkdirTemp("", "dc")
	ts.Check(err)
	l, err := api.ListenUnix(filepath.Join(dir, "run", "agent.sock"))
	ts.Check(err)
	fake := newFakeCloud()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.New(fake, api.Options{}).Serve(ctx, l, nil) }()
	ts.Defer(func() {
		stop()
		if err := <-done; err != nil {
			ts.Logf("the cloud ended with: %v", err)
		}
		os.RemoveAll(dir)
	})
	ts.Setenv("DCLOUD_DATA_DIR", dir)
	clouds.Store(ts, fake)
}

// called METHOD waits until the cloud was asked; ! called METHOD holds that it
// was not.
func called(ts *testscript.TestScript, neg bool, args []string) {
	value, _ := clouds.Load(ts)
	fake := value.(*fakeCloud)
	fake.mu.Lock()
	call := fake.call(args[0])
	fake.mu.Unlock()
	if neg {
		select {
		case <-call:
			ts.Fatalf("%s was called", args[0])
		default:
		}
		return
	}
	select {
	case <-call:
	case <-time.After(5 * time.Minute):
		ts.Fatalf("%s was not called", args[0])
	}
}
