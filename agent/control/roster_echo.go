package control

import (
	"context"
	"sync"

	"github.com/dentropy/dcloud/agent"
)

// carried are the operations on machines that this agent carries out itself, and of
// which it tells all that happens. It only grows by what one person asks for.
type carried struct {
	mu  sync.Mutex
	ops map[string]bool
}

func (s *Service) carries(op string) {
	s.carried.mu.Lock()
	defer s.carried.mu.Unlock()
	if s.carried.ops == nil {
		s.carried.ops = map[string]bool{}
	}
	s.carried.ops[op] = true
}

func (s *Service) isCarried(op string) bool {
	s.carried.mu.Lock()
	defer s.carried.mu.Unlock()
	return s.carried.ops[op]
}

// echoNodeOps tells of operations on machines that another server carries out, as
// far as the records show them: that they began, and how they ended. Whoever asked
// here waits for that.
func (s *Service) echoNodeOps(ctx context.Context) error {
	open := map[string]*nodeRecord{} // by the machine's ID, while an operation is under way
	for {
		var members []*nodeRecord
		ready := false
		changed := s.view.read(func() { members, ready = s.view.members, s.view.ready["members"] })
		if ready {
			s.echo(open, members)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Service) echo(open map[string]*nodeRecord, members []*nodeRecord) {
	now := map[string]*nodeRecord{}
	for _, n := range members {
		now[n.ID] = n
	}
	for id, before := range open {
		n := now[id]
		if n != nil && sameOp(n.Op, before.Op) {
			continue
		}
		delete(open, id)
		if s.isCarried(before.Op.ID) {
			continue
		}
		p := &progress{s: s, op: before.Op.ID, node: before.Name, echo: true}
		switch {
		case n == nil && before.Op.Kind == opRemoveNode:
			p.finish(agent.StageRotate, before.Name+" is removed", "")
		case n != nil && sameOp(n.Last, before.Op) && n.Last.Failure == nil:
			p.finish(agent.StageDrain, before.Op.Kind+" of "+before.Name+" is done", "")
		case n != nil && sameOp(n.Last, before.Op):
			p.fail(agent.StageDrain, n.Last.Failure, nil)
		default:
			p.fail(agent.StageDrain, agent.Errorf(agent.CodeConflict, "%s of %s was called off by a newer change", before.Op.Kind, before.Name).
				WithHint("see how it is with: dcloud node list"), nil)
		}
	}
	for id, n := range now {
		if n.Op != nil && open[id] == nil {
			open[id] = n
		}
	}
}
