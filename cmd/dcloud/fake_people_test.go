package main

import (
	"context"
	"slices"

	"github.com/dentropy/dcloud/agent"
)

// people of the fake cloud.
var fakeUsers = []agent.User{
	{Name: "ada", Title: "Ada Lovelace", Role: agent.RoleOwner, Created: noon, Seen: noon, TOTP: true, Codes: 9,
		Passkeys: []agent.Passkey{{ID: "k1", Name: "phone"}, {ID: "k2", Name: "laptop"}}},
	{Name: "bob", Title: "bob", Role: agent.RoleMember, Invited: true, Created: noon},
}

func (f *fakeCloud) Users(context.Context) ([]agent.User, error) { return fakeUsers, nil }

func (f *fakeCloud) FirstLink(context.Context) (agent.Invitation, error) {
	return agent.Invitation{}, agent.Errorf(agent.CodeConflict, "this cloud has an owner already").
		WithHint("see who with: dcloud user list")
}

func (f *fakeCloud) Invite(_ context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	if req.Role != "" && !slices.Contains(agent.Roles(), req.Role) {
		return agent.Invitation{}, agent.Errorf(agent.CodeInvalid, "%q is no role", req.Role).WithHint("choose one of guest, member, admin, owner")
	}
	there := slices.ContainsFunc(fakeUsers, func(u agent.User) bool { return u.Name == req.Name })
	return agent.Invitation{Name: req.Name, Role: req.Role, Reset: there, Link: "http://panel.dcloud.localhost/join/k3y", Expires: noon}, nil
}

func (f *fakeCloud) ChangeUser(context.Context, string, agent.UserChange) (agent.User, error) {
	return agent.User{}, agent.Errorf(agent.CodeFailed, "the command line does not ask for this")
}

func (f *fakeCloud) RemoveUser(_ context.Context, name string) error {
	for _, u := range fakeUsers {
		if u.Name != name {
			continue
		}
		if u.Role == agent.RoleOwner {
			return agent.Errorf(agent.CodeConflict, "%s is the only owner", name).WithHint("make somebody else an owner first")
		}
		return nil
	}
	return agent.Errorf(agent.CodeNotFound, "there is nobody called %q", name).WithHint("see who there is with: dcloud user list")
}

func (f *fakeCloud) SignIn(context.Context, agent.SignIn) (agent.SignedIn, error) {
	return agent.SignedIn{}, agent.Errorf(agent.CodeFailed, "the command line does not ask for this")
}

func (f *fakeCloud) Settings(context.Context) (agent.Settings, error) {
	return agent.Settings{Name: "Ada's cloud", Accent: "teal", Domain: "dcloud.localhost"}, nil
}

func (f *fakeCloud) ChangeSettings(_ context.Context, change agent.SettingsChange) (agent.Settings, error) {
	if change.Domain == nil || *change.Domain == "nowhere" {
		return agent.Settings{}, agent.Errorf(agent.CodeInvalid, "that cannot be the cloud's domain").WithHint("choose a name such as ada.xyz")
	}
	return agent.Settings{Name: "Ada's cloud", Accent: "teal", Domain: *change.Domain}, nil
}

func (f *fakeCloud) TestNotify(context.Context) error { return nil }

func (f *fakeCloud) Activity(context.Context, agent.ActivityQuery) ([]agent.Activity, error) {
	return nil, nil
}

func (f *fakeCloud) Usage(context.Context, agent.UsageQuery) (agent.Usage, error) {
	return agent.Usage{}, nil
}

func (f *fakeCloud) Watch(ctx context.Context) (<-chan struct{}, error) {
	ticks := make(chan struct{})
	context.AfterFunc(ctx, func() { close(ticks) })
	return ticks, nil
}

// fakePending are machines that wait: two of them called the same.
var fakePending = []agent.PendingNode{
	{ID: "p1", Name: "shed", Arch: "arm64", Memory: 1024, Role: "worker", Address: "192.0.2.8", Asked: noon},
	{ID: "p2", Name: "pi", Arch: "arm64", Memory: 4096, Role: "worker", Address: "192.0.2.9", Asked: noon},
	{ID: "p3", Name: "pi", Arch: "arm", Memory: 512, Role: "worker", Address: "192.0.2.10", Asked: noon},
}

func (f *fakeCloud) Pending(context.Context) ([]agent.PendingNode, error) { return fakePending, nil }
func (f *fakeCloud) Accept(_ context.Context, id string) error {
	f.called("Accept " + id)
	return nil
}
func (f *fakeCloud) Refuse(_ context.Context, id string) error {
	f.called("Refuse " + id)
	return nil
}
