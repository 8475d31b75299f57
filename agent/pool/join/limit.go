package join

import (
	"container/list"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"sync"
	"time"
)

const (
	// A source may send sourceBurst wrong secrets at once and one more each
	// sourceRefill. A secret has 128 bits: this is against noise and load, not guessing.
	sourceBurst  = 10
	sourceRefill = 10 * time.Second
	// All sources together: somebody with many addresses.
	totalBurst  = 100
	totalRefill = time.Second / 5
	// maxSources are remembered, about 200 bytes each. One that is forgotten begins
	// anew, for which it needs maxSources others, which the total holds back.
	maxSources = 4096
	// quietFor is how long a source's refusals are not logged again.
	quietFor = 10 * time.Second
)

// limiter counts wrong secrets by source address, with bounded memory.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	total   bucket
	quiet   time.Time // until then nothing is logged for the total
	sources map[netip.Addr]*list.Element
	order   *list.List // of *source, the latest first
}

type source struct {
	addr netip.Addr
	bucket
	quiet time.Time
}

// bucket holds what may still be taken; it fills up with time.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) fill(now time.Time, refill time.Duration, burst float64) {
	b.left = min(burst, b.left+max(0, now.Sub(b.at).Seconds()/refill.Seconds()))
	b.at = now
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, total: bucket{totalBurst, now()}, sources: map[netip.Addr]*list.Element{}, order: list.New()}
}

// block is what one customer of a provider has: an IPv4 address, or an IPv6 /64.
func block(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr()
	}
	return a
}

// take asks for one more try. quiet is true where a refusal has been logged just now.
func (l *limiter) take(a netip.Addr) (ok, quiet bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.total.fill(now, totalRefill, totalBurst)
	e, known := l.sources[block(a)]
	if !known && l.total.left < 1 {
		// Not even remembered: what is remembered is worth more.
		quiet = now.Before(l.quiet)
		if !quiet {
			l.quiet = now.Add(quietFor)
		}
		return false, quiet
	}
	if !known {
		if len(l.sources) >= maxSources {
			oldest := l.order.Back()
			delete(l.sources, oldest.Value.(*source).addr)
			l.order.Remove(oldest)
		}
		e = l.order.PushFront(&source{addr: block(a), bucket: bucket{sourceBurst, now}})
		l.sources[block(a)] = e
	}
	l.order.MoveToFront(e)
	s := e.Value.(*source)
	s.fill(now, sourceRefill, sourceBurst)
	if s.left < 1 || l.total.left < 1 {
		quiet = now.Before(s.quiet)
		if !quiet {
			s.quiet = now.Add(quietFor)
		}
		return false, quiet
	}
	s.left--
	l.total.left--
	return true, false
}

// giveBack takes back a try that was none: the secret was right.
func (l *limiter) giveBack(a netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.left = min(totalBurst, l.total.left+1)
	if e, known := l.sources[block(a)]; known {
		s := e.Value.(*source)
		s.left = min(sourceBurst, s.left+1)
	}
}

const (
	maxAdmitted = 1024
	admittedFor = time.Hour // longer than a machine stays joining
)

// memory keeps which token let a machine in, so that only it takes the machine back.
type memory struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]admission // by the machine's ID
}

type admission struct {
	secret [32]byte // SHA-256 of token and secret
	until  time.Time
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, of: map[string]admission{}}
}

func (m *memory) keep(id, token, secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if len(m.of) >= maxAdmitted {
		first, at := "", now.Add(2*admittedFor)
		for k, a := range m.of {
			if a.until.Before(at) {
				first, at = k, a.until
			}
		}
		delete(m.of, first)
	}
	m.of[id] = admission{sha256.Sum256([]byte(token + "\x00" + secret)), now.Add(admittedFor)}
}

func (m *memory) knows(id, token, secret string) bool {
	m.mu.Lock()
	a, known := m.of[id]
	m.mu.Unlock()
	sum := sha256.Sum256([]byte(token + "\x00" + secret))
	return subtle.ConstantTimeCompare(sum[:], a.secret[:]) == 1 && known && m.now().Before(a.until)
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.of, id)
}
