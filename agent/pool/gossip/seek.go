package gossip

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
)

const (
	// shortestPause and longestPause are between rounds of calling members that are
	// not there. It begins short whenever the roster changed, and grows by half with
	// each round that found nobody, so that a laptop which is off for a week costs each other member
	// one attempt to connect every few seconds. Who comes back calls by itself, so these
	// seconds are only waited where both sides ran on: after a partition.
	shortestPause = 400 * time.Millisecond
	longestPause  = 5 * time.Second
	// perRound is how many are called at once. A single answer tells of all that the
	// other knows, so few are enough even where hundreds are missing.
	perRound = 2
	// crowd is how many members make a round twice as rare: a full exchange tells of
	// all members, so its price grows with their number, and so does what gossip does
	// meanwhile with what was exchanged.
	crowd = 200
	// maxCalls bounds calls that are under way, each up to streamTimeout.
	maxCalls = 6
)

// seek calls members of the roster that are not there, until all are.
func (g *Gossip) seek() {
	calls := make(chan struct{}, maxCalls)
	pause, before := g.shortest(), g.size()
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-g.stopped.Done():
			return
		case <-g.wake:
			pause = g.shortest()
			if time.Until(due) > pause {
				due = time.Now().Add(jitter(pause))
				timer.Reset(time.Until(due))
			}
			continue
		case <-timer.C:
		}
		g.reconcile()
		g.tellFacts()
		call, gone := g.missing()
		if gone >= before {
			pause = min(pause*3/2, longestPause)
		}
		before = gone
		for _, m := range call {
			select {
			case calls <- struct{}{}:
			default:
				continue
			}
			go func() {
				defer func() { <-calls }()
				if _, err := g.Join([]netip.Addr{m.Address}); err != nil {
					g.log.Debug("call a member", "node", m.Name, "error", err)
				}
			}()
		}
		due = time.Now().Add(jitter(pause))
		timer.Reset(time.Until(due))
	}
}

func (g *Gossip) shortest() time.Duration {
	return min(shortestPause*time.Duration(crowd+g.size())/crowd, longestPause)
}

// hurry makes seek begin anew with short pauses.
func (g *Gossip) hurry() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// missing picks whom to call: perRound of those that are not there, and one that is
// if it may have a newer roster. It also tells how many are not there.
func (g *Gossip) missing() (call []pool.Member, count int) {
	behind := g.behind()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leaving {
		return nil, 0
	}
	var gone, alive []pool.Member
	for name, m := range g.book.byName {
		switch {
		case name == g.config.Name:
		case g.seen[name].state == pool.Alive:
			alive = append(alive, m)
		default:
			gone = append(gone, m)
		}
	}
	list := pick(gone, perRound)
	if behind {
		list = append(list, pick(alive, 1)...)
	}
	return list, len(gone)
}

// pick draws at most n of a list, which it shuffles.
func pick(list []pool.Member, n int) []pool.Member {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))]
}

// jitter is d, give or take a third, so that members do not call in step.
func jitter(d time.Duration) time.Duration {
	return d*2/3 + rand.N(d*2/3+1)
}
