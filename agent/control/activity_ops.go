package control

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// An operation's record is written in the same transaction as the intent or the
// machine's record that begins it, and again when its last event is sent. Where the
// agent died in between, the leader finds out what came of it (activity_tend.go).

// actionOf names an operation on an app or ("node-remove") on a machine in the history.
func actionOf(kind string, onNode bool) string {
	if onNode && kind == opRemoveNode {
		return "node-remove"
	}
	return kind
}

// beginApp is the record of an operation on an app that begins.
func beginApp(i *Intent, action, detail string) *agent.Activity {
	return &agent.Activity{
		ID: i.Op.ID, Op: i.Op.ID, Actor: actorWord(i.Actor), Action: action, App: i.Name, Detail: detail,
		Started: i.Op.Started.UTC(), Outcome: agent.OutcomeRunning,
	}
}

// beginInstall is that of an install, with all that is needed to try it again but the
// passwords.
func beginInstall(d *draft, req agent.InstallRequest) *agent.Activity {
	a := beginApp(d.intent, opInstall, "version "+d.entry.Version+" on "+d.place.names())
	req.Settings = withoutPasswords(d.entry, req.Settings)
	a.Request = &req
	return a
}

// beginNode is that of an operation on a machine.
func beginNode(n *nodeRecord, op *nodeOp) *agent.Activity {
	a := &agent.Activity{
		ID: op.ID, Op: op.ID, Actor: actorWord(op.Actor), Action: actionOf(op.Kind, true), Node: n.Name,
		Started: op.Started.UTC(), Outcome: agent.OutcomeRunning,
	}
	if op.Abandon {
		a.Detail = "with the data that lies there"
	}
	return a
}

// noteSteps are the steps that write an operation's record along with what begins it.
func noteSteps(a *agent.Activity) (consul.TxnOps, error) {
	if a == nil {
		return nil, nil
	}
	step, err := activityStep(*a, 0)
	return consul.TxnOps{step}, err
}

// changedWords names the settings that differ, not what they are set to.
func changedWords(before, after map[string]string) string {
	changed := maps.Clone(after)
	maps.DeleteFunc(changed, func(name, value string) bool { old, had := before[name]; return had && old == value })
	for name, value := range before {
		if _, there := after[name]; !there {
			if changed == nil {
				changed = map[string]string{}
			}
			changed[name] = value // taken away
		}
	}
	if len(changed) == 0 {
		return "nothing changed"
	}
	return "changed " + strings.Join(slices.Sorted(maps.Keys(changed)), ", ")
}

func removedWords(purge bool) string {
	if purge {
		return "with all its data"
	}
	return "its data is kept"
}

// noteEnd writes how an operation ended, as its last event tells it. It is called
// before that is sent, so that who hears of the end finds it in the history.
func (s *Service) noteEnd(e agent.Event) {
	ctx, cancel := context.WithTimeout(context.Background(), noting)
	defer cancel()
	if e.Op == opReconcile {
		s.noteHealing(ctx, e)
		return
	}
	err := s.amendActivity(ctx, e.Op, func(a *agent.Activity) bool {
		if a.Outcome != agent.OutcomeRunning {
			return false
		}
		endActivity(a, e, s.Now())
		return true
	})
	if err != nil {
		s.Log.Warn("the history hears later how an operation ended", "op", e.Op, "err", err)
	}
}

// endActivity fills in how an operation ended.
func endActivity(a *agent.Activity, e agent.Event, now time.Time) {
	a.Ended, a.Outcome = now.UTC(), agent.OutcomeDone
	if e.State == agent.EventFailed {
		a.Outcome, a.Stage, a.Error, a.Logs = agent.OutcomeFailed, e.Stage, e.Error, e.Logs
		return
	}
	if a.Detail == "" {
		a.Detail = e.Message
	}
}

// noteHealing tells of an app that could not be made to run again by itself, once.
func (s *Service) noteHealing(ctx context.Context, e agent.Event) {
	if e.State != agent.EventFailed || e.App == "" {
		return
	}
	told := false
	s.view.read(func() { told = crashedNow(s.view.activity, e.App) })
	if !told {
		s.Note(ctx, agent.Activity{Action: actionCrash, App: e.App, Outcome: agent.OutcomeFailed, Stage: e.Stage, Error: e.Error, Logs: e.Logs})
	}
}

// amendActivity changes a record that is there; edit returns false to leave it alone.
func (s *Service) amendActivity(ctx context.Context, id string, edit func(*agent.Activity) bool) error {
	for range attempts {
		pair, _, err := s.Consul.KV().Get(prefixActivity+id, consistent(ctx))
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		if pair == nil {
			return nil // it was too old to be kept
		}
		var a agent.Activity
		if err := json.Unmarshal(pair.Value, &a); err != nil || a.ID != id {
			return nil
		}
		if !edit(&a) {
			return nil
		}
		if err := s.putActivity(ctx, a, pair.ModifyIndex); err != errRaced {
			return err
		}
	}
	return errRaced
}
