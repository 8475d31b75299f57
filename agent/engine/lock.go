package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"golang.org/x/sys/unix"
)

// lockState takes the one lock of a state directory. It is released by closing the file.
//
// The lock does two things. It keeps a second supervisor out. And because a forked
// child shares it until execve closes it (flock(2), O_CLOEXEC), nobody gets the lock
// while an engine is between fork and exec, where its marker cannot be seen yet: a
// supervisor that is killed right then is no way to two engines.
func lockState(ctx context.Context, dir string, wait time.Duration) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the engines' state directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "supervisor.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the engines' state directory: %w", err)
	}
	deadline := time.Now().Add(wait)
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			_ = f.Truncate(0) // who holds it is only told to people
			_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock the engines' state directory: %w", err)
		}
		if time.Now().After(deadline) {
			holder := make([]byte, 20)
			n, _ := f.ReadAt(holder, 0)
			f.Close()
			return nil, agent.Errorf(agent.CodeConflict, "another agent (process %s) looks after the engines of %s",
				strings.TrimSpace(string(holder[:n])), dir).WithHint("dcloud status shows it; dcloud down stops it")
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
