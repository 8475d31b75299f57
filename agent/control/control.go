// Package control is the control service: it keeps what people asked for as
// intents in Consul's KV store, and makes Nomad run exactly that.
//
// It holds no state of its own. Any server can run it; the one that holds the
// session lock (leader.go) reconciles, and killing it anywhere leaves either the
// old state or the new, which the next pass finishes.
//
// It depends on catalog and jobs (pure), on the clients of Consul, Nomad and
// Docker, and on the words in package agent. Start reading at Intent (intent.go),
// then Install (install.go), then worker (reconcile.go) and deploy (deploy.go).
package control

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/docker/client"
	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/stores"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// Deps are what the control service works with.
type Deps struct {
	Log     *slog.Logger
	Consul  *consul.Client
	Nomad   *nomad.Client
	Docker  *client.Client
	Catalog func() *catalog.Catalog
	Pool    jobs.Pool
	Node    string // this machine's name in the pool
	Version string // of dcloud
	Panel   string // URL of the control panel

	// FrontDoor is where Traefik's plain HTTP entrypoint is reached from this
	// machine, "127.0.0.1:80"; a route is probed through it.
	FrontDoor string
	// DiskFree tells how many MiB are free where apps keep their data.
	DiskFree func() (int, error)
	// Engines tells how the engines of this machine are.
	Engines func() []agent.Engine
	Members Membership
	// SetDomain makes another domain the cloud's, and starts the agent anew for it; nil
	// where that is not possible from here.
	SetDomain func(ctx context.Context, domain string) error
	// UsageFile is where what machines and apps used of late is kept over a restart; ""
	// where it is not.
	UsageFile string
	// Uses tells what apps use on this machine (Gauge.Read); nil where nobody measures.
	Uses func(ctx context.Context) (pool.Uses, error)
	// FetchStore fetches the files of a store; nil for FetchStore without a pool.
	FetchStore func(ctx context.Context, source string) (stores.Files, error)
	Rand       io.Reader // for secrets and operation ids
	Now        func() time.Time
}

// Service implements what package api serves.
type Service struct {
	Deps
	store   *store
	view    *view
	events  *broker
	work    *worker
	carried carried
	uses    uses
	parser  parser
	began   time.Time
	shelves atomic.Pointer[shelves] // nil until the stores were read
	reading sync.Mutex              // a store is being read: one at a time, for the memory that it takes
	known   pool.Roster             // that WatchRoster told last; under the view's lock
}

// New returns a control service; it does nothing before Run.
func New(c Deps) *Service {
	s := &Service{
		Deps:   c,
		store:  &store{kv: c.Consul.KV(), txn: c.Consul.Txn()},
		view:   newView(),
		events: newBroker(c.Now),
		began:  c.Now(),
	}
	s.uses.begin()
	s.work = newWorker(s)
	return s
}

// Run watches the engines and, while this machine holds the leader's lock,
// reconciles. It returns when ctx ends.
func (s *Service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	s.watchAll(ctx, g)
	g.Go(func() error { return s.keepSelf(ctx) })
	g.Go(func() error { return s.tendOwn(ctx) })
	g.Go(func() error { return s.echoNodeOps(ctx) })
	g.Go(func() error { return s.watchGossip(ctx) })
	g.Go(func() error { return s.lead(ctx, s.leadWork) })
	return g.Wait()
}
