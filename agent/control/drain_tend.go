package control

import (
	"context"
	"errors"
	"sync"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// steward is what the leader does about machines: it carries operations on them out,
// finishes what was broken off, and takes back machines that did not come to join.
type steward struct {
	s *Service

	mu      sync.Mutex
	running map[string]*task // by the machine's ID
	done    chan struct{}    // something ended; holds one
}

// tendNodes runs until ctx ends.
func (s *Service) tendNodes(ctx context.Context) {
	t := &steward{s: s, running: map[string]*task{}, done: make(chan struct{}, 1)}
	var wg sync.WaitGroup
	defer wg.Wait()
	tick := time.NewTicker(resync)
	defer tick.Stop()
	if s.view.await(ctx, func() (bool, error) { return s.view.ready["members"] && s.view.ready["nodes"], nil }) != nil {
		return
	}
	wg.Go(func() { s.sweepNodes(ctx) })
	for {
		var members []*nodeRecord
		changed := s.view.read(func() { members = s.view.members })
		for _, n := range members {
			t.tend(ctx, &wg, n)
		}
		select {
		case <-changed:
		case <-t.done:
		case <-tick.C:
			wg.Go(func() { s.sweepNodes(ctx) })
		case <-ctx.Done():
			return
		}
	}
}

// tend begins what has to be done about a machine, if it is not under way.
func (t *steward) tend(ctx context.Context, wg *sync.WaitGroup, n *nodeRecord) {
	op := ""
	if n.Op != nil {
		op = n.Op.ID
	}
	if op == "" && (!n.Removing || n.Joining) { // one that was joining is sweepNodes's
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.running[n.ID]; now != nil {
		if op != "" && now.op != op {
			now.cancel(errSuperseded)
		}
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	t.running[n.ID] = &task{op: op, cancel: cancel}
	t.s.carries(op)
	wg.Go(func() {
		defer func() {
			cancel(nil)
			t.mu.Lock()
			delete(t.running, n.ID)
			t.mu.Unlock()
			select {
			case t.done <- struct{}{}:
			default:
			}
		}()
		if err := t.s.settleNode(ctx, n.ID, op); err != nil && ctx.Err() == nil {
			t.s.Log.Error("operation on a machine", "node", n.Name, "op", op, "err", err)
			select {
			case <-time.After(2 * time.Second): // an engine is away: it is in the record, and tried again
			case <-ctx.Done():
			}
		}
	})
}

// settleNode carries out the operation that a machine's record has, or finishes what
// was broken off.
func (s *Service) settleNode(ctx context.Context, id, opID string) error {
	r, err := s.store.roster(ctx)
	if err != nil {
		return err
	}
	n := r.byID(id)
	if n == nil || n.Op == nil && !n.Removing || n.Op != nil && n.Op.ID != opID {
		// The view is late.
		s.awaitMembers(ctx, func(m *nodeRecord) bool { return m.ID == id && sameOp(m.Op, opOf(n)) }, n != nil)
		return nil
	}
	op := nodeOp{ID: opReconcile, Kind: opRemoveNode, Started: s.Now()}
	if n.Op != nil {
		op = *n.Op
	}
	s.Log.Info("operation begins", "node", n.Name, "op", op.ID, "kind", op.Kind)
	p := &progress{s: s, op: op.ID, node: n.Name}
	err = s.carryOutNode(ctx, n, op, p)
	if context.Cause(ctx) == errSuperseded {
		return nil
	}
	s.Log.Info("operation ends", "node", n.Name, "op", op.ID, "err", err)
	if err != nil && ctx.Err() == nil {
		p.retry(s.told(err))
	}
	return err
}

func opOf(n *nodeRecord) *nodeOp {
	if n == nil {
		return nil
	}
	return n.Op
}

func (s *Service) carryOutNode(ctx context.Context, n *nodeRecord, op nodeOp, p *progress) error {
	var message string
	var err error
	switch op.Kind {
	case opRemoveNode:
		return s.removeNode(ctx, n, op, p)
	case opDrain:
		message, err = s.drainNode(ctx, n, op, p)
	case opUndrain:
		message, err = s.undrainNode(ctx, n, p)
	default:
		err = failed(agent.Errorf(agent.CodeFailed, "%s cannot be done here: the server is too old", clip(op.Kind, 40)))
	}
	var own *appError
	if err != nil && (!errors.As(err, &own) || ctx.Err() != nil) {
		return err
	}
	if own != nil {
		op.Failure = own.told
	}
	over := func(m *nodeRecord) bool { return m.ID == n.ID && !sameOp(m.Op, &op) }
	err = s.store.amendNode(ctx, n.ID, func(now *nodeRecord) (bool, error) {
		if now == nil || !sameOp(now.Op, &op) {
			return false, nil
		}
		now.Op, now.Last = nil, &op
		return true, nil
	})
	if err != nil {
		return err
	}
	s.awaitMembers(ctx, over, true)
	if own != nil {
		p.fail(agent.StageDrain, own.told, nil)
		return nil
	}
	p.finish(agent.StageDrain, message, "")
	return nil
}

// sweepNodes takes back what time has made void: machines that did not come to join,
// old tokens, and machines that Nomad lists although they are gone and no members.
func (s *Service) sweepNodes(ctx context.Context) {
	r, err := s.store.roster(ctx)
	if err == nil {
		err = s.store.sweepTokens(ctx, s.Now())
	}
	if err == nil {
		err = s.store.sweepPending(ctx, s.Now())
	}
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Warn("old tokens and machines stay", "err", err)
		}
		return
	}
	for _, n := range r.nodes {
		late := n.Joining && n.Op == nil && s.Now().Sub(n.Since) >= joinsWithin
		if n.Removing {
			late = n.Joining && n.Op == nil && s.Now().Sub(n.Ended) >= takesBackWithin
		}
		if late {
			if err := s.takeBackNode(ctx, n.ID, n.Since); err != nil && ctx.Err() == nil {
				s.Log.Warn("a machine that did not come to join stays", "node", n.Name, "err", err)
			}
		}
	}
	if len(r.nodes) == 0 {
		return // our own record is still to be written
	}
	var strangers []*nomad.NodeListStub
	s.view.read(func() {
		for _, n := range s.view.nodes {
			if n.Status == nomad.NodeStatusDown && r.byName(n.Name) == nil {
				strangers = append(strangers, n)
			}
		}
	})
	for _, n := range strangers {
		if _, _, err := s.Nomad.Nodes().Purge(n.ID, (&nomad.QueryOptions{}).WithContext(ctx)); err != nil && ctx.Err() == nil {
			s.Log.Warn("Nomad lists a machine that is no member", "node", n.Name, "err", err)
		}
	}
}

// leadWork is what the leader does.
func (s *Service) leadWork(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.tendNodes(ctx) })
	wg.Go(func() { s.tendStuck(ctx) })
	wg.Go(func() { s.measure(ctx) })
	wg.Go(func() { s.tendActivity(ctx) })
	wg.Go(func() { s.tellFailures(ctx) })
	wg.Go(func() { s.watchHealth(ctx) })
	s.work.run(ctx)
	wg.Wait()
}
