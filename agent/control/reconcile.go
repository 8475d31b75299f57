package control

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// resync is how often what runs is compared with what should run although nothing
// said that either changed: it heals what was done behind our back.
const resync = time.Minute

// errSuperseded is the cause of an operation's end by a newer one.
var errSuperseded = errors.New("another change took its place")

// worker carries out what the intents say, one operation per app at a time.
type worker struct {
	s       *Service
	pending chan struct{}

	mu      sync.Mutex
	running map[string]*task
}

type task struct {
	op     string // the operation's ID, "" for a pass without one
	cancel context.CancelCauseFunc
}

func newWorker(s *Service) *worker {
	return &worker{s: s, pending: make(chan struct{}, 1), running: map[string]*task{}}
}

// wake asks for a pass. It never blocks.
func (w *worker) wake() {
	select {
	case w.pending <- struct{}{}:
	default:
	}
}

// busy tells whether something is done about an app at the moment.
func (w *worker) busy(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running[name] != nil
}

// run reconciles until ctx ends.
func (w *worker) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	tick := time.NewTicker(resync)
	defer tick.Stop()
	// What should run is to be known before it can be compared with what does.
	if w.s.view.await(ctx, func() (bool, error) { return w.s.view.ready["intents"], nil }) != nil {
		return
	}
	drift := true
	for {
		var again <-chan time.Time
		if drift = !w.pass(ctx, &wg, drift) && drift; drift {
			again = time.After(2 * time.Second)
		}
		select {
		case <-w.pending:
		case <-again:
		case <-tick.C:
			drift = true
		case <-ctx.Done():
			return
		}
	}
}

// pass starts what has to be done. With drift it also compares the jobs that Nomad
// has with what the intents ask for, and tells whether it could.
func (w *worker) pass(ctx context.Context, wg *sync.WaitGroup, drift bool) (compared bool) {
	var todo []*Intent
	w.s.view.read(func() {
		for _, i := range w.s.view.intents {
			todo = append(todo, i)
		}
	})
	var jobs map[string]jobState
	if drift {
		var err error
		if jobs, err = w.s.ownJobs(ctx); err != nil && ctx.Err() == nil {
			w.s.Log.Warn("cannot compare the jobs with the intents", "err", err)
		}
		if err := w.s.store.sweepHosts(ctx); err != nil && ctx.Err() == nil {
			w.s.Log.Warn("hosts that nobody has stay", "err", err)
		}
		if err := w.s.sweepPasswords(ctx); err != nil && ctx.Err() == nil {
			w.s.Log.Warn("passwords that nobody has stay", "err", err)
		}
	}
	for _, i := range todo {
		op := ""
		if i.Op != nil {
			op = i.Op.ID
		}
		w.mu.Lock()
		t := w.running[i.Name]
		if t != nil && op != "" && t.op != op {
			t.cancel(errSuperseded)
		}
		w.mu.Unlock()
		if t != nil || op == "" && !drifted(i, jobs, w.s.Pool.Domain, w.s.door()) {
			continue
		}
		w.begin(ctx, wg, i.Name, op)
	}
	return jobs != nil
}

func (w *worker) begin(ctx context.Context, wg *sync.WaitGroup, name, op string) {
	ctx, cancel := context.WithCancelCause(ctx)
	w.mu.Lock()
	w.running[name] = &task{op: op, cancel: cancel}
	w.mu.Unlock()
	wg.Go(func() {
		defer func() {
			cancel(nil)
			w.mu.Lock()
			delete(w.running, name)
			w.mu.Unlock()
			w.wake() // something newer may have waited for this one
		}()
		if err := w.s.settle(ctx, name, op); err != nil && ctx.Err() == nil {
			w.s.Log.Error("reconcile", "app", name, "err", err)
			// Not the app's fault but an engine's: the operation is still in the
			// intent, so try again when the engines had time to come back.
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
			}
		}
	})
}

// settle brings one app to what its intent says. opID is the operation that the view
// showed; where the record is already at another, the view is late, and the next
// pass does it.
func (s *Service) settle(ctx context.Context, name, opID string) error {
	i, err := s.store.intent(ctx, name)
	if err != nil {
		return err
	}
	if i == nil {
		s.awaitGone(ctx, name)
		return nil
	}
	op := i.Op
	if op == nil && opID != "" || op != nil && op.ID != opID {
		s.awaitIntents(ctx, i.index)
		return nil
	}
	if op == nil {
		op = &Op{ID: opReconcile, Kind: opStart}
		if i.Desired == desiredStopped {
			op.Kind = opStop
		}
	}
	s.Log.Info("operation begins", "app", name, "op", op.ID, "kind", op.Kind)
	p := &progress{s: s, op: op.ID, app: name}
	err = s.carryOut(ctx, i, op, p)
	if context.Cause(ctx) == errSuperseded {
		return nil // whoever took its place has said so
	}
	s.Log.Info("operation ends", "app", name, "op", op.ID, "err", err)
	if err != nil && ctx.Err() == nil {
		p.retry(s.told(err))
	}
	return err
}

func (s *Service) carryOut(ctx context.Context, i *Intent, op *Op, p *progress) error {
	if op.Kind == opRemove {
		return s.remove(ctx, i, p)
	}
	if err := s.followDomain(ctx, i); err != nil {
		return err
	}
	if op.Kind == opStop {
		return s.halt(ctx, i, p)
	}
	return s.deployOrTakeBack(ctx, i, op, p)
}

// finish writes that the operation is over; failure is nil when it went well.
func (s *Service) finish(ctx context.Context, i *Intent, failure *Failure) error {
	if i.Op == nil && failure == nil && i.Failure == nil {
		return nil
	}
	if i.Op != nil {
		if err := s.dropOldPasswords(ctx, i); err != nil {
			s.Log.Warn("a password that nothing refers to stays for a while", "app", i.Name, "err", err)
		}
	}
	i.Op, i.Failure, i.Made = nil, failure, Made{}
	if err := s.store.update(ctx, i); err != nil {
		return err
	}
	s.awaitIntents(ctx, i.index)
	return nil
}

// deployOrTakeBack starts an app. Where that fails for a reason that is the app's
// own, an install takes back all that it made and a change of settings goes back
// to those before; other errors leave the operation to be tried again.
func (s *Service) deployOrTakeBack(ctx context.Context, i *Intent, op *Op, p *progress) error {
	url, err := s.deploy(ctx, i, op.Started, p)
	if err == nil && op.Undone != nil {
		if err := s.finish(ctx, i, nil); err != nil {
			return err
		}
		p.fail(op.Undone.Stage, agent.Errorf(agent.CodeFailed, "%s", op.Undone.Message).
			WithHint("the %s from before %s in force again; see what the app said with: dcloud app logs %s", changedBy(op), isAre(op), i.Name), op.Undone.Logs)
		return nil
	}
	if err == nil {
		if err := s.finish(ctx, i, nil); err != nil {
			return err
		}
		s.sweep(ctx, i.Name, 1)
		stage, message := agent.StageRouted, "running at "+url
		if url == "" {
			stage, message = agent.StageHealthy, "running"
		}
		p.finish(stage, message, url)
		return nil
	}
	var own *appError
	if !errors.As(err, &own) || ctx.Err() != nil {
		return err
	}
	logs := s.lastLines(ctx, i.Name, 20)
	stage, told := p.stage(), own.told
	switch {
	case op.Kind == opInstall:
		if err := s.takeBack(ctx, i, p); err != nil {
			s.Log.Error("take back a failed install", "app", i.Name, "err", err)
			return err
		}
	case (op.Kind == opConfigure || op.Kind == opOverride) && op.Undone == nil:
		return s.undo(ctx, i, &Failure{Stage: stage, Message: told.Message, Time: s.Now(), Logs: logs}, p)
	default:
		if err := s.finish(ctx, i, &Failure{Stage: stage, Message: told.Message, Time: s.Now()}); err != nil {
			return err
		}
	}
	p.fail(stage, told, logs)
	return nil
}

// undo puts back what was before a configure or an override, and makes that run.
func (s *Service) undo(ctx context.Context, i *Intent, why *Failure, p *progress) error {
	undo := *i.Op
	undo.Undone = why
	i.Op = &undo
	switch undo.Kind {
	case opOverride:
		i.Override = undo.Before
	default:
		i.Settings = undo.Previous
	}
	if err := s.store.update(ctx, i); err != nil {
		return err
	}
	s.awaitIntents(ctx, i.index)
	p.update(agent.StageStart, "it failed; going back to the "+changedBy(&undo)+" from before", percentAt[agent.StageStart])
	return s.deployOrTakeBack(ctx, i, &undo, p)
}

// appError is a failure that trying again would not mend: it is told to the person.
type appError struct{ told *agent.Error }

func (e *appError) Error() string { return e.told.Error() }
func (e *appError) Unwrap() error { return e.told }

func failed(e *agent.Error) error { return &appError{e} }
