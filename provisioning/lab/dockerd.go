package lab

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/run"
)

// dockerPatience is how long a daemon may take to answer, and answerPatience one answer.
// They end a hang: on a machine that does much else, five daemons that start together
// take a minute.
const (
	dockerPatience = 5 * time.Minute
	answerPatience = 30 * time.Second
)

// startDocker starts the host's own daemon: with a shared one, mapped ports would
// be bound in the outer namespace.
func (h *Host) startDocker(ctx context.Context) (err error) {
	// Set up as `dcloud up` sets a new Docker up, whatever this machine's own is like.
	settings := filepath.Join(h.dir, "daemon.json")
	if err := os.WriteFile(settings, []byte(`{"userland-proxy": false}`), 0o600); err != nil {
		return err
	}
	args := append(h.enter(), dockerd(h.dir)...)
	args = append(args, "--config-file", settings, "--bip", "172.17.0.1/16")
	h.ended = make(chan error, 1)
	h.daemon, err = launch(h.dir, args, h.ended)
	if err != nil {
		return err
	}
	return awaitDocker(ctx, h.dir, h.ended)
}

func dockerd(dir string) []string {
	return []string{"dockerd",
		"--data-root", filepath.Join(dir, "docker"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"), "-H", "unix://" + filepath.Join(dir, "docker.sock"),
	}
}

// launch starts a daemon that outlives the signals of our terminal. What it says
// goes to docker.log.
func launch(dir string, args []string, ended chan<- error) (*exec.Cmd, error) {
	log, err := os.OpenFile(filepath.Join(dir, "docker.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = run.Environment(), "/", log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		ended <- cmd.Wait()
		close(ended) // whoever asks again is answered too
	}()
	return cmd, nil
}

// awaitDocker returns when the daemon answers, or says why it ended.
func awaitDocker(ctx context.Context, dir string, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, dockerPatience)
	defer cancel()
	for {
		// The socket is there before the daemon can serve; only an answer counts.
		once, done := context.WithTimeout(ctx, answerPatience)
		err := docker(once, dir, "version")
		done()
		if err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("dockerd ended (%v): %s", err, lastLines(filepath.Join(dir, "docker.log")))
		case <-ctx.Done():
			return fmt.Errorf("dockerd does not answer: %s", lastLines(filepath.Join(dir, "docker.log")))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// docker runs Docker's command line against the daemon of a directory.
func docker(ctx context.Context, dir string, args ...string) error {
	_, err := dockerOutput(ctx, dir, args...)
	return err
}

func dockerOutput(ctx context.Context, dir string, args ...string) (string, error) {
	argv := append([]string{"docker", "-H", "unix://" + filepath.Join(dir, "docker.sock")}, args...)
	return run.Output(ctx, run.Command{Args: argv, Env: run.Environment()})
}

// answers tells whether somebody listens at the daemon's socket.
func answers(dir string) bool {
	conn, err := net.DialTimeout("unix", filepath.Join(dir, "docker.sock"), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// LoadImages puts images, as `docker save` wrote them, into the host's Docker.
func (h *Host) LoadImages(ctx context.Context, tarballs ...string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, path := range tarballs {
		g.Go(func() error {
			if err := docker(ctx, h.dir, "load", "--quiet", "--input", path); err != nil {
				return fmt.Errorf("load images into %s: %w", h.ID, err)
			}
			return nil
		})
	}
	return g.Wait()
}

func lastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
