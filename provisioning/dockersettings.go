package provisioning

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// DockerSettingsFile is where a Docker daemon looks for its settings
// (https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file).
const DockerSettingsFile = "/etc/docker/daemon.json"

// dockerSettings are those of a Docker that we set up. Without the first, two
// processes run for each port of an app, 2 MB of memory, that do what the kernel's
// address translation does by itself. Without the second, apps end whenever Docker
// is restarted, as an upgrade of its package does, and those of several containers
// come back without their network.
const dockerSettings = `{
  "userland-proxy": false,
  "live-restore": true
}
`

// DockerSettings writes the settings of a Docker that is not there yet, or does not
// run. One that runs, or that somebody has given settings, is theirs and left as it
// is. It comes before the packages, since installing Docker may start it. Host is
// DOCKER_HOST's value, "" for the default.
func DockerSettings(host string) Action {
	return dockerSettingsIn(Daemon{Host: orDefault(host)}, DockerSettingsFile)
}

func orDefault(host string) string {
	if host == "" {
		return DefaultDockerHost
	}
	return host
}

func dockerSettingsIn(d Daemon, file string) Action {
	return Action{
		Name: "Docker's settings",
		Check: func(ctx context.Context) (bool, string, error) {
			if _, err := os.Lstat(file); err == nil {
				return true, file, nil
			} else if !errors.Is(err, fs.ErrNotExist) {
				return false, "", fmt.Errorf("look for Docker's settings: %w", err)
			}
			if _, err := d.ping(ctx); err == nil {
				return true, "Docker runs with its own", nil
			}
			return false, "none", nil
		},
		Apply: func(context.Context, func(Progress)) error {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return fmt.Errorf("write Docker's settings: %w", err)
			}
			// All or nothing: Docker would not start with half a file.
			if err := os.WriteFile(file+".new", []byte(dockerSettings), 0o644); err != nil {
				return fmt.Errorf("write Docker's settings: %w", err)
			}
			if err := os.Rename(file+".new", file); err != nil {
				return fmt.Errorf("write Docker's settings: %w", err)
			}
			return nil
		},
	}
}
