package control

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	consul "github.com/hashicorp/consul/api"
)

// sessionTTL is how long after the holder died on another machine the lock is
// given to the next. Consul's least is 10 s.
const sessionTTL = 10 * time.Second

// holder is the value of the lock.
type holder struct {
	Node    string `json:"node"`
	Session string `json:"session"`
}

// Leader names the machine whose control service reconciles, and tells whether that
// is this one: its events are those of all operations, so others hand requests on to
// it. The name is "" while nobody does or Consul does not answer.
func (s *Service) Leader(ctx context.Context) (node string, self bool) {
	pair, _, err := s.Consul.KV().Get(keyLeader, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil || pair == nil || pair.Session == "" {
		return "", false
	}
	var h holder
	if json.Unmarshal(pair.Value, &h) != nil || h.Session != pair.Session {
		return "", false
	}
	return h.Node, h.Node == s.Node
}

// lead runs work while this machine holds the lock, again and again until ctx ends.
func (s *Service) lead(ctx context.Context, work func(context.Context)) error {
	delay := 100 * time.Millisecond
	for ctx.Err() == nil {
		err := s.leadOnce(ctx, work)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.Log.Debug("not reconciling", "err", err)
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
		delay = min(2*delay, 2*time.Second)
		if err == nil {
			delay = 100 * time.Millisecond
		}
	}
	return nil
}

func (s *Service) leadOnce(ctx context.Context, work func(context.Context)) error {
	s.endOwnOldSession(ctx)
	id, _, err := s.Consul.Session().CreateNoChecks(&consul.SessionEntry{
		Name: "dcloud control", TTL: sessionTTL.String(), Behavior: consul.SessionBehaviorRelease, LockDelay: time.Millisecond,
	}, (&consul.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("make a session: %w", err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if _, err := s.Consul.Session().Destroy(id, (&consul.WriteOptions{}).WithContext(end)); err != nil {
			s.Log.Debug("end the session", "err", err)
		}
	}()
	value, err := json.Marshal(holder{Node: s.Node, Session: id})
	if err != nil {
		return err
	}
	ok, _, err := s.Consul.KV().Acquire(&consul.KVPair{Key: keyLeader, Value: value, Session: id}, (&consul.WriteOptions{}).WithContext(ctx))
	if err != nil || !ok {
		return fmt.Errorf("the lock is held elsewhere (%v)", err)
	}

	ctx, cancel := context.WithCancel(ctx)
	var hold sync.WaitGroup
	defer hold.Wait()
	defer cancel()
	hold.Go(func() { s.holdLock(ctx, cancel, id) })
	s.Log.Info("reconciling", "node", s.Node)
	work(ctx)
	return nil
}

// holdLock keeps the session alive and ends the work when the lock is lost.
func (s *Service) holdLock(ctx context.Context, lost context.CancelFunc, id string) {
	var renewing sync.WaitGroup
	defer renewing.Wait()
	defer lost()
	renewing.Go(func() {
		defer lost()
		// RenewPeriodic would give up after one TTL without an answer; so do we, on purpose.
		_ = s.Consul.Session().RenewPeriodic(sessionTTL.String(), id, (&consul.WriteOptions{}).WithContext(ctx), ctx.Done())
	})
	var index uint64
	for ctx.Err() == nil {
		pair, meta, err := s.Consul.KV().Get(keyLeader, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			select {
			case <-time.After(500 * time.Millisecond): // Consul restarts; the session decides
			case <-ctx.Done():
			}
			index = 0
			continue
		}
		if pair == nil || pair.Session != id {
			return
		}
		index = meta.LastIndex
	}
}

// endOwnOldSession frees the lock of an agent that was killed on this machine.
// The agent's file lock guarantees that it is gone, so there is no need to wait
// for the session to run out.
func (s *Service) endOwnOldSession(ctx context.Context) {
	pair, _, err := s.Consul.KV().Get(keyLeader, consistent(ctx))
	if err != nil || pair == nil || pair.Session == "" {
		return
	}
	var h holder
	if json.Unmarshal(pair.Value, &h) != nil || h.Node != s.Node || h.Session != pair.Session {
		return
	}
	if _, err := s.Consul.Session().Destroy(h.Session, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
		s.Log.Debug("end the session of the agent before", "err", err)
	}
}
