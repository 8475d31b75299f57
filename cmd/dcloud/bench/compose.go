package main

import (
	"context"
	"errors"
	"fmt"
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
	traefik     *exec.Cmd
	ended       chan error
}

// The front door as Traefik's documentation sets it up; all else is its default.
const composeTraefik = `entryPoints:
  web:
    address: ":80"
providers:
  docker:
    endpoint: %q
    exposedByDefault: false
%sglobal:
  checkNewVersion: false
  sendAnonymousUsage: false
`

func (c *composeRun) start(ctx context.Context) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	return c.door(ctx, "")
}

// door (re)starts Traefik; extra are further lines of its providers' configuration.
func (c *composeRun) door(ctx context.Context, extra string) error {
	if err := c.endDoor(); err != nil {
		return err
	}
	file := filepath.Join(c.dir, "traefik.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, composeTraefik, c.host.Docker, extra), 0o644); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, "traefik.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	c.traefik = c.host.Command(context.WithoutCancel(ctx), c.traefikPath, "--configFile="+file)
	c.traefik.Stdout, c.traefik.Stderr = log, log
	if err := c.traefik.Start(); err != nil {
		return err
	}
	c.ended = make(chan error, 1)
	go func() { c.ended <- c.traefik.Wait() }()
	return poll(ctx, 50*time.Millisecond, answerMax, func() error {
		code, err := ask(ctx, c.host.HTTPClient(), "nobody.localhost")
		if err == nil && code != 404 {
			err = fmt.Errorf("Traefik answers %d", code)
		}
		return err
	})
}

func (c *composeRun) endDoor() error {
	if c.traefik == nil {
		return nil
	}
	err := c.traefik.Process.Signal(os.Interrupt)
	<-c.ended // whatever it ended with, it is gone
	c.traefik = nil
	if errors.Is(err, os.ErrProcessDone) {
		text, _ := os.ReadFile(filepath.Join(c.dir, "traefik.log"))
		return fmt.Errorf("the peer's Traefik had ended: %s", text)
	}
	return err
}

func (c *composeRun) close() error { return errors.Join(c.endDoor(), c.host.Close()) }

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
	return untilGone(ctx, c.host, name+".localhost")
}
