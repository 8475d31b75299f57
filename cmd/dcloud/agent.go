package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/node"
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
	ctx, m.again = context.WithCancelCause(ctx)
	defer m.again(nil)
	if err := m.prepare(ctx, log); err != nil {
		return err
	}
	a, err := m.assemble(log)
	if err != nil {
		return err
	}
	listeners, err := m.listen()
	if err != nil {
		return err
	}
	server := api.New(a.service, api.Options{
		Log: log, Version: version, Panel: a.panel, Sessions: a.sessions, Doors: []netip.Prefix{m.node.Pool},
		Tokens: func(context.Context) (map[string]api.TokenHash, error) {
			token, err := apiToken(m.layout)
			return map[string]api.TokenHash{"owner": api.TokenSum(token)}, err
		},
	})
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return a.engines.Run(running) })
	g.Go(func() error { return a.run(running) })
	g.Go(func() error { return server.Serve(running, listeners...) })
	g.Go(func() error { return keepNetworks(running, log, m.node) })
	err = g.Wait()
	if errors.Is(context.Cause(ctx), errAnew) {
		// In this same process, so that whoever keeps the agent running sees no end.
		return syscall.Exec(agentBinary(l), os.Args, os.Environ())
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // that it was to end
	}
	return err
}

// apiToken reads the token of the API, which is replaced when a server is removed.
func apiToken(l node.Layout) (string, error) {
	text, err := os.ReadFile(filepath.Join(l.Secrets(), node.SecretAPI))
	if err != nil {
		return "", fmt.Errorf("read the API's token: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// prepare makes what the kernel forgets at a reboot, and the engines bind to.
func (m *machine) prepare(ctx context.Context, log *slog.Logger) error {
	if _, err := node.EnsureInterface(node.Interface, m.node.Prefix()); err != nil {
		return err
	}
	if err := node.EnsureFirewall(ctx, m.node); err != nil {
		return err
	}
	if err := dropDeadNetworks(ctx, log); err != nil {
		log.Warn("cannot tell whether apps have lost their networks", "err", err)
	}
	return nil
}

// listen opens the agent's ports: a Unix socket for this machine's owner, loopback
// for its front door and, on a server, the pool's network for the others' doors.
func (m *machine) listen() (list []net.Listener, err error) {
	defer func() {
		for _, l := range list {
			if err != nil {
				l.Close()
			}
		}
	}()
	unix, err := api.ListenUnix(m.layout.Socket())
	if err != nil {
		return nil, err
	}
	list = append(list, unix)
	addresses := []string{loopback(node.AgentPort)}
	if m.node.Role == pool.RoleServer {
		addresses = append(addresses, net.JoinHostPort(m.node.Address.String(), strconv.Itoa(node.AgentPort)))
	}
	for _, address := range addresses {
		tcp, err := net.Listen("tcp", address)
		if err != nil {
			return list, agent.Errorf(agent.CodeConflict, "the agent's port is taken: %w", err).
				WithHint("see by whom with: dcloud doctor")
		}
		list = append(list, tcp)
	}
	return list, nil
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
	for end := time.Now().Add(lockPatience); err == nil && lock == nil && time.Now().Before(end); {
		if pid, err := writtenPID(l); err != nil || pid != 0 {
			break // an agent does
		}
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
