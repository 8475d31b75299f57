package people

import (
	"fmt"
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// allowance is how many wrong tries there may be at once, and how long it takes until
// one more is allowed.
type allowance struct {
	tries int
	each  time.Duration
}

// Wrong tries are counted for each account from each address, so that somebody who
// tries elsewhere does not lock the person out; for each address; and more widely for
// each account, against many addresses. Each server counts by itself.
var (
	perPair    = allowance{8, time.Minute}
	perAddress = allowance{30, 10 * time.Second}
	perAccount = allowance{60, 30 * time.Second}
)

// maxCounted bounds the memory that strangers can take.
const maxCounted = 20_000

// limits counts tries. One that is right is given back.
type limits struct {
	now func() time.Time

	mu  sync.Mutex
	out map[string]bucket
}

// bucket is what was used of an allowance, at a time; it empties by itself.
type bucket struct {
	used float64
	at   time.Time
	each time.Duration
}

func newLimits(now func() time.Time) *limits { return &limits{now: now, out: map[string]bucket{}} }

// counted is what a try counts against. Whether there is such an account does not matter.
func counted(address, account string) map[string]allowance {
	m := map[string]allowance{"address " + network(address): perAddress}
	if account != "" {
		m["account "+account] = perAccount
		m["pair "+network(address)+" "+account] = perPair
	}
	return m
}

// network is an address as it is counted: IPv6 by the /64, which is one household's.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "?"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}

// take counts a try before it is made, so that many at once count too. Where there were
// too many it is agent.CodeUnavailable, with how long to wait.
func (l *limits) take(address, account string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var wait time.Duration
	all := counted(address, account)
	for key, a := range all {
		b := l.at(key, a, now)
		if over := b.used + 1 - float64(a.tries); over > 0 {
			wait = max(wait, time.Duration(over*float64(a.each)))
		}
	}
	if wait > 0 {
		return agent.Errorf(agent.CodeUnavailable, "there were too many wrong tries").WithHint("wait %s, then try again", inWords(wait))
	}
	for key, a := range all {
		b := l.at(key, a, now)
		b.used++
		l.out[key] = b
	}
	if len(l.out) > maxCounted {
		l.shrink(now)
	}
	return nil
}

// giveBack takes back the count of a try that was right.
func (l *limits) giveBack(address, account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for key, a := range counted(address, account) {
		b := l.at(key, a, now)
		if b.used--; b.used <= 0 {
			delete(l.out, key)
		} else {
			l.out[key] = b
		}
	}
}

// at is a bucket as it is now.
func (l *limits) at(key string, a allowance, now time.Time) bucket {
	b, ok := l.out[key]
	if !ok {
		return bucket{at: now, each: a.each}
	}
	return b.now(now)
}

func (b bucket) now(now time.Time) bucket {
	b.used = math.Max(0, b.used-float64(now.Sub(b.at))/float64(b.each))
	b.at = now
	return b
}

// shrink forgets what is empty, then what is all but empty.
func (l *limits) shrink(now time.Time) {
	for _, least := range []float64{0, 1, 2, math.Inf(1)} {
		for key, b := range l.out {
			if b.now(now).used <= least {
				delete(l.out, key)
			}
		}
		if len(l.out) <= maxCounted/2 {
			return
		}
	}
}

// inWords rounds up, so that who waits as long need not wait again.
func inWords(d time.Duration) string {
	if d > 90*time.Second {
		return fmt.Sprintf("%d minutes", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%d seconds", int(math.Ceil(d.Seconds())))
}
