package control

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// prefixActivity + ID: an agent.Activity. Of an operation the ID is the operation's.
const prefixActivity = "dcloud/activity/"

// Bounds of the history.
const (
	keepsActivity = 1000
	keepsOwn      = 50  // of what each person did to their own account
	mostActivity  = 500 // in one answer
	someActivity  = 50  // unless said
)

// noting bounds how long the history may hold up what it tells of.
const noting = 3 * time.Second

// newID draws an ID that sorts by time: twelve hex digits of milliseconds since 1970,
// then eight random bytes.
func (s *Service) newID() (string, error) {
	b := make([]byte, 8)
	if _, err := io.ReadFull(s.Rand, b); err != nil {
		return "", err
	}
	return fmt.Sprintf("%012x", s.Now().UnixMilli()) + hex.EncodeToString(b), nil
}

// Note writes a change into the history. It fills in what is not said: ID, who did it
// (from the context), times, and that it is done. Where that does not work it is only
// logged: nobody's change fails for its history.
func (s *Service) Note(ctx context.Context, a agent.Activity) {
	if err := s.note(ctx, a); err != nil {
		s.Log.Warn("a change is missing from the history", "action", a.Action, "app", a.App, "node", a.Node, "err", err)
	}
}

func (s *Service) note(ctx context.Context, a agent.Activity) error {
	a.Actor = cmp.Or(a.Actor, actorOf(ctx))
	if a.ID == "" {
		id, err := s.newID()
		if err != nil {
			return fmt.Errorf("draw an ID: %w", err)
		}
		a.ID = id
	}
	if a.Started.IsZero() {
		a.Started = s.Now().UTC()
	}
	a.Outcome = cmp.Or(a.Outcome, agent.OutcomeDone)
	if a.Ended.IsZero() && a.Outcome != agent.OutcomeRunning {
		a.Ended = s.Now().UTC()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	return s.putActivity(ctx, a, 0)
}

// putActivity writes a record unless it is not what it was at an index (0: not there).
func (s *Service) putActivity(ctx context.Context, a agent.Activity, index uint64) error {
	step, err := activityStep(a, index)
	if err != nil {
		return err
	}
	ok, res, _, err := s.store.txn.Txn(consul.TxnOps{step}, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	if !ok {
		return errRaced
	}
	s.awaitActivity(ctx, res.Results[0].KV.ModifyIndex)
	return nil
}

// activityStep is the step of a transaction that writes a record.
func activityStep(a agent.Activity, index uint64) (*consul.TxnOp, error) {
	text, err := json.Marshal(clipActivity(a))
	if err != nil {
		return nil, fmt.Errorf("write down a change: %w", err)
	}
	return &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixActivity + a.ID, Value: text, Index: index}}, nil
}

// clipActivity bounds a record: a thousand of them are read at each start, and an app
// may have much to say.
func clipActivity(a agent.Activity) agent.Activity {
	a.Detail = clip(a.Detail, 300)
	if a.Error != nil {
		e := *a.Error
		e.Message, e.Hint = clip(e.Message, 600), clip(e.Hint, 300)
		a.Error = &e
	}
	a.Logs = slices.Clone(a.Logs[max(0, len(a.Logs)-20):])
	for k, line := range a.Logs {
		a.Logs[k] = clip(line, 300)
	}
	if a.Request != nil {
		if text, err := json.Marshal(a.Request); err != nil || len(text) > 8<<10 {
			a.Request = &agent.InstallRequest{Entry: clip(a.Request.Entry, 60), Name: clip(a.Request.Name, 60)}
		}
	}
	return a
}

// actorOf is who asks as the history shows it: nobody for the cloud itself.
func actorOf(ctx context.Context) string { return actorWord(agent.Actor(ctx)) }

func actorWord(actor string) string {
	if actor == "system" {
		return ""
	}
	return strings.TrimPrefix(actor, "unix:")
}

// awaitActivity waits until the view shows the history as of an index, so that who
// hears of a change finds it there. A late view is no failure.
func (s *Service) awaitActivity(ctx context.Context, index uint64) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) {
		return !s.view.ready["activity"] || s.view.activityIndex >= index, nil
	})
}

// watchActivity keeps the view's history fresh. Records that did not change are not
// read anew.
func (s *Service) watchActivity(ctx context.Context) func(uint64) (uint64, error) {
	type known struct {
		index uint64
		a     *agent.Activity
	}
	cache := map[string]known{}
	return func(index uint64) (uint64, error) {
		pairs, meta, err := s.Consul.KV().List(prefixActivity, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		next := make(map[string]known, len(pairs))
		list := make([]*agent.Activity, 0, len(pairs))
		for _, p := range pairs {
			k := cache[p.Key]
			if k.a == nil || k.index != p.ModifyIndex {
				k = known{p.ModifyIndex, decodeActivity(p)}
			}
			next[p.Key] = k
			list = append(list, k.a)
		}
		slices.Reverse(list) // Consul lists keys in order: now the newest come first
		cache = next
		s.view.set("activity", func() { s.view.activity, s.view.activityIndex = list, meta.LastIndex })
		return meta.LastIndex, nil
	}
}

// decodeActivity reads a record. Of a damaged one only that it was there is left, so
// that it leaves with the oldest like all others.
func decodeActivity(p *consul.KVPair) *agent.Activity {
	var a agent.Activity
	id := strings.TrimPrefix(p.Key, prefixActivity)
	if err := json.Unmarshal(p.Value, &a); err != nil || a.ID != id || a.Outcome == "" {
		return &agent.Activity{ID: id, Action: "unknown", Outcome: agent.OutcomeDone, Detail: "its record is damaged"}
	}
	return &a
}

// Activity lists changes, the newest first.
func (s *Service) Activity(ctx context.Context, q agent.ActivityQuery) (_ []agent.Activity, err error) {
	defer s.tell(&err)
	if q.Limit < 0 || q.Limit > mostActivity {
		return nil, agent.Errorf(agent.CodeInvalid, "%d changes cannot be listed at once: 1 to %d can", q.Limit, mostActivity).
			WithHint("ask for those before the last one of the list")
	}
	if err := s.awaitView(ctx, "activity"); err != nil {
		return nil, err
	}
	var out []agent.Activity
	s.view.read(func() { out = selectActivity(s.view.activity, q) })
	return out, nil
}

// selectActivity takes what a query asks for from a list of which the newest come first.
func selectActivity(list []*agent.Activity, q agent.ActivityQuery) []agent.Activity {
	out := []agent.Activity{}
	limit := q.Limit
	if limit <= 0 {
		limit = someActivity
	}
	for _, a := range list {
		switch {
		case len(out) == limit:
			return out
		case q.App != "" && a.App != q.App, q.Node != "" && a.Node != q.Node, q.Before != "" && a.ID >= q.Before:
			continue
		}
		out = append(out, *a)
	}
	return out
}
