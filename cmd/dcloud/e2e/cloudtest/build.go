package cloudtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
