package api

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// fakeMore are the functions of a fake that are about people and the cloud itself.
type fakeMore struct {
	job        func(context.Context, string) (agent.JobText, error)
	override   func(context.Context, string) (agent.Override, error)
	overriding func(context.Context, string, agent.OverrideChange) (agent.Operation, error)
	pending    func(context.Context) ([]agent.PendingNode, error)
	accept     func(context.Context, string) error
	refuse     func(context.Context, string) error
	usage      func(context.Context, agent.UsageQuery) (agent.Usage, error)
	activity   func(context.Context, agent.ActivityQuery) ([]agent.Activity, error)
	settings   func(context.Context) (agent.Settings, error)
	change     func(context.Context, agent.SettingsChange) (agent.Settings, error)
	testNotify func(context.Context) error
	firstLink  func(context.Context) (agent.Invitation, error)
	users      func(context.Context) ([]agent.User, error)
	invite     func(context.Context, agent.InviteRequest) (agent.Invitation, error)
	changeUser func(context.Context, string, agent.UserChange) (agent.User, error)
	removeUser func(context.Context, string) error
	signIn     func(context.Context, agent.SignIn) (agent.SignedIn, error)
	watch      func(context.Context) (<-chan struct{}, error)
}

func (f *fakeMore) Job(ctx context.Context, n string) (agent.JobText, error) { return f.job(ctx, n) }
func (f *fakeMore) Override(ctx context.Context, n string) (agent.Override, error) {
	return f.override(ctx, n)
}
func (f *fakeMore) SetOverride(ctx context.Context, n string, c agent.OverrideChange) (agent.Operation, error) {
	return f.overriding(ctx, n, c)
}
func (f *fakeMore) Pending(ctx context.Context) ([]agent.PendingNode, error) { return f.pending(ctx) }
func (f *fakeMore) Accept(ctx context.Context, id string) error              { return f.accept(ctx, id) }
func (f *fakeMore) Refuse(ctx context.Context, id string) error              { return f.refuse(ctx, id) }
func (f *fakeMore) Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error) {
	return f.usage(ctx, q)
}
func (f *fakeMore) Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	return f.activity(ctx, q)
}
func (f *fakeMore) Settings(ctx context.Context) (agent.Settings, error) { return f.settings(ctx) }
func (f *fakeMore) ChangeSettings(ctx context.Context, c agent.SettingsChange) (agent.Settings, error) {
	return f.change(ctx, c)
}
func (f *fakeMore) TestNotify(ctx context.Context) error { return f.testNotify(ctx) }
func (f *fakeMore) FirstLink(ctx context.Context) (agent.Invitation, error) {
	return f.firstLink(ctx)
}
func (f *fakeMore) Users(ctx context.Context) ([]agent.User, error) { return f.users(ctx) }
func (f *fakeMore) Invite(ctx context.Context, r agent.InviteRequest) (agent.Invitation, error) {
	return f.invite(ctx, r)
}
func (f *fakeMore) ChangeUser(ctx context.Context, n string, c agent.UserChange) (agent.User, error) {
	return f.changeUser(ctx, n, c)
}
func (f *fakeMore) RemoveUser(ctx context.Context, n string) error { return f.removeUser(ctx, n) }
func (f *fakeMore) SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error) {
	return f.signIn(ctx, in)
}
func (f *fakeMore) Watch(ctx context.Context) (<-chan struct{}, error) { return f.watch(ctx) }
