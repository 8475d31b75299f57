package member

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

type event = agent.Event

// Phases of replacing the gossip's key: all must know the new one before anybody
// speaks with it, and all must speak with it before the old one goes.
const (
	phaseInstall = "install"
	phaseUse     = "use"
	phaseForget  = "forget"
)

// keyPhase is the name under which a phase travels among the keys.
const keyPhase = "phase"

// Rotate gives all members that can be reached new gossip keys, because a machine of
// a role was removed that knew them, and the servers another token of the API, if it
// was one of theirs. Those that cannot be
// fetch them when they are back, from a server and over the private network, of which
// a removed machine is no part any more. consul and nomad replace those engines' keys
// in the engines themselves.
func (m *Member) Rotate(ctx context.Context, role string, consul, nomad func(ctx context.Context, key string) error) error {
	fresh, err := node.NewGossipKeys(rand.Reader)
	if err != nil {
		return err
	}
	if err := consul(ctx, fresh[node.SecretConsulGossip]); err != nil {
		return fmt.Errorf("replace Consul's gossip key: %w", err)
	}
	if err := nomad(ctx, fresh[node.SecretNomadGossip]); err != nil {
		return fmt.Errorf("replace Nomad's gossip key: %w", err)
	}
	if role == pool.RoleServer {
		if fresh[node.SecretAPI], err = node.NewAPIToken(rand.Reader); err != nil {
			return err
		}
	}
	round := m.round() + 1
	for _, phase := range []string{phaseInstall, phaseUse, phaseForget} {
		if err := m.setKeys(ctx, withPhase(fresh, phase, round)); err != nil {
			return err
		}
		for _, other := range m.Roster().Members {
			if other.ID == m.Node.ID {
				continue
			}
			keys := withPhase(fresh, phase, round)
			if other.Role != pool.RoleServer {
				delete(keys, node.SecretNomadGossip)
				delete(keys, node.SecretAPI)
			}
			once, cancel := context.WithTimeout(ctx, 5*time.Second)
			err := m.peers.SetKeys(once, other.Address, keys)
			cancel()
			if err != nil {
				m.Log.Warn("a member gets the new keys when it is back", "node", other.Name, "err", err)
			}
		}
	}
	return nil
}

func withPhase(keys map[string]string, phase string, round uint64) map[string]string {
	keys = maps.Clone(keys)
	keys[keyPhase], keys[keyRound] = phase, formatRound(round)
	return keys
}

// setKeys is one phase of a rotation on this machine.
func (m *Member) setKeys(_ context.Context, keys map[string]string) error {
	m.keying.Lock()
	defer m.keying.Unlock()
	keys = maps.Clone(keys)
	phase := keys[keyPhase]
	delete(keys, keyPhase)
	round := cutRound(keys)
	old, err := m.gossipKey()
	if err != nil {
		return err
	}
	fresh, err := base64.StdEncoding.DecodeString(keys[node.SecretPoolGossip])
	if err != nil || len(fresh) != 32 {
		return agent.Errorf(agent.CodeInvalid, "the new gossip key is damaged")
	}
	m.mu.Lock()
	g := m.gossip
	m.mu.Unlock()
	switch phase {
	case phaseInstall:
		if g != nil {
			return g.SetKeys(old, fresh)
		}
		return nil
	case phaseUse:
		if err := node.ReplaceSecrets(m.Layout, keys); err != nil {
			return err
		}
		if err := m.setRound(round); err != nil {
			return err
		}
		if g != nil {
			return g.SetKeys(fresh, old)
		}
		return nil
	case phaseForget:
		if g != nil {
			return g.SetKeys(fresh)
		}
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q is no phase of replacing keys", phase)
}

// retryKeys is how often a member that sees nobody asks whether its keys are old.
const retryKeys = 15 * time.Second

// keepKeys fetches the pool's secrets from a server at the start, whenever the roster
// says that there are newer ones, and while nobody can be heard: then ours may be
// those from before a rotation that this machine slept through.
func (m *Member) keepKeys(ctx context.Context) error {
	ticker := time.NewTicker(retryKeys)
	defer ticker.Stop()
	fetched := false
	var generation uint64
	for {
		r, newer := m.watch()
		if !fetched || r.Keys != generation || !m.hearsAnybody() {
			if err := m.fetchKeys(ctx, r); err != nil {
				m.Log.Debug("the pool's secrets cannot be asked for", "err", err)
			} else {
				fetched, generation = true, r.Keys
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-newer:
		case <-ticker.C:
		}
	}
}

func (m *Member) hearsAnybody() bool {
	for _, s := range m.Seen() {
		if s.Name != m.Node.Name && s.State == pool.Alive {
			return true
		}
	}
	return false
}

// fetchKeys asks the other servers for what a member of our role has to know, the
// first server too: others may have replaced the keys while it was away.
func (m *Member) fetchKeys(ctx context.Context, r pool.Roster) error {
	theirs, err := m.askKeys(ctx, r)
	if err != nil {
		return err
	}
	fresh, err := m.takeKeys(theirs)
	if err == nil && fresh && m.Followed != nil {
		m.Followed(ctx, m.Roster(), true) // a newer one may have come while they were asked
	}
	return err
}

// takeKeys makes a server's keys ours if they are worth it, and tells whether they are
// others than before. While they were asked for, a rotation may have brought newer ones.
func (m *Member) takeKeys(theirs given) (fresh bool, err error) {
	m.keying.Lock()
	defer m.keying.Unlock()
	if !theirs.worth(m.round(), m.Node.First) {
		return false, nil
	}
	had, err := node.LoadSecrets(m.Layout)
	if err != nil {
		return false, err
	}
	before, err := m.gossipKey()
	if err != nil {
		return false, err
	}
	if err := node.ReplaceSecrets(m.Layout, theirs.keys); err != nil {
		return false, err
	}
	if err := m.setRound(theirs.round); err != nil {
		return false, err
	}
	has, err := node.LoadSecrets(m.Layout)
	if err != nil || has == had {
		return false, err
	}
	m.Log.Info("the pool's keys are new", "from", theirs.from)
	after, err := m.gossipKey()
	if err != nil {
		return false, err
	}
	m.mu.Lock()
	g := m.gossip
	m.mu.Unlock()
	if g != nil {
		if err := g.SetKeys(after, before); err != nil {
			return false, err
		}
	}
	return true, nil
}

// keysFor is what a member is given that asks for its secrets.
func (m *Member) keysFor(_ context.Context, asks pool.Member) (map[string]string, error) {
	m.keying.Lock() // those of one round, and its number
	defer m.keying.Unlock()
	s, err := node.LoadSecrets(m.Layout)
	if err != nil {
		return nil, err
	}
	// What else a server has it was given when it joined, and some of that is its own.
	given := node.MemberSecrets(s, asks.Role)
	maps.DeleteFunc(given, func(name, _ string) bool {
		shared := name == node.SecretPoolGossip || name == node.SecretConsulGossip || name == node.SecretNomadGossip
		return !shared && !(name == node.SecretAPI && asks.Role == pool.RoleServer)
	})
	given[keyRound] = formatRound(m.round())
	return given, nil
}

// renewFor makes a member's certificates anew.
func (m *Member) renewFor(_ context.Context, asks pool.Member, csr string) (map[string]string, error) {
	return node.Issue(m.Layout, Identity(asks), csr, m.Now())
}
