package engines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/run"
)

// Progress is told while an engine is fetched.
type Progress = func(provisioning.Progress)

// Source is one place where an engine can be had.
type Source struct {
	Name string // "official archive"
	// Fetch leaves a verified binary somewhere in dir, an empty directory, and
	// returns its path. It fails within some 5 s where the source is out of reach.
	Fetch func(ctx context.Context, e Engine, dir string, progress Progress) (string, error)
}

// Sources are where we look for an engine that is not in the cache, in order.
func Sources(e Engine) []Source {
	if e.Name == Traefik.Name {
		return []Source{traefikArchive(), compiled()}
	}
	return []Source{hashicorpArchive(), compiled()}
}

// Ensure returns the path of the engine's binary in the cache, and fetches it
// first where it is not there or was altered. Arch is this machine's (GOARCH).
// Two at once do not disturb each other: the second waits for the first. Errors
// that people can mend are *provisioning.Error.
func Ensure(ctx context.Context, c Cache, e Engine, arch string, progress Progress) (string, error) {
	return ensure(ctx, c, e, arch, Sources(e), progress)
}

// Actions are one action for each engine: there, at its version, unaltered.
func Actions(c Cache, engines []Engine) []provisioning.Action {
	var out []provisioning.Action
	for _, e := range engines {
		out = append(out, provisioning.Action{
			Name: e.String(),
			Check: func(context.Context) (bool, string, error) {
				path, err := c.Lookup(e, HostArch())
				switch {
				case err == nil:
					return true, path, nil
				case errors.Is(err, fs.ErrNotExist):
					return false, "not in the cache", nil
				}
				return false, err.Error(), nil
			},
			Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
				_, err := Ensure(ctx, c, e, HostArch(), progress)
				return err
			},
		})
	}
	return out
}

func ensure(ctx context.Context, c Cache, e Engine, arch string, sources []Source, progress Progress) (string, error) {
	if progress == nil {
		progress = func(provisioning.Progress) {}
	}
	say := func(format string, args ...any) {
		progress(provisioning.Progress{Message: fmt.Sprintf(format, args...), Percent: -1})
	}
	if path, err := c.Lookup(e, arch); err == nil {
		return path, nil
	}
	if err := checkArch(arch); err != nil {
		return "", err
	}
	unlock, err := c.lock(ctx, e, func() { say("another run fetches it: waiting") })
	if err != nil {
		return "", told(c, e, err)
	}
	defer unlock()
	path, err := c.Lookup(e, arch)
	if err == nil {
		return path, nil
	}
	temp, terr := c.temp(e)
	if terr != nil {
		return "", told(c, e, terr)
	}
	defer os.RemoveAll(temp)
	if !errors.Is(err, fs.ErrNotExist) {
		say("%v: removed, it is fetched anew", err)
		if err := c.drop(e, arch, temp); err != nil {
			return "", told(c, e, err)
		}
	}
	return fetch(ctx, c, e, arch, sources, temp, progress, say)
}

// fetch asks the sources in order.
func fetch(ctx context.Context, c Cache, e Engine, arch string, sources []Source, temp string,
	progress Progress, say func(string, ...any)) (string, error) {
	var reasons []string
	for i, s := range sources {
		dir := filepath.Join(temp, fmt.Sprintf("source-%d", i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", told(c, e, err)
		}
		binary, err := s.Fetch(ctx, e, dir, progress)
		if err == nil {
			err = starts(ctx, e, binary)
		}
		if err == nil {
			path, err := c.put(e, arch, binary, temp)
			if err != nil {
				return "", told(c, e, err)
			}
			return path, nil
		}
		if ctx.Err() != nil {
			return "", fmt.Errorf("fetch %s: %w", e, ctx.Err())
		}
		if full(err) {
			return "", told(c, e, err)
		}
		_ = os.RemoveAll(dir)
		reason := fmt.Sprintf("%s: %v", s.Name, err)
		reasons = append(reasons, reason)
		say("%s", reason)
	}
	return "", provisioning.Errorf("%s could be had from no source: %s", e, strings.Join(reasons, "; ")).
		WithHint("connect this machine to the internet and run the same command again, or put %s and its .sha256 into %s yourself",
			e.Name, c.dir(e, arch))
}

// starts refuses a binary that does not run here, or is another version.
func starts(ctx context.Context, e Engine, binary string) error {
	if err := os.Chmod(binary, 0o755); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := run.Output(ctx, run.Command{Args: []string{binary, "version"}, Env: run.Environment()})
	if err != nil {
		return fmt.Errorf("it does not start: %w", err)
	}
	if !strings.Contains(out, e.Version) {
		return fmt.Errorf("it says %q, not version %s", strings.TrimSpace(out), e.Version)
	}
	return nil
}

// told turns failures of the disk into errors for people.
func told(c Cache, e Engine, err error) error {
	dir := c.engineDir(e)
	switch {
	case full(err):
		return provisioning.Errorf("the disk is full: %s does not fit into %s", e, dir).
			WithHint("make room (an engine takes up to 200 MB, and up to 8 GB where it has to be compiled) and run the same command again")
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return provisioning.Errorf("the cache %s cannot be written to: %w", dir, err).
			WithHint("run the same command as root (sudo)")
	}
	return fmt.Errorf("fetch %s: %w", e, err)
}

func full(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var ran *run.Error // a compiler only says so
	var exit *exec.ExitError
	return errors.As(err, &ran) && errors.As(err, &exit) && strings.Contains(ran.Output, "no space left on device")
}
