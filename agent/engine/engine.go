// Package engine supervises Consul, Nomad, Traefik and the overlay as processes
// that outlive the agent: the agent may be stopped, killed and upgraded while they
// run, and the next one adopts them with the same process id.
//
// Nothing is kept on disk about a running engine. Each carries a marker in its
// environment (marker.go), and a supervisor finds its engines by reading /proc
// (scan.go). So there is no moment at which a kill could leave a second engine or
// a stale record behind; docs/decisions/engine-adoption.md says why.
//
// It depends on the agent package for the words (agent.Engine and its states) and
// on Linux: /proc, flock and, from 5.3, pidfd. Start reading at Supervisor in
// supervisor.go, then loop.go, which is the life of one engine.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// ErrWaiting is what a Ready function wraps when the engine itself is fine but waits
// for others (no leader in the pool, say). Such an engine shows as failing but is
// never restarted for it: a restart would not bring the others back.
var ErrWaiting = errors.New("waiting for others")

// Spec says how one engine is run. Two specs with the same Hash are the same engine;
// a running one whose hash differs is restarted.
type Spec struct {
	Name    string   // consul, nomad, …: lower-case letters, digits and dashes
	Version string   // as it is shown in the status
	Path    string   // absolute; the engine's own program, not a wrapper that executes another
	Args    []string // without the program's name; never a secret, since anyone may read them
	Env     []string // KEY=VALUE; all that the engine gets, besides its marker
	Dir     string   // working directory, "/" unless said

	// ConfigHash changes when the configuration files do, so that a running engine
	// with the old ones is restarted.
	ConfigHash string

	// OutputPath takes stdout and stderr: start-up errors and panics. Engines write
	// their logs elsewhere and rotate them themselves.
	OutputPath string

	// After names engines that should be ready before this one starts. It is waited
	// for at most Timing.AfterWait: engines look for their peers again and again, and
	// a node that is half up heals better than one that waits.
	After []string

	// Before is called before each start of the process; an error is treated as that of
	// the start. It is for files that the engine must find as they are now.
	Before func(ctx context.Context) error

	// Ready returns nil when the engine serves. It is called again and again, with a
	// deadline; nil means: ready as soon as the process runs.
	Ready func(ctx context.Context) error

	StopSignal  syscall.Signal // SIGTERM unless said
	StopTimeout time.Duration  // from StopSignal to SIGKILL, 15 s unless said
}

// Hash tells whether a running engine is still the one that is wanted. What does not
// reach the process (Before, Ready, After, timeouts, OutputPath) is not part of it.
func (s Spec) Hash() string {
	h := sha256.New()
	for _, list := range [][]string{{s.Version, s.Path, s.Dir, s.ConfigHash}, s.Args, s.Env} {
		fmt.Fprintf(h, "%d;", len(list))
		for _, v := range list {
			fmt.Fprintf(h, "%d:%s;", len(v), v)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

var validName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

func (s Spec) argv() []string { return append([]string{s.Path}, s.Args...) }

// withDefaults fills in what was not said.
func (s Spec) withDefaults() Spec {
	if s.Dir == "" {
		s.Dir = "/"
	}
	if s.StopSignal == 0 {
		s.StopSignal = syscall.SIGTERM
	}
	if s.StopTimeout <= 0 {
		s.StopTimeout = 15 * time.Second
	}
	return s
}

func (s Spec) check() error {
	if !validName.MatchString(s.Name) {
		return fmt.Errorf("engine %q: a name is lower-case letters, digits and dashes", s.Name)
	}
	if !filepath.IsAbs(s.Path) || !filepath.IsAbs(s.OutputPath) {
		return fmt.Errorf("engine %s: Path %q and OutputPath %q must be absolute", s.Name, s.Path, s.OutputPath)
	}
	for _, v := range append(s.argv(), s.Env...) {
		if strings.ContainsRune(v, 0) {
			return fmt.Errorf("engine %s: an argument or variable holds a NUL byte", s.Name)
		}
	}
	for _, v := range s.Env {
		key, _, ok := strings.Cut(v, "=")
		if !ok || key == "" {
			return fmt.Errorf("engine %s: a variable is not of the form KEY=VALUE", s.Name)
		}
		if strings.HasPrefix(key, markerPrefix) {
			return fmt.Errorf("engine %s: the variable %s is kept for finding engines again", s.Name, key)
		}
	}
	return nil
}

// startable says in words why the engine's program cannot be started.
func (s Spec) startable() error {
	info, err := os.Stat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("its program %s is missing", s.Path)
	case err != nil:
		return fmt.Errorf("its program cannot be used: %w", err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return fmt.Errorf("its program %s is not an executable file", s.Path)
	}
	if info, err := os.Stat(s.Dir); err != nil || !info.IsDir() {
		return fmt.Errorf("its working directory %s is missing", s.Dir)
	}
	return nil
}

func checkSpecs(specs []Spec) error {
	seen := map[string]bool{}
	for _, s := range specs {
		if err := s.check(); err != nil {
			return err
		}
		if seen[s.Name] {
			return fmt.Errorf("engine %s is there twice", s.Name)
		}
		// Only engines named earlier may be waited for, so there are no cycles.
		for _, a := range s.After {
			if !seen[a] {
				return fmt.Errorf("engine %s is to start after %q, which is not listed before it", s.Name, a)
			}
		}
		seen[s.Name] = true
	}
	return nil
}
