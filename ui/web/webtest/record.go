// Package webtest helps to test the panel's pages: it asks for them as people of each
// role, records what they ask of the cloud, and finds texts that would not be translated.
//
// It depends on ui/web. Start reading at Panel, then at Recorder and Untranslated.
package webtest

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Calls are the names of the calls that were made.
type Calls struct {
	mu   sync.Mutex
	made []string
}

func (c *Calls) note(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = append(c.made, name)
}

// Take returns the calls since the last Take, in their order.
func (c *Calls) Take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.made = nil }()
	return slices.Clone(c.made)
}

// Recorder is a cloud that notes what it is asked for.
type Recorder struct {
	*Calls
	web.Cloud
}

// AccountsRecorder is that for accounts. Who a session belongs to is asked with each
// request, and not noted; nor is how strong a password is.
type AccountsRecorder struct {
	*Calls
	web.Accounts
}

func (r *Recorder) Status(ctx context.Context) (agent.Status, error) {
	r.note("Status")
	return r.Cloud.Status(ctx)
}
func (r *Recorder) Nodes(ctx context.Context) ([]agent.Node, error) {
	r.note("Nodes")
	return r.Cloud.Nodes(ctx)
}
func (r *Recorder) NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error) {
	r.note("NodeToken")
	return r.Cloud.NodeToken(ctx, req)
}
func (r *Recorder) NodePlan(ctx context.Context, name string) (agent.NodePlan, error) {
	r.note("NodePlan")
	return r.Cloud.NodePlan(ctx, name)
}
func (r *Recorder) Drain(ctx context.Context, name string) (agent.Operation, error) {
	r.note("Drain")
	return r.Cloud.Drain(ctx, name)
}
func (r *Recorder) Undrain(ctx context.Context, name string) (agent.Operation, error) {
	r.note("Undrain")
	return r.Cloud.Undrain(ctx, name)
}
func (r *Recorder) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	r.note("RemoveNode")
	return r.Cloud.RemoveNode(ctx, name, how)
}
func (r *Recorder) Pending(ctx context.Context) ([]agent.PendingNode, error) {
	r.note("Pending")
	return r.Cloud.Pending(ctx)
}
func (r *Recorder) Accept(ctx context.Context, id string) error {
	r.note("Accept")
	return r.Cloud.Accept(ctx, id)
}
func (r *Recorder) Refuse(ctx context.Context, id string) error {
	r.note("Refuse")
	return r.Cloud.Refuse(ctx, id)
}
func (r *Recorder) Apps(ctx context.Context) ([]agent.App, error) {
	r.note("Apps")
	return r.Cloud.Apps(ctx)
}
func (r *Recorder) App(ctx context.Context, name string) (agent.AppDetail, error) {
	r.note("App")
	return r.Cloud.App(ctx, name)
}
func (r *Recorder) Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error) {
	r.note("Plan")
	return r.Cloud.Plan(ctx, req)
}
func (r *Recorder) PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error) {
	r.note("PlanApp")
	return r.Cloud.PlanApp(ctx, name, req)
}
func (r *Recorder) Override(ctx context.Context, name string) (agent.Override, error) {
	r.note("Override")
	return r.Cloud.Override(ctx, name)
}
func (r *Recorder) SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error) {
	r.note("SetOverride")
	return r.Cloud.SetOverride(ctx, name, change)
}
func (r *Recorder) Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error) {
	r.note("Install")
	return r.Cloud.Install(ctx, req)
}
func (r *Recorder) Start(ctx context.Context, name string) (agent.Operation, error) {
	r.note("Start")
	return r.Cloud.Start(ctx, name)
}
func (r *Recorder) Stop(ctx context.Context, name string) (agent.Operation, error) {
	r.note("Stop")
	return r.Cloud.Stop(ctx, name)
}
func (r *Recorder) Restart(ctx context.Context, name string) (agent.Operation, error) {
	r.note("Restart")
	return r.Cloud.Restart(ctx, name)
}
func (r *Recorder) Remove(ctx context.Context, name string, purgeData bool) (agent.Operation, error) {
	r.note("Remove")
	return r.Cloud.Remove(ctx, name, purgeData)
}
func (r *Recorder) Config(ctx context.Context, name string) (agent.Config, error) {
	r.note("Config")
	return r.Cloud.Config(ctx, name)
}
func (r *Recorder) Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error) {
	r.note("Configure")
	return r.Cloud.Configure(ctx, name, set)
}
func (r *Recorder) Secrets(ctx context.Context, name string) (map[string]string, error) {
	r.note("Secrets")
	return r.Cloud.Secrets(ctx, name)
}
func (r *Recorder) Job(ctx context.Context, name string) (agent.JobText, error) {
	r.note("Job")
	return r.Cloud.Job(ctx, name)
}
func (r *Recorder) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	r.note("Logs")
	return r.Cloud.Logs(ctx, name, opts, emit)
}
func (r *Recorder) Exec(ctx context.Context, name string, req agent.ExecRequest, streams agent.ExecStreams) (int, error) {
	r.note("Exec")
	return r.Cloud.Exec(ctx, name, req, streams)
}
func (r *Recorder) Catalog(ctx context.Context, words string) ([]agent.Entry, error) {
	r.note("Catalog")
	return r.Cloud.Catalog(ctx, words)
}
func (r *Recorder) Entry(ctx context.Context, name string) (agent.Entry, error) {
	r.note("Entry")
	return r.Cloud.Entry(ctx, name)
}
func (r *Recorder) Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error) {
	r.note("Usage")
	return r.Cloud.Usage(ctx, q)
}
func (r *Recorder) Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	r.note("Activity")
	return r.Cloud.Activity(ctx, q)
}
func (r *Recorder) Settings(ctx context.Context) (agent.Settings, error) {
	r.note("Settings")
	return r.Cloud.Settings(ctx)
}
func (r *Recorder) ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error) {
	r.note("ChangeSettings")
	return r.Cloud.ChangeSettings(ctx, change)
}
func (r *Recorder) TestNotify(ctx context.Context) error {
	r.note("TestNotify")
	return r.Cloud.TestNotify(ctx)
}
func (r *Recorder) Users(ctx context.Context) ([]agent.User, error) {
	r.note("Users")
	return r.Cloud.Users(ctx)
}
func (r *Recorder) Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	r.note("Invite")
	return r.Cloud.Invite(ctx, req)
}
func (r *Recorder) ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error) {
	r.note("ChangeUser")
	return r.Cloud.ChangeUser(ctx, name, change)
}
func (r *Recorder) RemoveUser(ctx context.Context, name string) error {
	r.note("RemoveUser")
	return r.Cloud.RemoveUser(ctx, name)
}
func (r *Recorder) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	r.note("Events")
	return r.Cloud.Events(ctx, app, after)
}
func (r *Recorder) Watch(ctx context.Context) (<-chan struct{}, error) {
	r.note("Watch")
	return r.Cloud.Watch(ctx)
}
func (r *AccountsRecorder) Invited(ctx context.Context, key string) (agent.Invitation, error) {
	r.note("Invited")
	return r.Accounts.Invited(ctx, key)
}
func (r *AccountsRecorder) TakeUp(ctx context.Context, key string, a agent.NewAccount, b agent.Browser) (agent.SignedIn, error) {
	r.note("TakeUp")
	return r.Accounts.TakeUp(ctx, key, a, b)
}
func (r *AccountsRecorder) SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error) {
	r.note("SignIn")
	return r.Accounts.SignIn(ctx, in)
}
func (r *AccountsRecorder) SignInCode(ctx context.Context, pending, code string, b agent.Browser) (agent.SignedIn, error) {
	r.note("SignInCode")
	return r.Accounts.SignInCode(ctx, pending, code, b)
}
func (r *AccountsRecorder) PasskeyChallenge(ctx context.Context, origin string) (agent.Challenge, error) {
	r.note("PasskeyChallenge")
	return r.Accounts.PasskeyChallenge(ctx, origin)
}
func (r *AccountsRecorder) SignInPasskey(ctx context.Context, origin, challenge string, answer json.RawMessage, b agent.Browser) (agent.SignedIn, error) {
	r.note("SignInPasskey")
	return r.Accounts.SignInPasskey(ctx, origin, challenge, answer, b)
}
func (r *AccountsRecorder) Sessions(ctx context.Context, user string) ([]agent.Session, error) {
	r.note("Sessions")
	return r.Accounts.Sessions(ctx, user)
}
func (r *AccountsRecorder) EndSession(ctx context.Context, user, id string) error {
	r.note("EndSession")
	return r.Accounts.EndSession(ctx, user, id)
}
func (r *AccountsRecorder) Sudo(ctx context.Context, token string, p agent.Proof) (agent.Session, error) {
	r.note("Sudo")
	return r.Accounts.Sudo(ctx, token, p)
}
func (r *AccountsRecorder) SudoChallenge(ctx context.Context, token, origin string) (agent.Challenge, error) {
	r.note("SudoChallenge")
	return r.Accounts.SudoChallenge(ctx, token, origin)
}
func (r *AccountsRecorder) SudoPasskey(ctx context.Context, token, origin, challenge string, answer json.RawMessage) (agent.Session, error) {
	r.note("SudoPasskey")
	return r.Accounts.SudoPasskey(ctx, token, origin, challenge, answer)
}
func (r *AccountsRecorder) User(ctx context.Context, name string) (agent.User, error) {
	r.note("User")
	return r.Accounts.User(ctx, name)
}
func (r *AccountsRecorder) SetPassword(ctx context.Context, user, password, keep string) error {
	r.note("SetPassword")
	return r.Accounts.SetPassword(ctx, user, password, keep)
}
func (r *AccountsRecorder) NewTOTP(ctx context.Context, user string) (agent.TOTP, error) {
	r.note("NewTOTP")
	return r.Accounts.NewTOTP(ctx, user)
}
func (r *AccountsRecorder) ConfirmTOTP(ctx context.Context, user, code string) (recovery []string, err error) {
	r.note("ConfirmTOTP")
	return r.Accounts.ConfirmTOTP(ctx, user, code)
}
func (r *AccountsRecorder) RemoveTOTP(ctx context.Context, user string) error {
	r.note("RemoveTOTP")
	return r.Accounts.RemoveTOTP(ctx, user)
}
func (r *AccountsRecorder) NewRecoveryCodes(ctx context.Context, user string) ([]string, error) {
	r.note("NewRecoveryCodes")
	return r.Accounts.NewRecoveryCodes(ctx, user)
}
func (r *AccountsRecorder) NewPasskey(ctx context.Context, user, origin string) (agent.Challenge, error) {
	r.note("NewPasskey")
	return r.Accounts.NewPasskey(ctx, user, origin)
}
func (r *AccountsRecorder) AddPasskey(ctx context.Context, user, origin, challenge, name string, answer json.RawMessage) (agent.Passkey, error) {
	r.note("AddPasskey")
	return r.Accounts.AddPasskey(ctx, user, origin, challenge, name, answer)
}
func (r *AccountsRecorder) RemovePasskey(ctx context.Context, user, id string) error {
	r.note("RemovePasskey")
	return r.Accounts.RemovePasskey(ctx, user, id)
}
