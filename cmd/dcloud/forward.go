package main

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/people"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// forward is the API's service on a server of several: what is asked here is handed
// on to the one that carries changes out, since only that one has their events. Where
// nobody does at the moment, this server answers for itself.
type forward struct {
	own    local
	member *member.Member
	node   node.Node
	layout node.Layout // where the token of the API lies, which servers share

	mu    sync.Mutex
	other *api.Client
	token string     // that other goes with
	of    netip.Addr // of whom other speaks to; a name may be given to another machine
}

var _ api.Service = (*forward)(nil)

// accounts has a name of its own, since local embeds two types called Service.
type accounts = people.Service

// local is all that this server answers by itself.
type local struct {
	*control.Service
	*accounts
}

// at is who answers.
func (f *forward) at(ctx context.Context) api.Service {
	roster := f.member.Roster()
	if len(roster.Servers()) < 2 {
		return f.own
	}
	name, self := f.own.Leader(ctx)
	if self || name == "" {
		return f.own
	}
	for _, m := range roster.Members {
		if m.Name == name && m.Role == pool.RoleServer {
			if c := f.client(m); c != nil {
				return c
			}
		}
	}
	return f.own
}

// client speaks to another server over the pool's network, which encrypts.
func (f *forward) client(m pool.Member) *api.Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	token, err := apiToken(f.layout)
	if err != nil {
		return nil
	}
	if f.other != nil && f.of == m.Address && f.token == token {
		return f.other
	}
	c, err := api.Dial("http://"+net.JoinHostPort(m.Address.String(), strconv.Itoa(node.AgentPort)), token)
	if err != nil {
		return nil
	}
	if f.other != nil {
		f.other.Close()
	}
	f.other, f.of, f.token = c, m.Address, token
	return c
}

// Status is about this machine's engines.
func (f *forward) Status(ctx context.Context) (agent.Status, error) { return f.own.Status(ctx) }

func (f *forward) Nodes(ctx context.Context) ([]agent.Node, error) {
	nodes, err := f.at(ctx).Nodes(ctx)
	for k := range nodes {
		nodes[k].Self = nodes[k].Name == f.node.Name
	}
	return nodes, err
}
func (f *forward) NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error) {
	return f.own.NodeToken(ctx, req) // with this machine's addresses; all servers let in who has it
}
func (f *forward) NodePlan(ctx context.Context, name string) (agent.NodePlan, error) {
	return f.at(ctx).NodePlan(ctx, name)
}
func (f *forward) Drain(ctx context.Context, name string) (agent.Operation, error) {
	return f.at(ctx).Drain(ctx, name)
}
func (f *forward) Undrain(ctx context.Context, name string) (agent.Operation, error) {
	return f.at(ctx).Undrain(ctx, name)
}
func (f *forward) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	return f.at(ctx).RemoveNode(ctx, name, how)
}
func (f *forward) Apps(ctx context.Context) ([]agent.App, error) { return f.at(ctx).Apps(ctx) }
func (f *forward) App(ctx context.Context, name string) (agent.AppDetail, error) {
	return f.at(ctx).App(ctx, name)
}
func (f *forward) Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error) {
	return f.at(ctx).Plan(ctx, req)
}
func (f *forward) PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error) {
	return f.at(ctx).PlanApp(ctx, name, req)
}
func (f *forward) Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error) {
	return f.at(ctx).Install(ctx, req)
}
func (f *forward) Start(ctx context.Context, name string) (agent.Operation, error) {
	return f.at(ctx).Start(ctx, name)
}
func (f *forward) Stop(ctx context.Context, name string) (agent.Operation, error) {
	return f.at(ctx).Stop(ctx, name)
}
func (f *forward) Restart(ctx context.Context, name string) (agent.Operation, error) {
	return f.at(ctx).Restart(ctx, name)
}
func (f *forward) Remove(ctx context.Context, name string, purge bool) (agent.Operation, error) {
	return f.at(ctx).Remove(ctx, name, purge)
}
func (f *forward) Config(ctx context.Context, name string) (agent.Config, error) {
	return f.at(ctx).Config(ctx, name)
}
func (f *forward) Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error) {
	return f.at(ctx).Configure(ctx, name, set)
}
func (f *forward) Secrets(ctx context.Context, name string) (map[string]string, error) {
	return f.at(ctx).Secrets(ctx, name)
}
func (f *forward) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	return f.at(ctx).Events(ctx, app, after)
}
func (f *forward) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	return f.at(ctx).Logs(ctx, name, opts, emit)
}
func (f *forward) Exec(ctx context.Context, name string, req agent.ExecRequest, streams api.ExecStreams) (int, error) {
	return f.at(ctx).Exec(ctx, name, req, streams)
}
func (f *forward) Catalog(ctx context.Context, words string) ([]agent.Entry, error) {
	return f.own.Catalog(ctx, words)
}
func (f *forward) Entry(ctx context.Context, name string) (agent.Entry, error) {
	return f.own.Entry(ctx, name)
}
func (f *forward) Job(ctx context.Context, name string) (agent.JobText, error) {
	return f.at(ctx).Job(ctx, name)
}
func (f *forward) Override(ctx context.Context, name string) (agent.Override, error) {
	return f.at(ctx).Override(ctx, name)
}
func (f *forward) SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error) {
	return f.at(ctx).SetOverride(ctx, name, change)
}
func (f *forward) Pending(ctx context.Context) ([]agent.PendingNode, error) {
	return f.at(ctx).Pending(ctx)
}
func (f *forward) Accept(ctx context.Context, id string) error { return f.at(ctx).Accept(ctx, id) }
func (f *forward) Refuse(ctx context.Context, id string) error { return f.at(ctx).Refuse(ctx, id) }
func (f *forward) Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error) {
	return f.at(ctx).Usage(ctx, q)
}
func (f *forward) Watch(ctx context.Context) (<-chan struct{}, error) { return f.at(ctx).Watch(ctx) }

// Whoever is told by Watch that something changed finds it here.

func (f *forward) Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	return f.at(ctx).Activity(ctx, q)
}
func (f *forward) Settings(ctx context.Context) (agent.Settings, error) {
	return f.at(ctx).Settings(ctx)
}

// What follows is in records that every server reads and writes for itself.

func (f *forward) ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error) {
	return f.own.ChangeSettings(ctx, change)
}
func (f *forward) TestNotify(ctx context.Context) error { return f.own.TestNotify(ctx) }
func (f *forward) FirstLink(ctx context.Context) (agent.Invitation, error) {
	return f.own.FirstLink(ctx)
}
func (f *forward) Users(ctx context.Context) ([]agent.User, error) { return f.own.Users(ctx) }
func (f *forward) Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	return f.own.Invite(ctx, req)
}
func (f *forward) ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error) {
	return f.own.ChangeUser(ctx, name, change)
}
func (f *forward) RemoveUser(ctx context.Context, name string) error {
	return f.own.RemoveUser(ctx, name)
}
func (f *forward) SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error) {
	return f.own.SignIn(ctx, in)
}
