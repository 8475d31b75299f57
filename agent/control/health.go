package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// crashes is how often a task may end by itself during an operation before the
// operation is given up.
const crashes = 3

// awaitRunning waits until all of the job's allocation of this version runs, and
// tells what goes on meanwhile.
func (s *Service) awaitRunning(ctx context.Context, job *nomad.Job, seen *watcher, version uint64, evalID string) (*nomad.AllocationListStub, error) {
	seen.p.start(agent.StagePull, "fetching what it needs")
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	quiet := failed(agent.Errorf(agent.CodeFailed, "%s did not become healthy: nothing happened for %s", *job.ID, patience).
		WithHint("see what it says with: dcloud app logs %s", *job.ID))
	deadline := time.AfterFunc(patience, func() { giveUp(quiet) })
	defer deadline.Stop()
	if evalID != "" {
		go func() {
			if err := s.awaitPlacement(waiting, *job.ID, evalID); err != nil {
				giveUp(err)
			}
		}()
	}

	var alloc *nomad.AllocationListStub
	err := s.view.await(waiting, func() (bool, error) {
		alloc = current(s.view.allocs[*job.ID], version)
		if alloc == nil {
			return false, nil
		}
		news, err := seen.look(alloc)
		if err != nil {
			return false, err
		}
		if news {
			deadline.Reset(patience)
		}
		return seen.running(alloc), nil
	})
	if err != nil {
		return nil, err
	}
	seen.p.done(agent.StageStart, "all its parts run")
	return alloc, nil
}

// awaitFailure returns when the allocation of a job's version cannot come up, with
// the reason, or when ctx ends.
func (s *Service) awaitFailure(ctx context.Context, app string, seen *watcher, version uint64) error {
	return s.view.await(ctx, func() (bool, error) {
		alloc := current(s.view.allocs[app], version)
		if alloc == nil {
			return false, nil
		}
		_, err := seen.look(alloc)
		return false, err
	})
}

// current is the newest allocation of a job's version that should run.
func current(allocs []*nomad.AllocationListStub, version uint64) *nomad.AllocationListStub {
	var newest *nomad.AllocationListStub
	for _, a := range allocs {
		if a.JobVersion >= version && a.DesiredStatus == nomad.AllocDesiredStatusRun && (newest == nil || a.CreateIndex > newest.CreateIndex) {
			newest = a
		}
	}
	return newest
}

// awaitPlacement fails when the evaluation ends without a place for the job.
func (s *Service) awaitPlacement(ctx context.Context, app, evalID string) error {
	var index uint64
	for ctx.Err() == nil {
		eval, meta, err := s.Nomad.Evaluations().Info(evalID, (&nomad.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return nil // the wait for the allocation has its own end
		}
		if len(eval.FailedTGAllocs) > 0 {
			return failed(agent.Errorf(agent.CodeFailed, "%s cannot be placed: %s", app, misplaced(eval.FailedTGAllocs)).
				WithHint("see what there is with: dcloud node list"))
		}
		if eval.Status == nomad.EvalStatusComplete {
			return nil
		}
		index = meta.LastIndex
	}
	return nil
}

// serviceTasks names the tasks that stay up: all but those that run once before.
func serviceTasks(job *nomad.Job) map[string]bool {
	tasks := map[string]bool{}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			if t.Lifecycle == nil || t.Lifecycle.Sidecar {
				tasks[t.Name] = true
			}
		}
	}
	return tasks
}

// awaitChecks waits until all of an allocation's checks pass. It is for apps that
// nothing can be asked of over HTTP.
func (s *Service) awaitChecks(ctx context.Context, job *nomad.Job, alloc string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, failed(agent.Errorf(agent.CodeFailed, "%s did not become healthy within %s", *job.ID, patience).
		WithHint("see what it says with: dcloud app logs %s", *job.ID)))
	defer cancel()
	return s.view.await(ctx, func() (bool, error) { return checksPass(s.view.checks[alloc], countChecks(job)), nil })
}

// countChecks says how many checks Consul will have of a job.
func countChecks(job *nomad.Job) int {
	n := 0
	for _, g := range job.TaskGroups {
		for _, svc := range g.Services {
			n += len(svc.Checks)
		}
		for _, t := range g.Tasks {
			for _, svc := range t.Services {
				n += len(svc.Checks)
			}
		}
	}
	return n
}

func checksPass(checks consul.HealthChecks, want int) bool {
	if len(checks) < want {
		return false
	}
	for _, c := range checks {
		if c.Status != consul.HealthPassing {
			return false
		}
	}
	return true
}

// awaitEnd waits until none of a job's allocations runs any more.
func (s *Service) awaitEnd(ctx context.Context, app string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 11*time.Minute, errors.New("it takes too long to stop")) // Nomad's longest kill_timeout here is 10 min
	defer cancel()
	var index uint64
	for {
		// Nomad itself and not the view, which may not know the newest yet.
		q := (&nomad.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx)
		list, meta, err := s.Nomad.Jobs().Allocations(app, true, q)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return fmt.Errorf("wait for %s to stop: %w", app, err)
		}
		if !slices.ContainsFunc(list, alive) {
			return nil
		}
		index = meta.LastIndex
	}
}

func alive(a *nomad.AllocationListStub) bool {
	return a.ClientStatus == nomad.AllocClientStatusPending || a.ClientStatus == nomad.AllocClientStatusRunning
}
