package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// cloud is dcloud on a host.
type cloud struct {
	host *lab.Host
	bin  string
	api  *http.Client // over the agent's Unix socket
}

func newCloud(host *lab.Host, bin string) *cloud {
	socket := filepath.Join(host.Data, "run", "agent.sock")
	return &cloud{host: host, bin: bin, api: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
}

func (c *cloud) command(ctx context.Context, args ...string) *exec.Cmd {
	return c.host.Command(ctx, append([]string{c.bin}, args...)...)
}

// must runs a command that has to succeed, and returns what it said.
func (c *cloud) must(ctx context.Context, args ...string) (string, error) {
	return output(c.command(ctx, args...))
}

// output runs a command and returns what it wrote; an error has that too.
func output(cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(out.String()))
	}
	return out.String(), nil
}

// get asks the agent over its socket, and decodes the answer into v unless that is nil.
func (c *cloud) get(ctx context.Context, path string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://agent"+path, nil)
	if err != nil {
		return err
	}
	res, err := c.api.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %s", path, res.Status, text.String())
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(text.Bytes(), v)
}

// pids are the processes of the agent and the engines, by name.
func (c *cloud) pids(ctx context.Context) (map[string]int, error) {
	var s agent.Status
	if err := c.get(ctx, "/v1/status", &s); err != nil {
		return nil, err
	}
	pids := map[string]int{}
	for _, e := range s.Engines {
		pids[e.Name] = e.PID
	}
	pid, err := c.agentPID()
	pids["agent"] = pid
	return pids, err
}

func (c *cloud) agentPID() (pid int, err error) {
	text, err := os.ReadFile(filepath.Join(c.host.Data, "run", "agent.lock"))
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(string(text), &pid)
	return pid, err
}

func (c *cloud) remove(ctx context.Context, name string) error {
	_, err := c.must(ctx, "app", "remove", name, "--purge-data")
	return err
}
