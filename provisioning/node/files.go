package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Prepare makes the layout's directories, readable by their owner alone, and
// takes others' rights from those that were there. The engines run as root and
// Docker mounts volumes by itself, so nobody else needs to enter.
func Prepare(l Layout) error {
	for _, dir := range l.Dirs() {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		if dir != l.Cache && info.Mode().Perm()&0o077 != 0 {
			if err := os.Chmod(dir, 0o700); err != nil {
				return fmt.Errorf("make directory: %w", err)
			}
		}
	}
	return nil
}

// writeFile puts data at path so that, whenever the machine dies, either the old
// content or the new is there, never a part: a temporary file beside it, synced,
// renamed. The file can be read by its owner alone.
func writeFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // CreateTemp's mode is 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync() // the rename itself
}

// WriteFile writes a file that its owner alone can read, so that whenever the machine
// dies either the old content or the new is there, and is there for good.
func WriteFile(path string, data []byte) error { return writeFile(path, data) }

// writeIfChanged is writeFile unless the file has that content and mode already.
func writeIfChanged(path string, data []byte) (changed bool, err error) {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, data) {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm() == 0o600 {
			return false, nil
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read %s: %w", path, err)
	}
	return true, writeFile(path, data)
}
