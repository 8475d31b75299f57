package cloudtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Repository is the top of the source tree; tests run in their package's folder.
func Repository() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == "/" {
			panic("no go.mod above the tests")
		}
		dir = filepath.Dir(dir)
	}
}

// Build compiles dcloud with a version of its own into a directory. overlay names
// files (from the top) that are replaced by others, nil for none.
func Build(ctx context.Context, dir, name, version string, overlay map[string]string) (string, error) {
	path := filepath.Join(dir, name)
	args := []string{"build", "-trimpath", "-ldflags", "-s -w -X main.version=" + version, "-o", path}
	if overlay != nil {
		replace := map[string]string{}
		for from, to := range overlay {
			replace[filepath.Join(Repository(), from)] = to
		}
		text, err := json.Marshal(map[string]any{"Replace": replace})
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(path+".overlay", text, 0o600); err != nil {
			return "", err
		}
		args = append(args, "-overlay", path+".overlay")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./cmd/dcloud")...)
	cmd.Dir, cmd.Env = Repository(), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build dcloud: %w\n%s", err, out)
	}
	return path, nil
}

// FetchEngines has a dcloud fetch the engines that the cache does not have.
func FetchEngines(ctx context.Context, bin string) error {
	cmd := exec.CommandContext(ctx, bin, "internal", "engines")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch the engines: %w\n%s", err, out)
	}
	return nil
}

// Dump shows what the agent said, for whoever reads the failure. All the logs are
// kept in the directory that DCLOUD_E2E_LOGS names.
func (m *Machine) Dump() {
	if dir := os.Getenv("DCLOUD_E2E_LOGS"); dir != "" {
		err := os.CopyFS(filepath.Join(dir, m.ID), os.DirFS(filepath.Join(m.Data, "logs")))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the last test deletes them
			fmt.Fprintln(os.Stderr, "keep the logs:", err)
		}
	}
	for _, name := range []string{"agent.log", "agent.err"} {
		text, err := os.ReadFile(filepath.Join(m.Data, "logs", name))
		if err != nil || len(text) == 0 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(os.Stderr, "--- %s %s\n%s\n", m.Name, name, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
}
