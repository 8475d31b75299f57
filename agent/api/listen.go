package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/gofrs/flock"
)

// maxSocketPath is how long a Unix socket's path may be: sun_path has 108 bytes
// with the NUL at its end, unix(7).
const maxSocketPath = 107

// ListenUnix listens on a Unix socket that only its owner may open (0600). Its
// directory is made where it is missing. A socket that was left behind is
// replaced; one on which somebody answers is an *agent.Error of code conflict.
func ListenUnix(path string) (net.Listener, error) {
	if len(path) > maxSocketPath || path == "" || strings.ContainsRune(path, 0) {
		return nil, agent.Errorf(agent.CodeInvalid, "the path of the agent's socket has %d characters, and the system allows 1 to %d: %q", len(path), maxSocketPath, path).
			WithHint("choose a shorter one: dcloud up --data-dir DIR")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of the agent's socket: %w", err)
	}
	// Two agents that start at once must not remove each other's socket between
	// the check and the bind.
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if ok, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return nil, errSecondAgent(path)
	}
	defer lock.Unlock()
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on the agent's socket: %w", err)
	}
	// Whoever gets in before this is still stopped by the peer's credentials.
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("protect the agent's socket: %w", err)
	}
	return l, nil
}

// removeStale removes a socket on which nobody answers.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the agent's socket: %w", err)
	}
	if info.Mode().Type() != os.ModeSocket {
		return agent.Errorf(agent.CodeConflict, "%s is in the way: it is no socket, so it is left alone", path).
			WithHint("look at it, move it away, then: dcloud up")
	}
	conn, err := net.DialTimeout("unix", path, 2*time.Second)
	if err == nil {
		conn.Close()
		return errSecondAgent(path)
	}
	// Only a refusal proves that nobody listens: a full queue, say, does not.
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, os.ErrNotExist) {
		return errSecondAgent(path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket that an agent left behind: %w", err)
	}
	return nil
}

func errSecondAgent(path string) error {
	return agent.Errorf(agent.CodeConflict, "another agent is running: it answers at %s", path).
		WithHint("look at it with: dcloud status; stop it with: dcloud down")
}
