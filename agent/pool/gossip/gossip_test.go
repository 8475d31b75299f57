package gossip_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
)

// generous is how long what takes a second or two may take: where a pool has its own
// time that is seconds of the simulation, over real sockets on a busy machine.
const generous = 2 * time.Minute

// inItsOwnTime runs a pool whose members do not notice how busy this machine is: their
// clock goes on only when all of them wait, so nobody is late with an answer.
func inItsOwnTime(t *testing.T, test func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // calls that were under way end at their limit
		test(t)
	})
}

type testPool struct {
	*gossipbench.Pool
	t *testing.T
}

func newPool(t *testing.T) testPool {
	p, err := gossipbench.NewPool(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return testPool{p, t}
}

func (p testPool) roster(serial uint64, numbers ...int) []byte {
	p.t.Helper()
	signed, err := p.Roster(serial, numbers...)
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

func (p testPool) start(number int, roster []byte, on func([]byte, pool.Roster)) *gossip.Gossip {
	p.t.Helper()
	g, err := p.Start(number, roster, on)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { g.Close() })
	return g
}

func (p testPool) three() []*gossip.Gossip {
	r := p.roster(1, 1, 2, 3)
	list := []*gossip.Gossip{p.start(1, r, nil), p.start(2, r, nil), p.start(3, r, nil)}
	p.await(pool.Alive, 3, list...)
	return list
}

func (p testPool) await(state string, count int, members ...*gossip.Gossip) {
	p.t.Helper()
	if err := gossipbench.Await(members, state, count, generous); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for changes of what a member sees until something holds.
func until(t *testing.T, g *gossip.Gossip, what string, holds func([]pool.Seen) bool) {
	t.Helper()
	late := time.After(generous)
	for {
		changed := g.Watch()
		if holds(g.Seen()) {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%s: not after %s: %+v", what, generous, g.Seen())
		}
	}
}

func find(list []pool.Seen, number int) (pool.Seen, bool) {
	for _, s := range list {
		if s.Name == gossipbench.Member(number).Name {
			return s, true
		}
	}
	return pool.Seen{}, false
}

func TestMembersFindEachOtherByTheRosterAlone(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		for _, g := range newPool(t).three() {
			for i, s := range g.Seen() {
				if want := gossipbench.Member(i + 1); s.Name != want.Name || s.Address != want.Address || s.Facts.ID != want.ID || s.Facts.Serial != 1 {
					t.Errorf("seen %+v, want %+v", s, want)
				}
			}
		}
	})
}

func TestAMemberThatNeverWasThereIsGone(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		g := p.start(1, p.roster(1, 1, 2), nil)
		if s, _ := find(g.Seen(), 2); s.State != pool.Gone || s.Since.IsZero() {
			t.Errorf("seen %+v", s)
		}
	})
}

func TestADeadMemberIsNoticedSoon(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay time.Duration
	}{{"on a LAN", 0}, {"at 60 ms there and back", 30 * time.Millisecond}} {
		t.Run(c.name, func(t *testing.T) {
			inItsOwnTime(t, func(t *testing.T) {
				p := newPool(t)
				p.Network.Delay = c.delay
				m := p.three()
				start := time.Now()
				p.Network.Kill(gossipbench.Member(3).Address)
				p.await(pool.Gone, 1, m[:2]...)
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("seen as gone by all after %s", took)
				}
				if s, _ := find(m[0].Seen(), 3); s.Facts.Arch == "" {
					t.Error("what it told of itself is forgotten")
				}
			})
		})
	}
}

func TestAMemberThatSaysGoodbyeHasLeftAndMayComeBack(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		if err := m[2].Leave(generous); err != nil {
			t.Fatal(err)
		}
		if err := m[2].Close(); err != nil {
			t.Fatal(err)
		}
		p.await(pool.Left, 1, m[:2]...)
		again := p.start(3, p.roster(1, 1, 2, 3), nil)
		p.await(pool.Alive, 3, m[0], m[1], again)
	})
}

func TestFactsReachTheOthers(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		f := gossipbench.Member(1)
		if err := m[0].SetFacts(pool.Facts{ID: f.ID, Role: f.Role, Key: f.Key, Arch: "riscv64"}); err != nil {
			t.Fatal(err)
		}
		until(t, m[2], "new facts", func(l []pool.Seen) bool { s, _ := find(l, 1); return s.Facts.Arch == "riscv64" })
		if err := m[0].SetFacts(pool.Facts{ID: "another"}); err == nil {
			t.Error("a member took another's ID")
		}
	})
}

// rosters collects what OnRoster is told, and fails if it is told twice at once.
type rosters struct {
	t    *testing.T
	busy sync.Mutex
	told chan pool.Roster
}

func (r *rosters) on(_ []byte, x pool.Roster) {
	if !r.busy.TryLock() {
		r.t.Error("OnRoster was called while it was busy")
		return
	}
	defer r.busy.Unlock()
	r.told <- x
}

func (r *rosters) next() pool.Roster {
	r.t.Helper()
	select {
	case x := <-r.told:
		return x
	case <-time.After(generous):
		r.t.Fatal("no roster came")
		return pool.Roster{}
	}
}

func TestANewRosterReachesAllAndANewMemberWithIt(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		first := p.roster(1, 1, 2, 3)
		far := &rosters{t: t, told: make(chan pool.Roster, 16)}
		m := []*gossip.Gossip{p.start(1, first, nil), p.start(2, first, nil), p.start(3, first, far.on)}
		p.await(pool.Alive, 3, m...)
		second := p.roster(2, 1, 2, 3, 4)
		if err := m[0].Publish(second); err != nil {
			t.Fatal(err)
		}
		if r := far.next(); r.Serial != 2 || len(r.Members) != 4 {
			t.Errorf("told of %+v", r)
		}
		m = append(m, p.start(4, second, nil))
		p.await(pool.Alive, 4, m...)
		select {
		case r := <-far.told:
			t.Errorf("told again of roster %d", r.Serial)
		default:
		}
	})
}

func TestANewMemberBringsTheRosterThatTheOthersLack(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		old := p.roster(1, 1, 2)
		m := []*gossip.Gossip{p.start(1, old, nil), p.start(2, old, nil)}
		p.await(pool.Alive, 2, m...)
		m = append(m, p.start(3, p.roster(2, 1, 2, 3), nil))
		p.await(pool.Alive, 3, m...)
	})
}

func TestForgedAndOlderRostersAreRefused(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p, foreign := newPool(t), newPool(t)
		g := p.start(1, p.roster(5, 1, 2), nil)
		if err := g.Publish(foreign.roster(9, 1)); err == nil {
			t.Error("a roster of another authority was taken")
		}
		altered := bytes.Replace(p.roster(6, 1), []byte(`"serial":6`), []byte(`"serial":7`), 1)
		if err := g.Publish(altered); err == nil {
			t.Error("an altered roster was taken")
		}
		if err := g.Publish(make([]byte, gossip.MaxRoster+1)); err == nil {
			t.Error("a huge roster was taken")
		}
		if err := g.Publish(p.roster(4, 1)); err != nil {
			t.Errorf("an older roster is an error: %v", err)
		}
		if n := len(g.Seen()); n != 2 {
			t.Errorf("%d members, not 2", n)
		}
	})
}

func TestARemovedMemberVanishesThoughItIsStillThere(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		if err := m[0].Publish(p.roster(2, 1, 2)); err != nil {
			t.Fatal(err)
		}
		for _, g := range m[:2] {
			until(t, g, "the removed one vanishes", func(l []pool.Seen) bool { return len(l) == 2 })
		}
		p.await(pool.Alive, 2, m[:2]...)
		// Its name and address may be given to another machine.
		m[2].Close()
		r := pool.Roster{Serial: 3, Members: []pool.Member{gossipbench.Member(1), gossipbench.Member(2), gossipbench.Member(3)}}
		next := &r.Members[2]
		next.ID, next.Key, next.Address = "another", "key", gossipbench.Member(33).Address
		signed, err := p.Sign(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := m[0].Publish(signed); err != nil {
			t.Fatal(err)
		}
		g, err := gossip.Start(gossip.Config{
			Log: p.Log, Name: next.Name, Address: next.Address, Port: gossipbench.Port, Key: p.Key,
			Facts: pool.Facts{ID: next.ID, Key: next.Key}, Authority: p.Authority, Roster: signed, Transport: p.Network.Attach(next.Address),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		p.await(pool.Alive, 3, m[0], m[1], g)
	})
}

func TestAForeignerWithTheKeyIsRefused(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		// It makes itself a roster in which it is, signed by itself.
		foreign := newPool(t)
		g, err := gossip.Start(gossip.Config{
			Log: p.Log, Name: "m9", Address: gossipbench.Member(9).Address, Port: gossipbench.Port, Key: p.Key,
			Facts:     pool.Facts{ID: gossipbench.Member(9).ID, Key: gossipbench.Member(9).Key},
			Authority: foreign.Authority, Roster: foreign.roster(7, 1, 2, 3, 9), Transport: p.Network.Attach(gossipbench.Member(9).Address),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		if _, err := g.Join([]netip.Addr{gossipbench.Member(1).Address}); err != nil {
			t.Fatal(err)
		}
		for _, x := range m {
			if _, there := find(x.Seen(), 9); there {
				t.Error("a foreigner is seen")
			}
		}
		p.await(pool.Alive, 3, m...)
	})
}

func TestKeysAreRotatedWithoutLosingAnyone(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		old, fresh := p.Key, bytes.Repeat([]byte{7}, gossip.KeySize)
		for _, round := range [][][]byte{{old, fresh}, {fresh, old}, {fresh}} {
			for _, g := range m {
				if err := g.SetKeys(round[0], round[1:]...); err != nil {
					t.Fatal(err)
				}
			}
			f := gossipbench.Member(1)
			arch := fmt.Sprintf("arch%x%d", round[0][0], len(round))
			if err := m[0].SetFacts(pool.Facts{ID: f.ID, Key: f.Key, Arch: arch}); err != nil {
				t.Fatal(err)
			}
			until(t, m[2], "news under the keys of the round", func(l []pool.Seen) bool { s, _ := find(l, 1); return s.Facts.Arch == arch })
			for _, g := range m {
				for _, s := range g.Seen() {
					if s.State != pool.Alive {
						t.Errorf("%s is %s", s.Name, s.State)
					}
				}
			}
		}
		// Who has only the old key is outside now.
		m[2].Close()
		p.await(pool.Gone, 1, m[:2]...)
		late := p.start(3, p.roster(1, 1, 2, 3), nil)
		if n, err := late.Join([]netip.Addr{gossipbench.Member(1).Address}); n != 0 || err == nil {
			t.Errorf("joined %d with the old key", n)
		}
		if err := m[0].SetKeys([]byte("short")); err == nil {
			t.Error("a short key was taken")
		}
	})
}

func TestAPoolThatWasOffFindsItselfAgain(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		for _, g := range p.three() {
			if err := g.Close(); err != nil {
				t.Fatal(err)
			}
		}
		p.three()
	})
}

func TestHalvesOfAPoolFindEachOtherAfterAPartition(t *testing.T) {
	inItsOwnTime(t, func(t *testing.T) {
		p := newPool(t)
		m := p.three()
		lone := gossipbench.Member(3).Address
		p.Network.Cut(func(from, to netip.Addr) bool { return from == lone || to == lone })
		p.await(pool.Gone, 1, m[:2]...)
		p.await(pool.Gone, 2, m[2])
		// What is decided meanwhile reaches it too.
		if err := m[0].Publish(p.roster(2, 1, 2, 3, 4)); err != nil {
			t.Fatal(err)
		}
		p.Network.Cut(nil)
		p.await(pool.Alive, 3, m...)
		until(t, m[2], "the new roster", func(l []pool.Seen) bool { return len(l) == 4 })
	})
}
