// Package api serves the control service over HTTP (echo), on a Unix socket and
// on TCP with bearer tokens, and holds the client that the command line uses.
//
// It knows the control service only by the Service interface below, which Client
// implements too. Start reading there, then at routes.go.
package api

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// Service is what the API offers. Errors that a person should see are *agent.Error.
// Who asks is in the context (agent.WithActor).
//
// Changes return at once with an operation; its events, of which the last is
// Final, tell what comes of it.
type Service interface {
	Status(ctx context.Context) (agent.Status, error)
	Nodes(ctx context.Context) ([]agent.Node, error)

	// NodeToken makes a token with which machines may join. NodePlan says what drain
	// and remove would come to. Drain, Undrain and RemoveNode are operations on a
	// machine, whose events have Node set and no App.
	NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error)
	NodePlan(ctx context.Context, name string) (agent.NodePlan, error)
	Drain(ctx context.Context, name string) (agent.Operation, error)
	Undrain(ctx context.Context, name string) (agent.Operation, error)
	RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error)

	Apps(ctx context.Context) ([]agent.App, error)
	App(ctx context.Context, name string) (agent.AppDetail, error)
	Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error) // of an install
	// PlanApp is of an installed app: as it is asked for now, or with changes.
	PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error)
	Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error)
	Start(ctx context.Context, name string) (agent.Operation, error)
	Stop(ctx context.Context, name string) (agent.Operation, error)
	Restart(ctx context.Context, name string) (agent.Operation, error)
	Remove(ctx context.Context, name string, purgeData bool) (agent.Operation, error)
	Config(ctx context.Context, name string) (agent.Config, error)
	Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error)
	Secrets(ctx context.Context, name string) (map[string]string, error) // those that may be revealed

	// Job is what was given to the scheduler.
	Job(ctx context.Context, name string) (agent.JobText, error)
	// Override is what a person changes of an app's job. SetOverride replaces it, an
	// empty text takes it away; what is wrong with the text is in the error's Problems.
	Override(ctx context.Context, name string) (agent.Override, error)
	SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error)

	// Stores are the sources of entries beside the catalog. AddStore and SyncStore fetch
	// and read them, which takes a while.
	Stores(ctx context.Context) ([]agent.Store, error)
	Store(ctx context.Context, name string) (agent.StoreDetail, error)
	AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error)
	SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error)
	RemoveStore(ctx context.Context, name string) error

	// Pending lists machines that wait to be accepted, which a token made with Ask
	// asks for. Accept and Refuse answer one, by ID.
	Pending(ctx context.Context) ([]agent.PendingNode, error)
	Accept(ctx context.Context, id string) error
	Refuse(ctx context.Context, id string) error

	// Usage is what an app or a machine used of late.
	Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error)
	// Activity lists changes, the newest first.
	Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error)
	// Settings are the cloud's own. TestNotify tells a trial failure where failures
	// are told, and returns why that did not work.
	Settings(ctx context.Context) (agent.Settings, error)
	ChangeSettings(ctx context.Context, change agent.SettingsChange) (agent.Settings, error)
	TestNotify(ctx context.Context) error

	// FirstLink makes the link with which the first owner makes an account, and
	// withdraws those made before; agent.CodeConflict once there is an owner.
	FirstLink(ctx context.Context) (agent.Invitation, error)
	// Users are those who may sign in, by name. Invite makes a link for a new one, or
	// for one that lost the password.
	Users(ctx context.Context) ([]agent.User, error)
	Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error)
	ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error)
	RemoveUser(ctx context.Context, name string) error
	// SignIn begins a session, whose token is good for this API too, within what the
	// person's role may do.
	SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error)

	// Watch sends whenever apps, machines, pending machines, activity or settings may
	// have changed, at most a few times a second, and once at the beginning, until the
	// context ends; then the channel is closed.
	Watch(ctx context.Context) (<-chan struct{}, error)

	// Events sends what happened after the event with the given ID (0: all that
	// is still remembered) and then what happens, to one app or ("") to all,
	// until the context ends; then the channel is closed.
	Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error)
	// Logs calls emit for each line, in order of time, until there are no more
	// or, when following, until the context ends.
	Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error
	// Exec runs a command in a container and returns its exit code.
	Exec(ctx context.Context, name string, req agent.ExecRequest, streams ExecStreams) (int, error)

	Catalog(ctx context.Context, words string) ([]agent.Entry, error)
	Entry(ctx context.Context, name string) (agent.Entry, error)
}

// ExecStreams connect a command in a container.
type ExecStreams = agent.ExecStreams
