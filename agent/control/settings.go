package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// keySettings is a settingsRecord.
const keySettings = "dcloud/settings"

// defaultName is what a cloud is called until somebody names it.
const defaultName = "Your cloud"

// settingsRecord is what the KV store has of the settings. The domain is the pool's,
// and the password for mail lies in Nomad's variables (settings_secret.go).
type settingsRecord struct {
	Name   string       `json:"name,omitempty"`
	Accent string       `json:"accent,omitempty"`
	Notify agent.Notify `json:"notify"`

	index uint64 // the record's modify index
}

// told is the record as people get to see it.
func (r settingsRecord) told(domain string) agent.Settings {
	out := agent.Settings{Name: r.Name, Accent: r.Accent, Domain: domain, Notify: r.Notify}
	if out.Name == "" {
		out.Name = defaultName
	}
	if !slices.Contains(agent.Accents(), out.Accent) {
		out.Accent = agent.Accents()[0]
	}
	out.Notify.SMTPPassword = ""
	return out
}

// Settings are the cloud's own.
func (s *Service) Settings(ctx context.Context) (_ agent.Settings, err error) {
	defer s.tell(&err)
	if err := s.awaitView(ctx, "settings"); err != nil {
		return agent.Settings{}, err
	}
	var r settingsRecord
	s.view.read(func() { r = s.view.settings })
	return r.told(s.Pool.Domain), nil
}

// watchSettings keeps the view's settings fresh.
func (s *Service) watchSettings(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		pair, meta, err := s.Consul.KV().Get(keySettings, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		r, err := decodeSettings(pair)
		if err != nil {
			s.Log.Error("the settings cannot be read; those that a new cloud has are in force", "err", err)
		}
		// Where there is no record, Consul answers at each write of any other.
		known := false
		s.view.read(func() { known = s.view.ready["settings"] && s.view.settings.index == r.index })
		if !known {
			s.view.set("settings", func() { s.view.settings = r })
		}
		return meta.LastIndex, nil
	}
}

// decodeSettings reads the record, nil for none. Of a damaged one only the index is
// left, so that the next change mends it.
func decodeSettings(pair *consul.KVPair) (settingsRecord, error) {
	if pair == nil {
		return settingsRecord{}, nil
	}
	r := settingsRecord{}
	if err := json.Unmarshal(pair.Value, &r); err != nil {
		return settingsRecord{index: pair.ModifyIndex}, fmt.Errorf("the record of the settings is damaged: %w", err)
	}
	r.index = pair.ModifyIndex
	return r, nil
}

// settings reads the record from Consul itself.
func (st *store) settings(ctx context.Context) (settingsRecord, error) {
	pair, _, err := st.kv.Get(keySettings, consistent(ctx))
	if err != nil {
		return settingsRecord{}, fmt.Errorf("read the settings: %w", err)
	}
	r, _ := decodeSettings(pair) // what is damaged is written anew
	return r, nil
}

// ChangeSettings changes what is not nil. All of it is checked before any of it is
// written. A new domain comes last: it makes the agent start anew.
func (s *Service) ChangeSettings(ctx context.Context, change agent.SettingsChange) (_ agent.Settings, err error) {
	defer s.tell(&err)
	change, err = soundSettings(change)
	if err != nil {
		return agent.Settings{}, err
	}
	domain := ""
	if change.Domain != nil && *change.Domain != s.Pool.Domain {
		domain = *change.Domain
	}
	if domain != "" && s.SetDomain == nil {
		return agent.Settings{}, agent.Errorf(agent.CodeFailed, "the domain of this cloud cannot be changed from here").
			WithHint("on each of its servers, run: sudo dcloud up --domain %s", domain)
	}
	r, what, err := s.writeSettings(ctx, change)
	if err != nil {
		return agent.Settings{}, err
	}
	told := r.told(s.Pool.Domain)
	if domain != "" {
		if err := s.SetDomain(ctx, domain); err != nil {
			return agent.Settings{}, fmt.Errorf("change the domain: %w", err)
		}
		told.Domain = domain
		what = append(what, "domain to "+domain)
	}
	if len(what) > 0 {
		s.Log.Info("settings changed", "what", strings.Join(what, ", "), "actor", agent.Actor(ctx))
		s.Note(ctx, agent.Activity{Action: "settings", Detail: "changed " + strings.Join(what, ", ")})
	}
	return told, nil
}

// writeSettings writes a change of the record, again where somebody else was quicker,
// and says in words what it changed.
func (s *Service) writeSettings(ctx context.Context, change agent.SettingsChange) (settingsRecord, []string, error) {
	for range attempts {
		r, err := s.store.settings(ctx)
		if err != nil {
			return r, nil, err
		}
		next, what := changedSettings(r, change)
		if len(what) == 0 {
			return r, nil, nil
		}
		if change.Notify != nil {
			if next.Notify.HasPassword, err = s.keepPassword(ctx, r.Notify, *change.Notify); err != nil {
				return r, nil, err
			}
		}
		text, err := json.Marshal(next)
		if err != nil {
			return r, nil, err
		}
		err = s.store.write(ctx, consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: keySettings, Value: text, Index: r.index}}})
		if err == errRaced {
			continue
		}
		if err != nil {
			return r, nil, fmt.Errorf("write the settings: %w", err)
		}
		s.awaitSettings(ctx, r.index)
		return next, what, nil
	}
	return settingsRecord{}, nil, agent.Errorf(agent.CodeConflict, "somebody else changed the settings at the same time").
		WithHint("look at them, then try again")
}

// changedSettings is a record with a change, and what that changed, in words.
func changedSettings(r settingsRecord, change agent.SettingsChange) (settingsRecord, []string) {
	var what []string
	if change.Name != nil && *change.Name != r.Name {
		r.Name, what = *change.Name, append(what, "name")
	}
	if change.Accent != nil && *change.Accent != r.Accent {
		r.Accent, what = *change.Accent, append(what, "colour")
	}
	if n := change.Notify; n != nil {
		before := r.Notify
		r.Notify = agent.Notify{Webhook: n.Webhook, Ntfy: n.Ntfy, Email: n.Email, SMTP: n.SMTP, HasPassword: before.HasPassword}
		if r.Notify != before || n.SMTPPassword != "" {
			what = append(what, "where failures are told")
		}
	}
	return r, what
}

// awaitSettings waits until the view shows settings newer than those of an index. A
// late view is no failure.
func (s *Service) awaitSettings(ctx context.Context, index uint64) {
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) {
		return !s.view.ready["settings"] || s.view.settings.index > index, nil
	})
}
