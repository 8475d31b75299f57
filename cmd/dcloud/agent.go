package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/docker/docker/client"
	"github.com/gofrs/flock"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/selfimage"
)

func newAgentCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "agent",
		Short: "Run this machine's part of the cloud in the foreground",
		Long: `Runs the agent: it looks after Consul, Nomad and Traefik and serves the API.

"dcloud up" starts it in the background, under systemd where that runs. When it
ends, however it ends, engines and apps go on, and the next one takes them over.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := e.layout()
			if err != nil {
				return err
			}
			return e.runAgent(cmd.Context(), l)
		},
	}
}

// runAgent serves until ctx ends. Engines and apps go on then.
func (e *env) runAgent(ctx context.Context, l node.Layout) error {
	// The agent idles almost always: a small heap matters more than the little
	// time that more collections take (as node.EngineEnv does for the engines).
	debug.SetGCPercent(30)
	if os.Geteuid() != 0 {
		return notRoot("dcloud agent")
	}
	lock, err := lockAgent(l)
	if err != nil {
		return err
	}
	defer lock.Close()
	log, closeLog := e.agentLog(l)
	defer closeLog()
	log.Info("agent starts", "version", version, "pid", os.Getpid())
	defer log.Info("agent ends; engines and apps go on")

	m, err := e.loadMachine(l)
	if err != nil {
		return err
	}
	// The kernel forgets both at a reboot, and the engines bind to the address.
	if _, err := node.EnsureInterface(node.Interface, m.node.Prefix()); err != nil {
		return err
	}
	if err := node.EnsureFirewall(ctx, m.node.Address); err != nil {
		return err
	}
	if err := dropDeadNetworks(ctx, log); err != nil {
		log.Warn("cannot tell whether apps have lost their networks", "err", err)
	}
	svc, sup, err := m.assemble(ctx, log)
	if err != nil {
		return err
	}
	unix, err := api.ListenUnix(l.Socket())
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", loopback(node.AgentPort))
	if err != nil {
		return agent.Errorf(agent.CodeConflict, "the agent's port is taken: %w", err).
			WithHint("see by whom with: dcloud doctor")
	}
	token := api.TokenSum(m.input.Secrets.API)
	server := api.New(svc, api.Options{
		Log: log, Version: version,
		Tokens: func(context.Context) (map[string]api.TokenHash, error) {
			return map[string]api.TokenHash{"owner": token}, nil
		},
	})
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return sup.Run(ctx) })
	g.Go(func() error { return svc.Run(ctx) })
	g.Go(func() error { return server.Serve(ctx, unix, tcp) })
	return g.Wait()
}

// assemble makes the supervisor of the engines and the control service over them.
func (m *machine) assemble(ctx context.Context, log *slog.Logger) (*control.Service, *engine.Supervisor, error) {
	consulAPI, err := control.DialConsul(loopback(node.ConsulHTTPPort), m.input.Secrets.ConsulManagement)
	if err != nil {
		return nil, nil, err
	}
	nomadAPI, err := control.DialNomad(m.nomadAddress())
	if err != nil {
		return nil, nil, err
	}
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, nil, fmt.Errorf("prepare to speak to Docker: %w", err)
	}
	var sup *engine.Supervisor
	specs, err := m.engineSpecs(map[string]func(context.Context) error{
		node.Consul: control.ConsulReady(consulAPI, m.grants()),
		node.Nomad: control.NomadReady(nomadAPI, m.node.Name, m.input.Secrets.NomadBootstrap, func() {
			// Not from within the question whether it is ready, which a restart waits for.
			go func() {
				if err := sup.Restart(ctx, node.Nomad); err != nil && ctx.Err() == nil {
					log.Warn("restart Nomad after its first start", "err", err)
				}
			}()
		}),
		node.Traefik: traefikReady,
	})
	if err != nil {
		return nil, nil, err
	}
	sup, err = engine.New(log, m.layout.Run(), specs)
	if err != nil {
		return nil, nil, err
	}
	return control.New(control.Deps{
		Log: log, Consul: consulAPI, Nomad: nomadAPI, Docker: docker,
		Catalog: embeddedCatalog(log),
		Pool: jobs.Pool{
			Domain: m.node.Domain, Scheme: "http", HTTPPort: m.node.HTTPPort, HTTPSPort: m.node.HTTPSPort,
			Timezone: m.node.Timezone, Datacenter: m.node.Datacenter, SelfImage: selfimage.SelfName,
		},
		Node: m.node.Name, Version: version, Panel: m.panel(),
		FrontDoor: loopback(m.node.HTTPPort),
		DiskFree:  func() (int, error) { return diskFree(m.layout.Volumes()) },
		Engines:   sup.Status,
		Rand:      rand.Reader, Now: time.Now,
	}), sup, nil
}

func (m *machine) panel() string {
	return jobs.URL(jobs.Pool{Domain: m.node.Domain, HTTPPort: m.node.HTTPPort}, "panel")
}

// embeddedCatalog parses the entries when somebody first asks.
func embeddedCatalog(log *slog.Logger) func() *catalog.Catalog {
	return func() *catalog.Catalog {
		c, problems := catalog.Embedded()
		if err := problems.Err(); err != nil {
			log.Error("entries of the catalog are broken", "err", err)
		}
		return c
	}
}

// lockAgent makes this process the one agent of a data directory. The kernel
// gives the lock back however the process ends.
func lockAgent(l node.Layout) (*flock.Flock, error) {
	if err := os.MkdirAll(l.Run(), 0o700); err != nil {
		return nil, fmt.Errorf("make the agent's directory: %w", err)
	}
	lock, err := tryLock(l)
	// Whoever asks whether an agent runs holds it for a moment.
	for end := time.Now().Add(time.Second); err == nil && lock == nil && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		lock, err = tryLock(l)
	}
	if err != nil {
		return nil, err
	}
	if lock == nil {
		return nil, agent.Errorf(agent.CodeConflict, "an agent runs on %s already", l.Data).
			WithHint("see how it is with: dcloud status")
	}
	// Who holds it, for `up` and `down`; the lock itself is what counts.
	if err := os.WriteFile(l.Lock(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		lock.Close()
		return nil, fmt.Errorf("write the agent's process number: %w", err)
	}
	return lock, nil
}

// tryLock returns nil where another process holds the lock.
func tryLock(l node.Layout) (*flock.Flock, error) {
	lock := flock.New(l.Lock(), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return lock, nil
}

// agentLog writes to a rotated file, and to stderr where somebody reads that: a
// person at a terminal, or systemd's journal.
func (e *env) agentLog(l node.Layout) (*slog.Logger, func()) {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if e.getenv("DCLOUD_LOG") == "debug" {
		options.Level = slog.LevelDebug
	}
	if isTerminal(e.stderr) || e.getenv("JOURNAL_STREAM") != "" {
		return slog.New(slog.NewTextHandler(e.stderr, options)), func() {}
	}
	file := &lumberjack.Logger{Filename: l.Log("agent"), MaxSize: 5, MaxBackups: 2} // MB: a card is small
	return slog.New(slog.NewTextHandler(file, options)), func() { file.Close() }
}

// diskFree is how many MiB are free for us beneath a directory.
func diskFree(dir string) (int, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("ask how full the disk is: %w", err)
	}
	return int(st.Bavail * uint64(st.Bsize) >> 20), nil
}

func notRoot(command string) *agent.Error {
	return agent.Errorf(agent.CodeFailed, "%s needs root's rights", command).
		WithHint("run it again with: sudo %s", command)
}
