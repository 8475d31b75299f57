package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

// layout is where this machine's cloud lies: --data-dir, and DCLOUD_CACHE for what
// can be fetched again.
func (e *env) layout() (node.Layout, error) {
	dir, err := filepath.Abs(e.dataDir)
	if err != nil {
		return node.Layout{}, err
	}
	return node.NewLayout(dir, e.getenv("DCLOUD_CACHE"))
}

// machine is a node that has been set up.
type machine struct {
	layout node.Layout
	node   node.Node
	input  node.Input
	again  context.CancelCauseFunc // ends this agent, for errAnew to begin another
}

// loadMachine reads a node and renews what runs out: certificates, configuration.
func (e *env) loadMachine(l node.Layout) (*machine, error) {
	n, err := node.Load(l)
	if err != nil {
		return nil, err
	}
	secrets, err := node.LoadSecrets(l)
	if err != nil {
		return nil, err
	}
	if _, err := node.EnsurePKI(l, n, time.Now()); err != nil {
		return nil, err
	}
	facts, err := e.facts(l, n)
	if err != nil {
		return nil, err
	}
	return &machine{layout: l, node: n, input: node.Input{Node: n, Layout: l, Secrets: secrets, Facts: facts}}, nil
}

func (e *env) facts(l node.Layout, n node.Node) (node.Facts, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return node.Facts{}, fmt.Errorf("read the machine's memory: %w", err)
	}
	memory, err := provisioning.ParseMeminfo(string(text))
	if err != nil {
		return node.Facts{}, err
	}
	lan, err := node.LANInterface()
	if err != nil {
		return node.Facts{}, fmt.Errorf("find the LAN's interface: %w", err)
	}
	groups, err := node.ChooseGroupRange()
	if err != nil {
		return node.Facts{}, fmt.Errorf("choose the addresses of apps: %w", err)
	}
	serial := ""
	if pool.HasDoor(n.Role) {
		if serial, err = node.CertSerial(l, node.CertWeb); err != nil {
			return node.Facts{}, err
		}
	}
	return node.Facts{
		MemoryMB: memory, LANInterface: lan, CNIPath: provisioning.CNIDir(),
		DockerHost: e.getenv("DOCKER_HOST"), CertSerial: serial, GroupRange: groups,
	}, nil
}

// engineSpecs writes the engines' configurations and says how each is supervised.
func (m *machine) engineSpecs(ready map[string]func(context.Context) error) ([]engine.Spec, error) {
	cache := engines.Cache{Dir: m.layout.Cache}
	binaries := map[string]node.Binary{}
	for _, b := range m.engines() {
		path, err := cache.Lookup(b, engines.HostArch())
		if err != nil {
			return nil, agent.Errorf(agent.CodeFailed, "%s cannot be started: %w", b, err).WithHint("fetch it with: dcloud up")
		}
		binaries[b.Name] = node.Binary{Version: b.Version, Path: path}
	}
	specs, err := node.Specs(m.input, binaries)
	if err != nil {
		return nil, err
	}
	if err := node.LeftOver(m.layout); err != nil {
		return nil, err
	}
	if _, err := node.WriteConfigs(specs); err != nil {
		return nil, err
	}
	// Both start with tokens that are made once Consul is up; Traefik would take a
	// refused one for a reason to wait longer and longer.
	after := map[string][]string{node.Nomad: {node.Consul}, node.Traefik: {node.Consul}}
	var out []engine.Spec
	for _, s := range specs {
		sum := sha256.Sum256([]byte(m.lasting(s.ConfigText)))
		out = append(out, engine.Spec{
			Before: m.followKeys, Name: s.Name, Version: s.Version, Path: s.Path, Args: s.Args, Env: s.Env, Dir: s.Dir,
			ConfigHash: hex.EncodeToString(sum[:]), OutputPath: s.ErrorPath, After: after[s.Name], Ready: ready[s.Name],
			StopTimeout: 30 * time.Second,
		})
	}
	return out, nil
}

// engines are those that a machine of this role runs.
func (m *machine) engines() []engines.Engine {
	all := []engines.Engine{engines.Consul, engines.Nomad}
	if pool.HasDoor(m.node.Role) {
		all = append(all, engines.Traefik)
	}
	return all
}

// lasting is a configuration without the gossip keys. They stand there for an
// engine's first start alone: later ones it is told while it runs, or finds in its
// keyring, and a restart for them would be one for nothing.
func (m *machine) lasting(config string) string {
	s := m.input.Secrets
	for _, key := range []string{s.ConsulGossip, s.NomadGossip} {
		if key != "" {
			config = strings.ReplaceAll(config, key, "")
		}
	}
	return config
}

// followKeys brings the engines' keyrings up to the newest gossip keys before one of
// them starts.
func (m *machine) followKeys(context.Context) error {
	s, err := node.LoadSecrets(m.layout)
	if err != nil {
		return err
	}
	return node.FollowKeys(m.layout, m.node, s)
}

// loopbackClient is for short questions to our own ports.
var loopbackClient = &http.Client{
	Timeout:   5 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
}
