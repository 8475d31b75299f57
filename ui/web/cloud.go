package web

import (
	"context"
	"encoding/json"

	"github.com/dentropy/dcloud/agent"
)

// Cloud is what the panel asks of the control service: the calls of the public API of
// the same names, which say what each does. Who asks is in the context.
type Cloud interface {
	Status(ctx context.Context) (agent.Status, error)
	Nodes(ctx context.Context) ([]agent.Node, error)
	NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error)
	NodePlan(ctx context.Context, name string) (agent.NodePlan, error)
	Drain(ctx context.Context, name string) (agent.Operation, error)
	Undrain(ctx context.Context, name string) (agent.Operation, error)
	RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error)
	Pending(ctx context.Context) ([]agent.PendingNode, error)
	Accept(ctx context.Context, id string) error
	Refuse(ctx context.Context, id string) error

	Apps(ctx context.Context) ([]agent.App, error)
	App(ctx context.Context, name string) (agent.AppDetail, error)
	Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error)
	PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error)
	Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error)
	Start(ctx context.Context, name string) (agent.Operation, error)
	Stop(ctx context.Context, name string) (agent.Operation, error)
	Restart(ctx context.Context, name string) (agent.Operation, error)
	Remove(ctx context.Context, name string, purgeData bool) (agent.Operation, error)
	Config(ctx context.Context, name string) (agent.Config, error)
	Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error)
	Secrets(ctx context.Context, name string) (map[string]string, error)
	Job(ctx context.Context, name string) (agent.JobText, error)
	Override(ctx context.Context, name string) (agent.Override, error)
	SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error)
	Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error
	Exec(ctx context.Context, name string, req agent.ExecRequest, streams agent.ExecStreams) (int, error)

	Catalog(ctx context.Context, words string) ([]agent.Entry, error)
	Entry(ctx context.Context, name string) (agent.Entry, error)

	Stores(ctx context.Context) ([]agent.Store, error)
	Store(ctx context.Context, name string) (agent.StoreDetail, error)
	AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error)
	SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error)
	RemoveStore(ctx context.Context, name string) error

	Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error)
	Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error)
	Settings(ctx context.Context) (agent.Settings, error)
	ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error)
	TestNotify(ctx context.Context) error

	Users(ctx context.Context) ([]agent.User, error)
	Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error)
	ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error)
	RemoveUser(ctx context.Context, name string) error

	Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error)
	Watch(ctx context.Context) (<-chan struct{}, error)
}

// Accounts is how people come in and look after their own accounts. A browser's
// origin ("https://panel.ada.xyz") goes with each use of a passkey. Wrong proofs are
// agent.CodeUnauthorized, too many of them agent.CodeUnavailable with a hint that
// says how long to wait.
type Accounts interface {
	// Invited says whom an invitation is for, and whether it is the first run.
	Invited(ctx context.Context, key string) (agent.Invitation, error)
	// TakeUp makes the account, or gives it the new password, and signs in.
	TakeUp(ctx context.Context, key string, a agent.NewAccount, b agent.Browser) (agent.SignedIn, error)
	// Strength of a password of somebody of these names.
	Strength(password string, names ...string) agent.Strength

	SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error)
	SignInCode(ctx context.Context, pending, code string, b agent.Browser) (agent.SignedIn, error)
	PasskeyChallenge(ctx context.Context, origin string) (agent.Challenge, error)
	SignInPasskey(ctx context.Context, origin, challenge string, answer json.RawMessage, b agent.Browser) (agent.SignedIn, error)

	// Session is who a token belongs to: asked at each request, so it is cheap.
	Session(ctx context.Context, token string) (agent.Session, error)
	Sessions(ctx context.Context, user string) ([]agent.Session, error)
	EndSession(ctx context.Context, user, id string) error
	// Sudo lets a session do dangerous things for ten minutes.
	Sudo(ctx context.Context, token string, p agent.Proof) (agent.Session, error)
	SudoChallenge(ctx context.Context, token, origin string) (agent.Challenge, error)
	SudoPasskey(ctx context.Context, token, origin, challenge string, answer json.RawMessage) (agent.Session, error)

	// A person's own account.
	User(ctx context.Context, name string) (agent.User, error)
	// SetPassword ends the person's other sessions; keep is the ID of the one to keep.
	SetPassword(ctx context.Context, user, password, keep string) error
	NewTOTP(ctx context.Context, user string) (agent.TOTP, error)
	// ConfirmTOTP turns it on and returns the first recovery codes.
	ConfirmTOTP(ctx context.Context, user, code string) (recovery []string, err error)
	RemoveTOTP(ctx context.Context, user string) error
	NewRecoveryCodes(ctx context.Context, user string) ([]string, error)
	NewPasskey(ctx context.Context, user, origin string) (agent.Challenge, error)
	AddPasskey(ctx context.Context, user, origin, challenge, name string, answer json.RawMessage) (agent.Passkey, error)
	RemovePasskey(ctx context.Context, user, id string) error
}
