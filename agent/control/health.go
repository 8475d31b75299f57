package control

import (
	"cmp"
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

// awaitRunning waits until all of the job's allocations of this version run, and
// tells what goes on meanwhile.
func (s *Service) awaitRunning(ctx context.Context, job *nomad.Job, seen *watcher, version uint64, evalID string) ([]*nomad.AllocationListStub, error) {
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

	var copies []*nomad.AllocationListStub
	up := 0
	err := s.view.await(waiting, func() (bool, error) {
		copies = running(s.view.allocs[*job.ID], version)
		now := 0
		for _, alloc := range copies {
			news, err := seen.look(alloc)
			if err != nil {
				return false, err
			}
			if news {
				deadline.Reset(patience)
			}
			if seen.running(alloc) {
				now++
			}
		}
		if want := countOf(job); want > 1 && now != up && now < want {
			up = now
			seen.p.update(agent.StageStart, fmt.Sprintf("%d of %d copies run", now, want), percentAt[agent.StageStart])
		}
		return now == len(copies) && now >= countOf(job), nil
	})
	if err != nil {
		return nil, err
	}
	seen.p.done(agent.StageStart, "all its parts run")
	return copies, nil
}

// countOf is how many allocations a job should have.
func countOf(job *nomad.Job) int {
	n := 0
	for _, g := range job.TaskGroups {
		if g.Count != nil {
			n += *g.Count
		}
	}
	return n
}

// awaitFailure returns when an allocation of a job's version cannot come up, with
// the reason, or when ctx ends.
func (s *Service) awaitFailure(ctx context.Context, app string, seen *watcher, version uint64) error {
	return s.view.await(ctx, func() (bool, error) {
		for _, alloc := range running(s.view.allocs[app], version) {
			if _, err := seen.look(alloc); err != nil {
				return false, err
			}
		}
		return false, nil
	})
}

// current is the newest allocation of a job's version that should run.
func current(allocs []*nomad.AllocationListStub, version uint64) *nomad.AllocationListStub {
	var newest *nomad.AllocationListStub
	for _, a := range running(allocs, version) {
		if newest == nil || a.CreateIndex > newest.CreateIndex {
			newest = a
		}
	}
	return newest
}

// running lists the allocations of a job's version that should run, by machine: one
// for each copy, and while copies are being replaced some of the version before.
// One that has a successor counts no more.
func running(allocs []*nomad.AllocationListStub, version uint64) []*nomad.AllocationListStub {
	var list []*nomad.AllocationListStub
	for _, a := range allocs {
		if a.JobVersion >= version && a.DesiredStatus == nomad.AllocDesiredStatusRun && a.NextAllocation == "" {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *nomad.AllocationListStub) int {
		return cmp.Or(cmp.Compare(a.NodeName, b.NodeName), cmp.Compare(a.CreateIndex, b.CreateIndex), cmp.Compare(a.ID, b.ID))
	})
	return list
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

// awaitChecks waits until all checks of a job's allocations pass. It is for apps
// that nothing can be asked of over HTTP.
func (s *Service) awaitChecks(ctx context.Context, job *nomad.Job, copies []*nomad.AllocationListStub) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, failed(agent.Errorf(agent.CodeFailed, "%s did not become healthy within %s", *job.ID, patience).
		WithHint("see what it says with: dcloud app logs %s", *job.ID)))
	defer cancel()
	return s.view.await(ctx, func() (bool, error) {
		for _, alloc := range copies {
			if !checksPass(s.view.checks[alloc.ID], countChecks(job)) {
				return false, nil
			}
		}
		return true, nil
	})
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
