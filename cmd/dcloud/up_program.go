package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
)

// agentBinary is where the agent runs from: a copy of its own, so that a checkout
// can be deleted and a download be replaced.
func agentBinary(l node.Layout) string { return filepath.Join(l.Data, "bin", "dcloud") }

// ownBinary copies this program to where the agent runs from.
func ownBinary(l node.Layout) provisioning.Action {
	to := agentBinary(l)
	return provisioning.Action{
		Name: "dcloud " + version,
		Check: func(context.Context) (bool, string, error) {
			from, err := os.Executable()
			if err != nil {
				return false, "", fmt.Errorf("find this program: %w", err)
			}
			same, err := sameContent(from, to)
			if errors.Is(err, fs.ErrNotExist) {
				return false, "not installed", nil
			}
			if !same {
				return false, "another version is installed", err
			}
			return true, to, err
		},
		Apply: func(context.Context, func(provisioning.Progress)) error {
			from, err := os.Executable()
			if err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			return copyProgram(from, to)
		},
	}
}

func sameContent(a, b string) (bool, error) {
	sa, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	sb, err := os.Stat(b)
	if err != nil {
		return false, err
	}
	if os.SameFile(sa, sb) {
		return true, nil
	}
	if sa.Size() != sb.Size() {
		return false, nil
	}
	ha, err := fileSum(a)
	if err != nil {
		return false, err
	}
	hb, err := fileSum(b)
	return ha == hb, err
}

func fileSum(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// copyProgram puts a program in place by a rename: a running agent keeps the old
// one until it is restarted.
func copyProgram(from, to string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	// What a copy that was killed left; nobody else copies now (lockSetup).
	if old, err := filepath.Glob(filepath.Join(filepath.Dir(to), ".dcloud-*")); err == nil {
		for _, path := range old {
			os.Remove(path)
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), ".dcloud-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err := io.Copy(tmp, src); err != nil {
		return fmt.Errorf("copy dcloud: %w", err)
	}
	if err := errors.Join(tmp.Chmod(0o755), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("copy dcloud: %w", err)
	}
	return os.Rename(tmp.Name(), to)
}
