package member

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// newMember is a server's with nothing running, which notes the rosters that it follows.
func newMember(t *testing.T) (m *Member, followed *[]uint64) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err := node.NewLayout(filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "cache"))
	must(err)
	must(node.Prepare(l))
	n, _, err := node.Init(l, node.Options{Hostname: "attic", Now: time.Now(), Rand: rand.Reader})
	must(err)
	_, err = node.EnsurePKI(l, n, time.Now())
	must(err)
	_, err = node.EnsureSecrets(l, rand.Reader)
	must(err)
	must(os.MkdirAll(l.Pool(), 0o700))
	var mu sync.Mutex
	followed = new([]uint64)
	m = &Member{Options: Options{
		Log: slog.New(slog.DiscardHandler), Layout: l, Node: n, Now: time.Now,
		Followed: func(_ context.Context, r pool.Roster, _ bool) {
			mu.Lock()
			defer mu.Unlock()
			*followed = append(*followed, r.Serial)
		},
	}, opened: make(chan struct{}), changed: make(chan struct{})}
	m.authority, err = node.AuthorityCert(l)
	must(err)
	return m, followed
}

func TestARosterThatCannotBeWrittenDownIsFollowedAllTheSame(t *testing.T) {
	m, followed := newMember(t)
	// Nothing can be renamed onto a directory with something in it.
	if err := os.MkdirAll(filepath.Join(RosterFile(m.Layout), "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	took, err := m.take(t.Context(), []byte("{}"), pool.Roster{Serial: 7})
	if !took || err == nil || m.Roster().Serial != 7 || len(*followed) != 1 {
		t.Errorf("took %v, %v; it has %d and followed %v", took, err, m.Roster().Serial, *followed)
	}
}

func TestAnAgentThatWasKilledAmidANewRosterFollowsItAtItsNextStart(t *testing.T) {
	m, followed := newMember(t)
	signed, err := m.Sign(pool.Roster{Serial: 3, Members: []pool.Member{{ID: m.Node.ID}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := node.WriteFile(RosterFile(m.Layout), signed); err != nil {
		t.Fatal(err)
	}
	if err := m.load(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Run(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if len(*followed) != 1 || (*followed)[0] != 3 {
		t.Errorf("it followed %v", *followed)
	}
}

func TestOfTwoRostersThatComeAtOnceTheNewerIsLeftOnDisk(t *testing.T) {
	m, _ := newMember(t)
	done := make(chan struct{})
	for serial := range uint64(20) {
		go func() {
			r := pool.Roster{Serial: serial + 1}
			signed, err := m.Sign(r)
			if err == nil {
				_, err = m.take(t.Context(), signed, r)
			}
			if err != nil {
				t.Error(err)
			}
			done <- struct{}{}
		}()
	}
	for range 20 {
		<-done
	}
	data, err := os.ReadFile(RosterFile(m.Layout))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := pool.OpenRoster(data, m.authority); err != nil || r.Serial != 20 {
		t.Errorf("roster %d, %v", r.Serial, err)
	}
}
