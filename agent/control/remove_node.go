package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// takesBackWithin is how long who takes a machine back may need. The leader finishes
// what was broken off only after it: two at once could hit the machine's next try.
const takesBackWithin = time.Minute

// joinsWithin is how long a machine may be joining: one that has not told by then
// that it works was broken off, and is taken back.
const joinsWithin = 15 * time.Minute

// takeBackNode removes a machine that is still joining, with all that it was given,
// and gives its token the use back. since, unless zero, is the latest time at which
// it may have been admitted to be taken back.
func (s *Service) takeBackNode(ctx context.Context, id string, since time.Time) error {
	if err := s.dismissJoining(ctx, id, since); err != nil {
		return err
	}
	var n *nodeRecord
	err := s.store.amendNode(ctx, id, func(r *nodeRecord) (bool, error) {
		n = nil
		if r == nil || !since.IsZero() && r.Since.After(since) {
			return false, nil
		}
		if !r.Joining {
			return false, agent.Errorf(agent.CodeConflict, "%s has joined already", r.Name).
				WithHint("take it out again, on that machine, with: dcloud node leave")
		}
		n = r
		r.Removing, r.Op, r.Ended = true, nil, s.Now().UTC() // from here on it is no member, and cannot be confirmed
		return true, nil
	})
	if err != nil || n == nil {
		return err
	}
	if err := s.dismantle(ctx, n.Member); err != nil {
		return err
	}
	err = s.store.amend(ctx, func(r *roster) ([]*consul.TxnOp, error) {
		now := r.byID(id)
		if now == nil || !now.Removing {
			return nil, nil
		}
		steps := []*consul.TxnOp{now.drop()}
		t, err := s.store.token(ctx, now.Token)
		if err != nil || t == nil || !t.giveBack(id) {
			return steps, err
		}
		step, err := t.put()
		return append(steps, step), err
	})
	if err == nil {
		s.Log.Info("a machine that did not come to join was taken back", "node", n.Name)
		s.noteNotJoined(ctx, n)
	}
	return err
}

// dismissJoining is DismissServer for a server that is still joining. Its engines may
// have been given a vote long before it tells that it works.
func (s *Service) dismissJoining(ctx context.Context, id string, since time.Time) error {
	r, err := s.store.roster(ctx)
	if err != nil {
		return err
	}
	n := r.byID(id)
	if n == nil || !n.Joining || n.Removing || !since.IsZero() && n.Since.After(since) {
		return nil
	}
	return s.DismissServer(ctx, n.Member)
}

// giveBack undoes a machine's use of a token, and tells whether there was one.
func (t *tokenRecord) giveBack(id string) bool {
	for k := len(t.Used) - 1; k >= 0; k-- {
		if t.Used[k].ID == id {
			t.Used = append(t.Used[:k:k], t.Used[k+1:]...)
			t.Left++
			return true
		}
	}
	return false
}

var errAway = errors.New("the machine is away")

// RemoveNode takes a machine out of the pool.
func (s *Service) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (_ agent.Operation, err error) {
	defer s.tell(&err)
	plan, err := s.NodePlan(ctx, name)
	if err != nil {
		return agent.Operation{}, err
	}
	if !how.Abandon {
		var held []string
		for _, stay := range plan.Stays {
			if stay.Data {
				held = append(held, stay.App)
			}
		}
		if len(held) > 0 {
			return agent.Operation{}, agent.Errorf(agent.CodeConflict, "data of %s is on %s", strings.Join(held, ", "), name).
				WithHint("remove such an app with its data (dcloud app remove NAME --purge-data), or give the data up with: dcloud node remove %s --abandon", name)
		}
	}
	return s.changeNode(ctx, name, opRemoveNode, how.Abandon, func(r *roster, n *nodeRecord) error {
		switch {
		case n.Removing:
			return agent.Errorf(agent.CodeConflict, "%s is being removed already", name).WithHint("see what there is with: dcloud node list")
		case n.Role == pool.RoleServer && !n.Joining && r.servers() <= 1:
			return agent.Errorf(agent.CodeConflict, "%s is the only server: without it there is no cloud", name).
				WithHint("to end the cloud and delete all of it, on that machine: dcloud down --purge")
		case n.ID == s.Members.Self.ID:
			return agent.Errorf(agent.CodeConflict, "%s is the machine that carries this out, and cannot remove itself", name).
				WithHint("if the cloud did not begin with it, on %s itself: dcloud node leave", name)
		}
		return nil
	})
}

// removeNode carries a removal out. It can be repeated from anywhere.
func (s *Service) removeNode(ctx context.Context, n *nodeRecord, op nodeOp, p *progress) error {
	if !n.Removing {
		if err := s.empty(ctx, n, op, p); err != nil {
			return err
		}
		p.done(agent.StageDrain, "nothing runs on it any more")
		if op.Abandon {
			if err := s.abandonVolumes(ctx, n.Name, p); err != nil {
				return err
			}
		}
		p.start(agent.StageRemove, "taking it out of the cloud")
		if err := s.DismissServer(ctx, n.Member); err != nil {
			return err
		}
		err := s.store.amendNode(ctx, n.ID, func(r *nodeRecord) (bool, error) {
			if r == nil {
				return false, nil
			}
			r.Removing = true
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	p.enter(agent.StageRemove)
	if err := s.dismantle(ctx, n.Member); err != nil {
		return err
	}
	p.done(agent.StageRemove, "its keys and tokens open nothing any more")
	if err := s.rotate(ctx, n, op, p); err != nil {
		return err
	}
	err := s.store.amend(ctx, func(r *roster) ([]*consul.TxnOp, error) {
		now := r.byID(n.ID)
		if now == nil {
			return nil, nil
		}
		r.pool.Keys++
		r.pool.Gone = note(r.pool.Gone, gone{ID: n.ID, Name: n.Name, Address: n.Address, At: s.Now().UTC()})
		steps := []*consul.TxnOp{now.drop()}
		tokens, err := s.store.tokens(ctx)
		for _, t := range knownTo(tokens, n.ID) {
			t.Left = 0
			step, err := t.put()
			if err != nil {
				return nil, err
			}
			steps = append(steps, step)
		}
		return steps, err
	})
	if err != nil {
		return err
	}
	s.awaitMembers(ctx, func(m *nodeRecord) bool { return m.ID == n.ID }, false)
	p.finish(agent.StageRotate, n.Name+" is removed", "")
	return nil
}

// rotate replaces the keys that the machine knew, once.
func (s *Service) rotate(ctx context.Context, n *nodeRecord, op nodeOp, p *progress) error {
	if s.Members.Rotate == nil || op.Rotated {
		return nil
	}
	p.start(agent.StageRotate, "replacing the keys that it knew")
	// The new keys go to the members of the roster that was told last.
	if err := s.awaitTold(ctx, n.ID); err != nil {
		return err
	}
	if err := s.Members.Rotate(ctx, n.Role); err != nil {
		return fmt.Errorf("replace the gossip keys: %w", err)
	}
	return s.store.amendNode(ctx, n.ID, func(r *nodeRecord) (bool, error) {
		if r == nil || r.Op == nil {
			return false, nil
		}
		done := *r.Op
		done.Rotated = true
		r.Op = &done
		return true, nil
	})
}

// awaitTold waits until the roster that this machine tells is without a member.
func (s *Service) awaitTold(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 10*time.Second, errors.New("the new roster does not get told"))
	defer cancel()
	return s.view.await(ctx, func() (bool, error) {
		if !s.view.ready["told"] {
			return true, nil // nobody asked for it
		}
		_, in := s.known.Member(id)
		return !in, nil
	})
}

// awaitMembers waits until the view has, or has not, a member as described, so that
// who hears of an operation's end finds it in the list.
func (s *Service) awaitMembers(ctx context.Context, is func(*nodeRecord) bool, want bool) {
	ctx, cancel := context.WithTimeout(ctx, lateView)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) {
		for _, n := range s.view.members {
			if is(n) {
				return want, nil
			}
		}
		return !want, nil
	})
}

// abandonVolumes deletes Nomad's records of the volumes on a machine, and what is in
// them where the machine can still be reached.
func (s *Service) abandonVolumes(ctx context.Context, name string, p *progress) error {
	reachable := false
	s.view.read(func() {
		for _, n := range s.view.nodes {
			reachable = reachable || n.Name == name && n.Status == nomad.NodeStatusReady
		}
	})
	held, err := s.volumesOn(ctx, name)
	if err != nil {
		return err
	}
	for _, v := range held {
		p.update(agent.StageDrain, "giving up "+v.Name, percentAt[agent.StageDrain])
		err := errAway
		if reachable {
			err = s.deleteVolume(ctx, v.ID)
		}
		if err != nil { // Nomad is to forget it all the same
			_, _, err = s.Nomad.HostVolumes().Delete(&nomad.HostVolumeDeleteRequest{ID: v.ID, Force: true}, (&nomad.WriteOptions{}).WithContext(ctx))
		}
		if err != nil && !isNotFound(err) {
			return fmt.Errorf("give up volume %s: %w", v.Name, err)
		}
	}
	return nil
}
