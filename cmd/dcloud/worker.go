package main

import (
	"context"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// worker is the API's service on a machine that is no server: it tells how the
// machine is, and where to ask for everything else. It holds no token that could do
// more, so that who takes a worker over has taken over no cloud.
type worker struct {
	node    node.Node
	member  *member.Member
	engines func() []agent.Engine
	panel   string
}

var _ api.Service = (*worker)(nil)

func (w *worker) Status(context.Context) (agent.Status, error) {
	st := agent.Status{
		Ready: true, Domain: w.node.Domain, Panel: w.panel, HTTPPort: w.node.HTTPPort, HTTPSPort: w.node.HTTPSPort,
		Version: version, Engines: w.engines(), Nodes: len(w.member.Roster().Members),
	}
	for _, e := range st.Engines {
		st.Ready = st.Ready && e.State == agent.EngineReady
	}
	return st, nil
}

// Nodes asks a server.
func (w *worker) Nodes(ctx context.Context) ([]agent.Node, error) {
	last := elsewhere(w.member.Roster())
	for _, address := range w.member.Roster().Servers() {
		nodes, err := w.member.Peers().Nodes(ctx, address)
		if err == nil {
			for k := range nodes {
				nodes[k].Self = nodes[k].Name == w.node.Name
			}
			return nodes, nil
		}
		last = agent.Errorf(agent.CodeUnavailable, "no server of the cloud answers: %w", err).
			WithHint("see how this machine is with: dcloud status; %s", wasRemoved)
	}
	return nil, last
}

// elsewhere names the machines that can do what a worker cannot.
func elsewhere(r pool.Roster) *agent.Error {
	var names []string
	for _, m := range r.Members {
		if m.Role == pool.RoleServer {
			names = append(names, m.Name)
		}
	}
	return agent.Errorf(agent.CodeUnavailable, "this machine is not a server of the cloud").
		WithHint("run it on %s, or set DCLOUD_ADDR and DCLOUD_TOKEN", strings.Join(names, " or "))
}

func (w *worker) refuse() error { return elsewhere(w.member.Roster()) }

func (w *worker) NodeToken(context.Context, agent.TokenRequest) (agent.Token, error) {
	return agent.Token{}, w.refuse()
}
func (w *worker) NodePlan(context.Context, string) (agent.NodePlan, error) {
	return agent.NodePlan{}, w.refuse()
}
func (w *worker) Drain(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Undrain(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) RemoveNode(context.Context, string, agent.NodeRemove) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Apps(context.Context) ([]agent.App, error) { return nil, w.refuse() }
func (w *worker) App(context.Context, string) (agent.AppDetail, error) {
	return agent.AppDetail{}, w.refuse()
}
func (w *worker) Plan(context.Context, agent.InstallRequest) (agent.Plan, error) {
	return agent.Plan{}, w.refuse()
}
func (w *worker) PlanApp(context.Context, string, agent.PlanRequest) (agent.Plan, error) {
	return agent.Plan{}, w.refuse()
}
func (w *worker) Install(context.Context, agent.InstallRequest) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Start(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Stop(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Restart(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Remove(context.Context, string, bool) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Config(context.Context, string) (agent.Config, error) {
	return agent.Config{}, w.refuse()
}
func (w *worker) Configure(context.Context, string, map[string]string) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Secrets(context.Context, string) (map[string]string, error) { return nil, w.refuse() }
func (w *worker) Events(context.Context, string, uint64) (<-chan agent.Event, error) {
	return nil, w.refuse()
}
func (w *worker) Logs(context.Context, string, agent.LogOptions, func(agent.LogLine) error) error {
	return w.refuse()
}
func (w *worker) Exec(context.Context, string, agent.ExecRequest, api.ExecStreams) (int, error) {
	return 0, w.refuse()
}
func (w *worker) Catalog(context.Context, string) ([]agent.Entry, error) { return nil, w.refuse() }
func (w *worker) Entry(context.Context, string) (agent.Entry, error) {
	return agent.Entry{}, w.refuse()
}
func (w *worker) Job(context.Context, string) (agent.JobText, error) {
	return agent.JobText{}, w.refuse()
}
func (w *worker) Override(context.Context, string) (agent.Override, error) {
	return agent.Override{}, w.refuse()
}
func (w *worker) SetOverride(context.Context, string, agent.OverrideChange) (agent.Operation, error) {
	return agent.Operation{}, w.refuse()
}
func (w *worker) Pending(context.Context) ([]agent.PendingNode, error) { return nil, w.refuse() }
func (w *worker) Accept(context.Context, string) error                 { return w.refuse() }
func (w *worker) Refuse(context.Context, string) error                 { return w.refuse() }
func (w *worker) Usage(context.Context, agent.UsageQuery) (agent.Usage, error) {
	return agent.Usage{}, w.refuse()
}
func (w *worker) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return nil, w.refuse()
}
func (w *worker) Settings(context.Context) (agent.Settings, error) {
	return agent.Settings{}, w.refuse()
}
func (w *worker) ChangeSettings(context.Context, agent.SettingsChange) (agent.Settings, error) {
	return agent.Settings{}, w.refuse()
}
func (w *worker) TestNotify(context.Context) error { return w.refuse() }
func (w *worker) FirstLink(context.Context) (agent.Invitation, error) {
	return agent.Invitation{}, w.refuse()
}
func (w *worker) Users(context.Context) ([]agent.User, error) { return nil, w.refuse() }
func (w *worker) Invite(context.Context, agent.InviteRequest) (agent.Invitation, error) {
	return agent.Invitation{}, w.refuse()
}
func (w *worker) ChangeUser(context.Context, string, agent.UserChange) (agent.User, error) {
	return agent.User{}, w.refuse()
}
func (w *worker) RemoveUser(context.Context, string) error { return w.refuse() }
func (w *worker) SignIn(context.Context, agent.SignIn) (agent.SignedIn, error) {
	return agent.SignedIn{}, w.refuse()
}
func (w *worker) Watch(context.Context) (<-chan struct{}, error) { return nil, w.refuse() }
