package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/selfimage"
)

// assembled is an agent before it runs.
type assembled struct {
	service api.Service
	engines *engine.Supervisor
	run     func(context.Context) error // all but the engines and the API

	// Where people sign in: on servers.
	panel    http.Handler
	sessions func(ctx context.Context, token string) (agent.Session, error)
}

// clients speak to this machine's engines and Docker.
type clients struct {
	control.Clients
	docker *client.Client
}

func (m *machine) dial() (c clients, err error) {
	token := m.input.Secrets.ConsulManagement
	if token == "" {
		token = m.input.Secrets.ConsulAgent
	}
	if c.Clients, err = control.Dial(loopback(node.ConsulHTTPPort), token, m.nomadAddress()); err != nil {
		return c, err
	}
	if c.docker, err = client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation()); err != nil {
		return c, fmt.Errorf("prepare to speak to Docker: %w", err)
	}
	return c, nil
}

// assemble makes what this machine runs by its role.
func (m *machine) assemble(log *slog.Logger) (assembled, error) {
	c, err := m.dial()
	if err != nil {
		return assembled{}, err
	}
	var sup *engine.Supervisor
	ready := map[string]func(context.Context) error{
		node.Consul:  control.ConsulFollows(c.Consul),
		node.Nomad:   control.NomadFollows(c.Nomad),
		node.Traefik: traefikReady,
	}
	if m.node.Role == pool.RoleServer {
		ready[node.Consul] = control.ConsulReady(c.Consul, m.grants())
		ready[node.Nomad] = control.NomadReady(c.Nomad, m.node.Name, m.input.Secrets.NomadBootstrap,
			restartNomad(log, func() *engine.Supervisor { return sup }))
	}
	ready[node.Nomad] = m.introduced(ready[node.Nomad])
	mem, err := member.New(member.Options{
		Log: log, Layout: m.layout, Node: m.node, Program: agentBinary(m.layout), Version: version,
		MemoryMB: m.input.Facts.MemoryMB, Arch: runtime.GOARCH, Docker: dockerSocket(c.docker),
		Uses:     control.NewGauge(c.docker, m.layout.Volumes(), log).Read,
		Engines:  func() []agent.Engine { return sup.Status() },
		Opened:   func(ctx context.Context) { m.opened(ctx, log, sup, ready) },
		Followed: func(ctx context.Context, r pool.Roster, keys bool) { m.follow(ctx, log, sup, r, keys) },
	})
	if err != nil {
		return assembled{}, err
	}
	all := func() []agent.Engine { return append(mem.Status(), sup.Status()...) }
	specs, err := m.engineSpecs(ready)
	if err != nil {
		return assembled{}, err
	}
	if sup, err = engine.New(log, m.layout.Run(), specs); err != nil {
		return assembled{}, err
	}
	if m.node.Role != pool.RoleServer {
		return assembled{
			service: &worker{node: m.node, member: mem, engines: all, panel: m.panel()},
			engines: sup,
			run: func(ctx context.Context) error {
				g, ctx := errgroup.WithContext(ctx)
				g.Go(func() error { return mem.Run(ctx, nil) })
				g.Go(func() error { control.TendContainers(ctx, log, c.docker); return nil })
				return g.Wait()
			},
		}, nil
	}
	svc, err := m.controlService(log, c, mem, all)
	if err != nil {
		return assembled{}, err
	}
	who := m.people(log, c, svc)
	service := &forward{own: local{svc, who}, member: mem, node: m.node, layout: m.layout}
	panel := m.panelOf(log, service, who)
	return assembled{
		service: service, engines: sup, panel: panel.Handler(), sessions: who.Session,
		run: func(ctx context.Context) error {
			g, ctx := errgroup.WithContext(ctx)
			g.Go(func() error { return svc.Run(ctx) })
			g.Go(func() error { return mem.Run(ctx, svc) })
			g.Go(func() error { return who.Run(ctx) })
			g.Go(func() error { return panel.Run(ctx) })
			return g.Wait()
		},
	}, nil
}

// restartNomad is what control.NomadReady does with a Nomad that was set up just now.
func restartNomad(log *slog.Logger, sup func() *engine.Supervisor) func() {
	// Not from within the question whether Nomad is ready, which a restart waits for.
	return func() {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := sup().Restart(ctx, node.Nomad); err != nil {
				log.Warn("restart Nomad after its first start", "err", err)
			}
		}()
	}
}

// opened follows that others are about to join: from now on Nomad takes in no machine
// that was not introduced.
func (m *machine) opened(ctx context.Context, log *slog.Logger, sup *engine.Supervisor, ready map[string]func(context.Context) error) {
	n, err := node.Load(m.layout)
	if err != nil {
		log.Error("this machine cannot follow that the pool is open", "err", err)
		return
	}
	m.input.Node = n
	specs, err := m.engineSpecs(ready)
	if err != nil {
		log.Error("the engines cannot follow that the pool is open", "err", err)
		return
	}
	for _, s := range specs {
		if err := sup.Update(ctx, s); err != nil && ctx.Err() == nil {
			log.Warn("an engine has not followed that the pool is open", "engine", s.Name, "err", err)
		}
	}
	// Whoever joins needs Nomad's word.
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := sup.WaitReady(ctx, node.Nomad); err != nil {
		log.Warn("machines may have to try again to join", "err", err)
	}
}

// introduced takes Nomad's introduction token away once it has served: where Nomad's
// client finds one it never gives up an identity that the servers refuse.
func (m *machine) introduced(ready func(context.Context) error) func(context.Context) error {
	done := false
	return func(ctx context.Context) error {
		err := ready(ctx)
		if err == nil && !done {
			err = node.RemoveIntroToken(m.layout)
			done = err == nil
		}
		return err
	}
}

// controlService makes the control service of a server.
func (m *machine) controlService(log *slog.Logger, c clients, mem *member.Member, engines func() []agent.Engine) (*control.Service, error) {
	membership, err := m.membership(c, mem)
	if err != nil {
		return nil, err
	}
	return control.New(control.Deps{
		Log: log, Consul: c.Consul, Nomad: c.Nomad, Docker: c.docker, Members: membership,
		Catalog: embeddedCatalog(log),
		Pool: jobs.Pool{
			Domain: m.node.Domain, Scheme: "http", HTTPPort: m.node.HTTPPort, HTTPSPort: m.node.HTTPSPort,
			Timezone: m.node.Timezone, Datacenter: m.node.Datacenter, SelfImage: selfimage.SelfName,
		},
		Node: m.node.Name, Version: version, Panel: m.panel(),
		FrontDoor: loopback(m.node.HTTPPort),
		DiskFree:  func() (int, error) { return diskFree(m.layout.Volumes()) },
		Engines:   engines,
		SetDomain: m.setDomain(log),
		UsageFile: m.layout.Usage(),
		Uses:      mem.Uses,
		// A store is not fetched from the cloud's own network, which opens to no user.
		FetchStore: control.FetchStore(m.node.Prefix()),
		Rand:       rand.Reader, Now: time.Now,
	}), nil
}
