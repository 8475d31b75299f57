package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/notify"
)

// Actions of the history that the cloud itself notes, beside operations.
const (
	actionCrash    = "crash"
	actionRecover  = "recover"
	actionNodeDown = "node-down"
	actionNodeUp   = "node-up"
)

// telling is how long the same failure of the same thing is not told again.
const telling = 10 * time.Minute

// tries are the pauses before a failure is told once more where that did not work.
var tries = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second}

// TestNotify tells a trial failure where failures are told.
func (s *Service) TestNotify(ctx context.Context) (err error) {
	defer s.tell(&err)
	r, err := s.store.settings(ctx)
	if err != nil {
		return err
	}
	if r.Notify.Webhook == "" && r.Notify.Ntfy == "" && (r.Notify.Email == "" || r.Notify.SMTP == "") {
		return agent.Errorf(agent.CodeConflict, "it is not said yet where failures are told").
			WithHint("name a webhook, an ntfy topic or an address of mail, and save that first")
	}
	now := s.Now().UTC()
	trial := agent.Activity{
		ID: "test", Actor: actorOf(ctx), Action: "test", Started: now, Ended: now, Outcome: agent.OutcomeDone,
		Detail: "this is what it looks like when something fails; nothing has",
	}
	if err := s.send(ctx, notify.Sender{}, r, trial); err != nil {
		return agent.Errorf(agent.CodeFailed, "the trial did not arrive everywhere: %s", clip(err.Error(), 600)).
			WithHint("look at the address, save it, and try again")
	}
	return nil
}

// send tells an activity wherever the settings say.
func (s *Service) send(ctx context.Context, with notify.Sender, r settingsRecord, a agent.Activity) error {
	to := r.Notify
	if to.HasPassword {
		var err error
		if to.SMTPPassword, err = s.smtpPassword(ctx); err != nil {
			return fmt.Errorf("mail: %w", err)
		}
	}
	return with.Send(ctx, to, notify.Message{Cloud: r.told("").Name, Domain: s.Pool.Domain, Panel: s.Panel, Activity: a})
}

// worthTelling are the actions of which a failure is told. That somebody typed a wrong
// password is for the history alone.
var worthTelling = []string{
	opInstall, opStart, opStop, opRestart, opConfigure, opOverride, opRemove, opDrain, opUndrain, "node-remove", "node-join", actionCrash, actionNodeDown,
}

// keyNotified holds when what was told of late, so that the next leader does not tell
// it once more: by action, app and machine, as herald has it.
const keyNotified = "dcloud/notified"

// herald decides which failures are told, and when.
type herald struct {
	since time.Time            // what ended before is another leader's
	heard map[string]bool      // IDs that were looked at, as far as the history goes back
	told  map[string]time.Time // by action, app and machine
}

// pick takes from the history, the newest first, what is to be told now, the oldest first.
func (h *herald) pick(list []*agent.Activity, now time.Time) []agent.Activity {
	heard := map[string]bool{}
	var out []agent.Activity
	for _, a := range list {
		if a.Outcome != agent.OutcomeFailed {
			continue
		}
		heard[a.ID] = true
		if h.heard[a.ID] || a.Ended.Before(h.since) || !slices.Contains(worthTelling, a.Action) {
			continue
		}
		if e := a.Error; e != nil && (e.Code == agent.CodeConflict || e.Code == agent.CodeUnavailable && a.Action == actionCrash) {
			continue // a newer change took its place, as somebody wanted; its machine is away, of which is told
		}
		out = append(out, *a)
	}
	h.heard = heard
	slices.Reverse(out)
	return slices.DeleteFunc(out, func(a agent.Activity) bool {
		key := a.Action + " " + a.App + " " + a.Node
		if at, told := h.told[key]; told && now.Sub(at) < telling {
			return true
		}
		for k, at := range h.told {
			if now.Sub(at) >= telling {
				delete(h.told, k)
			}
		}
		h.told[key] = now
		return false
	})
}

// tellFailures tells failures where people asked to be told, until ctx ends. The
// leader does that alone. What it tells waits in a short queue: a place that does not
// answer holds nothing up.
func (s *Service) tellFailures(ctx context.Context) {
	queue := make(chan agent.Activity, 64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for a := range queue {
			s.tellFailure(ctx, a)
		}
	}()
	defer func() { close(queue); <-done }()
	// Also what failed while nobody led.
	h := &herald{since: s.Now().Add(-telling), told: map[string]time.Time{}}
	if pair, _, err := s.Consul.KV().Get(keyNotified, consistent(ctx)); err == nil && pair != nil {
		// Of a damaged one nothing is taken, and something may be told twice.
		if told := map[string]time.Time{}; json.Unmarshal(pair.Value, &told) == nil && told != nil {
			h.told = told
		}
	}
	for {
		var list []*agent.Activity
		changed := s.view.read(func() { list = s.view.activity })
		news := h.pick(list, s.Now())
		if len(news) > 0 {
			s.noteTold(ctx, h.told)
		}
		for _, a := range news {
			select {
			case queue <- a:
			default:
				s.Log.Warn("too much fails at once to tell all of it", "action", a.Action, "app", a.App, "node", a.Node)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// noteTold writes down what was told of late.
func (s *Service) noteTold(ctx context.Context, told map[string]time.Time) {
	text, err := json.Marshal(told)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, noting)
		defer cancel()
		_, err = s.Consul.KV().Put(&consul.KVPair{Key: keyNotified, Value: text}, (&consul.WriteOptions{}).WithContext(ctx))
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("a failure may be told twice", "err", err)
	}
}

func (s *Service) tellFailure(ctx context.Context, a agent.Activity) {
	var r settingsRecord
	s.view.read(func() { r = s.view.settings })
	if ctx.Err() != nil || r.Notify == (agent.Notify{}) {
		return
	}
	if err := s.send(ctx, notify.Sender{Pause: tries}, r, a); err != nil && ctx.Err() == nil {
		s.Log.Warn("a failure could not be told everywhere", "action", a.Action, "app", a.App, "node", a.Node, "err", err)
	}
}
