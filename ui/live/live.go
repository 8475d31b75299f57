// Package live keeps what changes by itself in one place for all open pages: apps,
// machines, operations under way. It asks the control service once for all of them,
// when something happened, and wakes the pages.
//
// It depends on the words in agent alone. Start reading at Hub.
package live

import (
	"context"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Source is what the hub asks.
type Source interface {
	Apps(ctx context.Context) ([]agent.App, error)
	App(ctx context.Context, name string) (agent.AppDetail, error)
	Nodes(ctx context.Context) ([]agent.Node, error)
	Pending(ctx context.Context) ([]agent.PendingNode, error)
	Settings(ctx context.Context) (agent.Settings, error)
	Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error)
	Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error)
	Watch(ctx context.Context) (<-chan struct{}, error)
}

// State is what is known at one moment. It is never changed after it was made.
type State struct {
	Version uint64      // grows with each state; starts at the time, so that it never comes twice
	Apps    []agent.App // by name
	// Risks are, by app, what an override asks for beyond a container, and why it does not
	// fit any more (agent.AppDetail.Risks).
	Risks    map[string][]string
	Nodes    []agent.Node
	Pending  []agent.PendingNode
	Settings agent.Settings
	// Latest are the newest changes, at most 20, the newest first.
	Latest []agent.Activity
	// Ops are the operations under way and those that ended of late, by app, and by
	// machine as "node:NAME"; the newest of each.
	Ops map[string]Op
	// Away is why the control service does not answer, nil while it does. The rest is
	// what was known last.
	Away *agent.Error
}

// Op is an operation as its events have told it so far.
type Op struct {
	ID     string
	Last   agent.Event
	Stages []Stage // in the order in which they came
	Began  time.Time
}

// Stage is one step of an operation.
type Stage struct {
	Name    string // agent.StagePull, …
	State   string // agent.EventStarted, progress, done, failed
	Message string // the last one
	Began   time.Time
}
