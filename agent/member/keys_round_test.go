package member

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

const (
	newPoolKey   = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	newConsulKey = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
)

func TestAServerSaysOfWhichRotationItsKeysAre(t *testing.T) {
	m, _ := newMember(t)
	ask := func(want string) map[string]string {
		t.Helper()
		keys, err := m.keysFor(t.Context(), pool.Member{Role: pool.RoleWorker})
		if err != nil || keys[keyRound] != want {
			t.Fatalf("round %q, %v; want %s", keys[keyRound], err, want)
		}
		return keys
	}
	ask("0")
	fresh := map[string]string{node.SecretPoolGossip: newPoolKey, node.SecretConsulGossip: newConsulKey}
	for _, phase := range []string{phaseInstall, phaseUse, phaseForget} {
		if phase == phaseUse {
			ask("0") // nobody is given keys that are not in use yet
		}
		if err := m.setKeys(t.Context(), withPhase(fresh, phase, 3)); err != nil {
			t.Fatal(err)
		}
	}
	if keys := ask("3"); keys[node.SecretPoolGossip] != newPoolKey || keys[node.SecretConsulGossip] != newConsulKey {
		t.Error("the keys are not those that came")
	}
}

func TestKeysThatWereAskedForBeforeARotationDoNotFollowItsOwn(t *testing.T) {
	m, _ := newMember(t)
	m.Node.First = false
	older := map[string]string{node.SecretPoolGossip: newConsulKey, node.SecretConsulGossip: newPoolKey}
	newer := map[string]string{node.SecretPoolGossip: newPoolKey, node.SecretConsulGossip: newConsulKey}
	for range 30 {
		if err := m.setRound(0); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		go func() {
			_, err := m.takeKeys(given{from: netip.MustParseAddr("10.213.0.1"), keys: older, round: 1})
			errs <- err
		}()
		go func() { errs <- m.setKeys(t.Context(), withPhase(newer, phaseUse, 2)) }()
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Fatal(err)
		}
		if s, err := node.LoadSecrets(m.Layout); err != nil || m.round() != 2 || s.PoolGossip != newPoolKey {
			t.Fatalf("it is left with the keys of round %d, %v", m.round(), err)
		}
	}
}

func TestKeysOfAServerThatSleptThroughARotationAreNotTaken(t *testing.T) {
	slept, fresh := given{from: netip.MustParseAddr("10.213.0.1"), round: 1}, given{from: netip.MustParseAddr("10.213.0.2"), round: 2}
	if got := newest([]given{slept, fresh}); got.from != fresh.from {
		t.Errorf("those of %s are taken", got.from)
	}
	for _, c := range []struct {
		own   uint64
		first bool
		want  bool
	}{{0, false, true}, {1, false, true}, {2, false, false}, {0, true, true}, {1, true, false}, {2, true, false}} {
		if got := slept.worth(c.own, c.first); got != c.want {
			t.Errorf("own of round %d, first %v: %v", c.own, c.first, got)
		}
	}
}
