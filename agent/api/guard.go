package api

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Ten wrong tokens at once, then one a second, from one address. People mistype;
// programs with an old token retry.
const (
	guardBurst = 10
	guardRate  = rate.Limit(1)
	// guardMost bounds the addresses remembered, about 100 bytes each.
	guardMost = 4096
)

// guard slows down who sends wrong tokens.
type guard struct {
	now  func() time.Time
	mu   sync.Mutex
	seen map[netip.Prefix]*rate.Limiter
}

func newGuard(now func() time.Time) *guard {
	return &guard{now: now, seen: map[netip.Prefix]*rate.Limiter{}}
}

// open says whether a token from this address is looked at.
func (g *guard) open(addr string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	l, ok := g.seen[guardKey(addr)]
	return !ok || l.TokensAt(g.now()) >= 1
}

// wrong notes a wrong token.
func (g *guard) wrong(addr string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key, now := guardKey(addr), g.now()
	l, ok := g.seen[key]
	if !ok {
		g.forget(now)
		l = rate.NewLimiter(guardRate, guardBurst)
		g.seen[key] = l
	}
	l.AllowN(now, 1)
}

// forget makes room: first who has behaved for long enough, then anyone.
func (g *guard) forget(now time.Time) {
	if len(g.seen) < guardMost {
		return
	}
	for key, l := range g.seen {
		if l.TokensAt(now) >= guardBurst {
			delete(g.seen, key)
		}
	}
	for key := range g.seen {
		if len(g.seen) < guardMost {
			return
		}
		delete(g.seen, key)
	}
}

// guardKey is what counts as one address: an IPv6 user has a /64 to choose from.
func guardKey(addr string) netip.Prefix {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap()
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits) // bits is in range, and Prefix drops a zone
	return prefix
}
