package provisioning

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/provisioning/run"
)

// DefaultDockerHost is where Docker listens unless DOCKER_HOST says otherwise.
const DefaultDockerHost = "unix:///var/run/docker.sock"

// dockerTime is how long Docker may take until it answers. A Pi that has many
// containers to look after needs half a minute.
const dockerTime = 60 * time.Second

// pingTime is how long a Docker that listens may take for one answer. A machine that is
// busy lets it wait for seconds, and one that is only slow must not be taken for one
// that is away.
const pingTime = 10 * time.Second

// Docker sees to it that a Docker daemon answers. Host is DOCKER_HOST's value, ""
// for the default; logs is the directory for dockerd.log where we start it.
// With systemd its unit is enabled and started; otherwise dockerd becomes a
// background process in a session of its own, which outlives us.
func Docker(host, logs string) Action {
	return Daemon{Host: host, Log: filepath.Join(logs, "dockerd.log"), Systemd: systemdRuns()}.Action()
}

// Daemon is a Docker daemon that should run.
type Daemon struct {
	Host    string   // DOCKER_HOST; "" for DefaultDockerHost
	Log     string   // file that its output goes to where we start it
	Systemd bool     // systemd is to start it, so Args and Log are not used
	Args    []string // more options, for a daemon beside the machine's
	PIDFile string   // where its process id is; "" for Docker's own place
	// ExecRoot is where it keeps the state of what runs; "" for Docker's own place.
	ExecRoot string
}

// Action is the daemon as a step: it answers, or is started and waited for.
func (d Daemon) Action() Action {
	if d.Host == "" {
		d.Host = DefaultDockerHost
	}
	if d.PIDFile == "" {
		d.PIDFile = "/var/run/docker.pid"
	}
	if d.ExecRoot == "" {
		d.ExecRoot = "/var/run/docker"
	}
	return Action{
		Name: "Docker",
		Check: func(ctx context.Context) (bool, string, error) {
			version, err := d.ping(ctx)
			if err != nil {
				return false, "does not answer at " + d.Host, nil
			}
			return true, "API " + version + " at " + d.Host, nil
		},
		Apply: func(ctx context.Context, progress func(Progress)) error {
			ctx, cancel := context.WithTimeout(ctx, dockerTime)
			defer cancel()
			if _, local := strings.CutPrefix(d.Host, "unix://"); !local {
				return Errorf("the Docker daemon at %s, which DOCKER_HOST names, does not answer", d.Host).
					WithHint("start it there, or unset DOCKER_HOST so that this machine's own Docker is used")
			}
			progress(Progress{Message: "starting", Percent: -1})
			if d.Systemd {
				return d.startUnit(ctx)
			}
			return d.start(ctx)
		},
	}
}

// ping asks GET /_ping, which Docker answers once it is ready, and returns the
// version of its API: https://docs.docker.com/reference/api/engine/.
func (d Daemon) ping(ctx context.Context) (version string, err error) {
	u, err := url.Parse(d.Host)
	if err != nil {
		return "", fmt.Errorf("DOCKER_HOST: %w", err)
	}
	network, address := "unix", u.Path
	switch u.Scheme {
	case "unix":
	case "tcp", "http":
		network, address = "tcp", u.Host
	default:
		return "", fmt.Errorf("DOCKER_HOST: %q is not understood", d.Host)
	}
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/_ping", nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != "OK" {
		return "", fmt.Errorf("it answers %s", resp.Status)
	}
	return resp.Header.Get("Api-Version"), nil
}

// await pings with growing pauses until Docker answers, it has ended (which
// ended tells), or the time is over.
func (d Daemon) await(ctx context.Context, ended <-chan error) error {
	pause := 50 * time.Millisecond
	for {
		_, err := d.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case exit := <-ended:
			return fmt.Errorf("it ended while it started (%v)", exit)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer at %s: %w", d.Host, err)
		case <-time.After(pause):
		}
		pause = min(pause*3/2, time.Second)
	}
}

func (d Daemon) startUnit(ctx context.Context) error {
	err := run.Do(ctx, run.Command{Args: []string{"systemctl", "enable", "--now", "docker"}, Env: run.Environment()})
	if err == nil {
		err = d.await(ctx, nil)
	}
	if err != nil {
		return Errorf("start Docker: %w", err).WithHint("see why: journalctl -u docker -n 50")
	}
	return nil
}

// systemdRuns says whether systemd is this machine's init; see sd_booted(3).
func systemdRuns() bool {
	info, err := os.Stat("/run/systemd/system")
	return err == nil && info.IsDir()
}
