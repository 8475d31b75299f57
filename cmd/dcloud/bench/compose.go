package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// composeRun is what dcloud is compared with: docker-compose, and Traefik with its
// Docker provider, on a host of its own.
type composeRun struct {
	host        *lab.Host
	dir         string
	traefikPath string
	plain       *door // with Traefik's defaults
	tuned       *door // beside it while installs are timed
}

// door is a running Traefik.
type door struct {
	port  int
	cmd   *exec.Cmd
	ended chan error
	log   string
}

// name is how an app is asked for at this door.
func (d *door) name(app string) string {
	if d.port == 80 {
		return app + ".localhost"
	}
	return fmt.Sprintf("%s.localhost:%d", app, d.port)
}

// The front door as Traefik's documentation sets it up; all else is its default.
const composeTraefik = `entryPoints:
  web:
    address: ":%d"
providers:
  docker:
    endpoint: %q
    exposedByDefault: false
%sglobal:
  checkNewVersion: false
  sendAnonymousUsage: false
`

func (c *composeRun) start(ctx context.Context) (err error) {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	c.plain, err = c.open(ctx, 80, "")
	return err
}

// tune opens the second door.
func (c *composeRun) tune(ctx context.Context) (err error) {
	c.tuned, err = c.open(ctx, 8080, "  providersThrottleDuration: 100ms\n")
	return err
}

// open starts a Traefik; extra are further lines of its providers' configuration.
func (c *composeRun) open(ctx context.Context, port int, extra string) (*door, error) {
	file := filepath.Join(c.dir, fmt.Sprintf("traefik-%d.yaml", port))
	if err := os.WriteFile(file, fmt.Appendf(nil, composeTraefik, port, c.host.Docker, extra), 0o644); err != nil {
		return nil, err
	}
	d := &door{port: port, ended: make(chan error, 1), log: filepath.Join(c.dir, fmt.Sprintf("traefik-%d.log", port))}
	log, err := os.Create(d.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.cmd = c.host.Command(context.WithoutCancel(ctx), c.traefikPath, "--configFile="+file)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.ended <- d.cmd.Wait() }()
	err = poll(ctx, 50*time.Millisecond, answerMax, func() error {
		code, err := ask(ctx, c.host.HTTPClient(), d.name("nobody"))
		if err == nil && code != http.StatusNotFound {
			err = fmt.Errorf("its Traefik answers %d", code)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *door) close() error {
	if d == nil {
		return nil
	}
	err := d.cmd.Process.Signal(os.Interrupt)
	<-d.ended // whatever it ended with, it is gone
	if errors.Is(err, os.ErrProcessDone) {
		text, _ := os.ReadFile(d.log)
		return fmt.Errorf("the peer's Traefik had ended: %s", text)
	}
	return err
}

func (c *composeRun) close() error {
	return errors.Join(c.plain.close(), c.tuned.close(), c.host.Close())
}

// project is one app as docker-compose wants it. Traefik reaches it at its own
// address, so no port of the host is mapped to it.
func project(name string) string {
	return fmt.Sprintf(`version: "2.4"
services:
  web:
    image: %[1]s
    command: %[2]s
    user: "65534:65534"
    read_only: true
    mem_limit: 64m
    labels:
      traefik.enable: "true"
      traefik.http.routers.%[3]s.rule: "Host(`+"`%[3]s.localhost`"+`)"
      traefik.http.services.%[3]s.loadbalancer.server.port: "8080"
`, imageName, quoteAll(appArgs(name)), name)
}

// define writes an app's project and returns its directory.
func (c *composeRun) define(name string) (string, error) {
	dir := filepath.Join(c.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "docker-compose.yml"), []byte(project(name)), 0o644)
}

func (c *composeRun) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := c.host.Command(ctx, append([]string{"docker-compose", "--project-directory", dir, "-f", filepath.Join(dir, "docker-compose.yml")}, args...)...)
	cmd.Env = append(cmd.Env, "COMPOSE_PROJECT_NAME="+strings.ReplaceAll(filepath.Base(dir), "-", ""))
	return cmd
}

func (c *composeRun) up(ctx context.Context, name string) (*exec.Cmd, error) {
	dir, err := c.define(name)
	return c.command(ctx, dir, "up", "-d"), err
}

func (c *composeRun) remove(ctx context.Context, name string) error {
	if _, err := output(c.command(ctx, filepath.Join(c.dir, name), "down")); err != nil {
		return err
	}
	return untilGone(ctx, c.host, c.plain.name(name))
}
