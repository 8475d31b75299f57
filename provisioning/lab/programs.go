package lab

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dentropy/dcloud/provisioning/run"
)

// sudo stands in for the program of that name: people on the host are root already,
// and the real one would take their PATH and what Env says from them.
const sudo = "#!/bin/sh\nexec \"$@\"\n"

// Install makes a program known on the host by a name, before all others of that
// name, and sudo, so that a line from a manual can be run there as it stands. An
// earlier program of that name is replaced.
func (h *Host) Install(program, name string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); err != nil {
		return err
	}
	if err := os.MkdirAll(h.bin(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(h.bin(), "sudo"), []byte(sudo), 0o755); err != nil {
		return err
	}
	link := filepath.Join(h.bin(), name)
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(program, link)
}

// bin holds what Install made.
func (h *Host) bin() string { return filepath.Join(h.dir, "bin") }

// Env is the environment of a person on the host: no more than a login has, and
// where this host's Docker, data and engines are.
func (h *Host) Env() []string {
	env := append(run.Environment(), "DOCKER_HOST="+h.Docker, "DCLOUD_CACHE="+h.Cache, "DCLOUD_DATA_DIR="+h.Data)
	if _, err := os.Stat(h.bin()); err != nil {
		return env
	}
	for n, kv := range env {
		if path, ok := strings.CutPrefix(kv, "PATH="); ok {
			env[n] = "PATH=" + h.bin() + ":" + path
		}
	}
	return env
}
