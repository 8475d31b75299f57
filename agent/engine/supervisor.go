package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Supervisor keeps a list of engines running. Its methods may be called at any time
// and from any goroutine.
type Supervisor struct {
	log    *slog.Logger
	state  string // directory, without symbolic links: part of the marker
	timing Timing
	jitter func(time.Duration) time.Duration
	now    func() time.Time

	engines []*supervised // in the order of the specs

	mu       sync.Mutex
	watchers map[chan struct{}]bool
	running  chan struct{} // closed when Run has ended; nil while it does not run
	halting  chan struct{} // closed once Stop has been called in this Run
	cancel   context.CancelFunc
}

// Option changes how a Supervisor works.
type Option func(*Supervisor)

// WithTiming replaces DefaultTiming.
func WithTiming(t Timing) Option { return func(s *Supervisor) { s.timing = t } }

// WithJitter replaces the spreading of back-off pauses, ±20 % unless said.
func WithJitter(f func(time.Duration) time.Duration) Option {
	return func(s *Supervisor) { s.jitter = f }
}

// WithClock replaces time.Now where states and back-off are reckoned.
func WithClock(now func() time.Time) Option { return func(s *Supervisor) { s.now = now } }

func spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// New prepares a supervisor of the given engines, in the order in which they start.
// stateDir (made 0700 if missing) tells this machine's pools apart; it must stay the
// same from one agent to the next. Nothing runs before Run.
func New(log *slog.Logger, stateDir string, specs []Spec, opts ...Option) (*Supervisor, error) {
	if err := checkSpecs(specs); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the engines' state directory: %w", err)
	}
	abs, err := filepath.Abs(stateDir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, fmt.Errorf("find the engines' state directory: %w", err)
	}
	s := &Supervisor{
		log: log, state: abs, timing: DefaultTiming, jitter: spread, now: time.Now,
		watchers: map[chan struct{}]bool{}, halting: make(chan struct{}),
	}
	for _, o := range opts {
		o(s)
	}
	for _, spec := range specs {
		s.engines = append(s.engines, newSupervised(s, spec.withDefaults()))
	}
	return s, nil
}

// Run adopts the engines that run, starts those that do not, restarts one by one
// those that run with another Spec, and keeps them all running. It blocks.
//
// When the context ends Run returns nil and the engines GO ON running, for the next
// agent to adopt. It also returns nil after Stop. It fails if another agent looks
// after the same state directory (agent.CodeConflict), or if it already runs.
func (s *Supervisor) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.running != nil {
		s.mu.Unlock()
		return agent.Errorf(agent.CodeConflict, "the engines are already looked after")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	s.running, s.cancel, s.halting = over, cancel, make(chan struct{})
	for _, e := range s.engines {
		e.halt, e.ended = make(chan struct{}), make(chan struct{})
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.running = nil
		s.mu.Unlock()
		close(over)
		s.changed()
	}()

	lock, err := lockState(ctx, s.state, s.timing.LockWait)
	if err != nil {
		return s.unlessOver(ctx, err)
	}
	defer lock.Close()
	stale, err := s.adoptAll(ctx)
	if err != nil {
		return s.unlessOver(ctx, err)
	}
	var wg sync.WaitGroup
	for _, e := range s.engines {
		wg.Go(func() { e.run(ctx) })
	}
	wg.Go(func() { s.roll(ctx, stale) })
	wg.Wait()
	return nil
}

func (s *Supervisor) unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// adoptAll gives each engine its running process and returns those engines whose
// process has another Spec than ours.
func (s *Supervisor) adoptAll(ctx context.Context) (stale []*supervised, err error) {
	running, err := scan(s.state)
	if err != nil {
		return nil, err
	}
	for _, e := range s.engines {
		e.adopted = nil
	}
	for _, f := range running {
		e := s.find(f.name)
		p, ok := adopt(f, s.timing)
		if !ok {
			continue
		}
		if e != nil && e.adopted == nil {
			s.log.Info("adopted", "engine", f.name, "pid", f.pid, "version", f.version)
			e.adopted = p
			if f.spec != e.spec.Hash() {
				stale = append(stale, e)
			}
			continue
		}
		// An engine that a newer version does without, or one too many: it would hold
		// ports and data that others need.
		s.log.Warn("stopping an engine that is not wanted", "engine", f.name, "pid", f.pid)
		spec := Spec{}.withDefaults()
		if e != nil {
			spec = e.spec
		}
		ended := p.terminate(ctx, spec.StopSignal, spec.StopTimeout)
		p.release()
		if !ended {
			s.releaseAdopted()
			return nil, ctx.Err()
		}
	}
	slices.SortFunc(stale, func(a, b *supervised) int {
		return slices.Index(s.engines, a) - slices.Index(s.engines, b)
	})
	return stale, nil
}

func (s *Supervisor) releaseAdopted() {
	for _, e := range s.engines {
		if e.adopted != nil {
			e.adopted.release()
			e.adopted = nil
		}
	}
}

// roll restarts changed engines one at a time, and goes on when each is ready again
// or has had its time: those that follow may be what it waits for.
func (s *Supervisor) roll(ctx context.Context, stale []*supervised) {
	for _, e := range stale {
		s.log.Info("restarting with its new configuration", "engine", e.name)
		if err := e.request(ctx, request{}); err != nil {
			s.log.Error("not restarted with its new configuration", "engine", e.name, "error", err)
			continue
		}
		wait, cancel := context.WithTimeout(ctx, s.timing.RollWait)
		if err := s.WaitReady(wait, e.name); err != nil && ctx.Err() == nil {
			s.log.Warn("not ready after its restart", "engine", e.name, "error", err)
		}
		cancel()
	}
}

// Stop ends the engines for good, the last of the list first, and then Run. Each gets
// its StopSignal and, when its StopTimeout is over, SIGKILL. Without Run (the agent is
// gone, its engines are not) Stop finds the engines by itself.
//
// It returns an error if the context ended before all engines had.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.mu.Lock()
	if s.running == nil {
		s.mu.Unlock()
		return s.stopFound(ctx)
	}
	over, cancel := s.running, s.cancel
	select {
	case <-s.halting:
	default:
		close(s.halting)
	}
	s.mu.Unlock()
	for _, e := range slices.Backward(s.engines) {
		select {
		case <-e.haltNow():
		case <-over: // Run ended, or never came to start its engines
		case <-ctx.Done():
			return fmt.Errorf("stop %s: %w", e.name, ctx.Err())
		}
	}
	cancel()
	<-over
	for _, e := range s.engines {
		select {
		case <-e.haltNow():
			if e.status().PID == 0 {
				continue
			}
		default:
		}
		return s.stopFound(ctx) // the agent was told to end meanwhile, or did not get the lock
	}
	return nil
}

// stopFound ends all engines of the state directory while no supervisor runs.
func (s *Supervisor) stopFound(ctx context.Context) error {
	lock, err := lockState(ctx, s.state, s.timing.LockWait)
	if err != nil {
		return err
	}
	defer lock.Close()
	running, err := scan(s.state)
	if err != nil {
		return err
	}
	order := func(f found) int {
		return slices.IndexFunc(s.engines, func(e *supervised) bool { return e.name == f.name })
	}
	slices.SortStableFunc(running, func(a, b found) int { return order(b) - order(a) })
	for _, f := range running {
		spec := Spec{}.withDefaults()
		if e := s.find(f.name); e != nil {
			spec = e.spec
		}
		p, ok := adopt(f, s.timing)
		if !ok {
			continue
		}
		ended := p.terminate(ctx, spec.StopSignal, spec.StopTimeout)
		p.release()
		if !ended {
			return fmt.Errorf("stop %s: %w", f.name, ctx.Err())
		}
	}
	for _, e := range s.engines {
		e.set(func(st *agent.Engine) { st.State, st.Reason, st.PID = agent.EngineStopped, "", 0 })
	}
	return nil
}

// Restart ends an engine politely and starts it anew, at once if it is in back-off. It
// returns when the new process runs; WaitReady tells when it serves.
func (s *Supervisor) Restart(ctx context.Context, name string) error {
	e := s.find(name)
	if e == nil {
		return s.unknown(name)
	}
	return e.request(ctx, request{})
}

// Update gives an engine a new Spec (of the same name; After stays as it was) and
// restarts it if the Hash differs.
func (s *Supervisor) Update(ctx context.Context, spec Spec) error {
	e := s.find(spec.Name)
	if e == nil {
		return s.unknown(spec.Name)
	}
	if err := spec.check(); err != nil {
		return err
	}
	spec = spec.withDefaults()
	return e.request(ctx, request{spec: &spec})
}

func (s *Supervisor) find(name string) *supervised {
	for _, e := range s.engines {
		if e.name == name {
			return e
		}
	}
	return nil
}

func (s *Supervisor) unknown(name string) error {
	var names []string
	for _, e := range s.engines {
		names = append(names, e.name)
	}
	return agent.Errorf(agent.CodeNotFound, "there is no engine %q", name).
		WithHint("dcloud status lists them: %s", strings.Join(names, ", "))
}
