package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

// membership is what the control service needs of this machine's keys to take others in.
func (m *machine) membership(c clients, mem *member.Member) (control.Membership, error) {
	self, err := mem.Self()
	if err != nil {
		return control.Membership{}, err
	}
	_, authority, fingerprint, err := node.Authority(m.layout)
	if err != nil {
		return control.Membership{}, err
	}
	return control.Membership{
		Self: self, Range: m.node.Pool, Region: m.node.Region, Authority: authority, Fingerprint: fingerprint,
		Issue: func(of pool.Member, csr string) (map[string]string, error) {
			return node.Issue(m.layout, member.Identity(of), csr, mem.Now())
		},
		Secrets: func(role string) (map[string]string, error) {
			s, err := node.LoadSecrets(m.layout)
			if err != nil {
				return nil, err
			}
			return node.MemberSecrets(s, role), nil
		},
		AuthorityKey: func() (string, error) { return node.AuthorityKeyPEM(m.layout) },
		Sign:         mem.Sign,
		Endpoints:    mem.Endpoints,
		Engines:      engineVersions(),
		Seen:         mem.Seen,
		Rotate: func(ctx context.Context, role string) error {
			return mem.Rotate(ctx, role,
				func(ctx context.Context, key string) error { return control.RotateConsulGossip(ctx, c.Consul, key) },
				func(ctx context.Context, key string) error { return control.RotateNomadGossip(ctx, c.Nomad, key) })
		},
		DockerAt: func(name string) (*client.Client, error) {
			for _, other := range mem.Roster().Members {
				if other.Name == name {
					return mem.Peers().Docker(other.Address)
				}
			}
			return nil, agent.Errorf(agent.CodeNotFound, "there is no machine called %q", name).
				WithHint("see what there is with: dcloud node list")
		},
		UsesAt: func(ctx context.Context, name string) (pool.Uses, error) {
			for _, other := range mem.Roster().Members {
				if other.Name == name {
					return mem.Peers().Uses(ctx, other.Address)
				}
			}
			return pool.Uses{}, agent.Errorf(agent.CodeNotFound, "there is no machine called %q", name).
				WithHint("see what there is with: dcloud node list")
		},
	}, nil
}

func engineVersions() map[string]string {
	versions := map[string]string{}
	for _, b := range engines.All() {
		versions[b.Name] = b.Version
	}
	return versions
}

// dockerSocket is the path of the Unix socket that a client speaks to, "" for a
// Docker that is reached otherwise.
func dockerSocket(c *client.Client) string {
	path, ok := strings.CutPrefix(c.DaemonHost(), "unix://")
	if !ok {
		return ""
	}
	return path
}

// follow brings this machine up to a newer roster: the domain, the servers that its
// engines join, the gossip's keys.
func (m *machine) follow(ctx context.Context, log *slog.Logger, sup *engine.Supervisor, r pool.Roster, keys bool) {
	shared := node.Shared{Servers: r.Servers()}
	if m.node.Role != pool.RoleServer { // a server is where the domain is set
		shared.Domain = r.Domain
	}
	n, changed, err := node.Follow(m.layout, shared)
	if err != nil {
		log.Error("this machine cannot follow its pool", "err", err)
		return
	}
	if changed && n.Domain != m.node.Domain {
		log.Info("the domain is another; the agent begins anew", "domain", n.Domain)
		// In this same process, so that whoever keeps the agent running sees no end.
		err := syscall.Exec(agentBinary(m.layout), os.Args, os.Environ())
		log.Error("the agent cannot begin anew", "err", err)
	}
	if !keys {
		return
	}
	// An engine that was away while its keys were replaced finds the new ones at its
	// next start. One that was there has them by now.
	secrets, err := node.LoadSecrets(m.layout)
	if err != nil {
		log.Error("the new keys cannot be read", "err", err)
		return
	}
	for _, name := range []string{node.Consul, node.Nomad} {
		stale, err := node.StaleKeys(m.layout, n, secrets, name)
		if err != nil {
			log.Warn("cannot tell whether an engine has the new keys", "engine", name, "err", err)
		}
		if !stale {
			continue
		}
		log.Info("restarting for its new keys", "engine", name)
		if err := sup.Restart(ctx, name); err != nil {
			log.Warn("not restarted for its new keys", "engine", name, "err", err)
		}
	}
}
