package control

import (
	"context"
	"time"

	nomad "github.com/hashicorp/nomad/api"
)

const (
	stuckLook  = 10 * time.Second
	stuckAfter = 30 * time.Second // a task that was received is set up within a second
)

// tendStuck has Nomad place allocations anew that their machine has received and does
// not start. That happens when a machine's power goes twice within about a minute:
// Nomad's client has not saved then what it knew of an allocation that it had taken up
// again ("found an alloc without any local state"), gets it from the server once more,
// as one that runs, and waits for ever. An app with data comes back on its machine,
// where its volumes are.
func (s *Service) tendStuck(ctx context.Context) {
	ticker := time.NewTicker(stuckLook)
	defer ticker.Stop()
	since := map[string]time.Time{} // by allocation: since when it has been seen so
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		for _, id := range s.stuckSince(since) {
			delete(since, id)
			s.Log.Warn("an allocation is not started by its machine, and is placed anew", "alloc", id)
			if _, err := s.Nomad.Allocations().Stop(&nomad.Allocation{ID: id}, (&nomad.QueryOptions{}).WithContext(ctx)); err != nil && ctx.Err() == nil {
				s.Log.Warn("place an allocation anew", "alloc", id, "err", err)
			}
		}
	}
}

// stuckSince notes which allocations of ours are stuck, and returns those that have been
// for long enough.
func (s *Service) stuckSince(since map[string]time.Time) (long []string) {
	now := s.Now()
	seen := map[string]bool{}
	s.view.read(func() {
		for name, i := range s.view.intents {
			if i.Desired != desiredRunning {
				continue
			}
			for _, a := range s.view.allocs[name] {
				if n := s.nomadNode(a.NodeName); n == nil || n.Status != nomad.NodeStatusReady || !stuck(a) {
					continue
				}
				seen[a.ID] = true
				if since[a.ID].IsZero() {
					since[a.ID] = now
				} else if now.Sub(since[a.ID]) >= stuckAfter {
					long = append(long, a.ID)
				}
			}
		}
	})
	for id := range since {
		if !seen[id] {
			delete(since, id)
		}
	}
	return long
}

// stuck tells whether an allocation that is said to run has been received by its machine
// and no task of it has come any further. One that is pending may wait for the one before
// it, a database say, to stop; a task that waits for another does so while that gets on.
func stuck(a *nomad.AllocationListStub) bool {
	if a.DesiredStatus != nomad.AllocDesiredStatusRun || a.ClientStatus != nomad.AllocClientStatusRunning || len(a.TaskStates) == 0 {
		return false
	}
	for _, t := range a.TaskStates {
		if t == nil || len(t.Events) == 0 || t.Events[len(t.Events)-1].Type != nomad.TaskReceived {
			return false
		}
	}
	return true
}
