package people

import (
	"sync"
	"time"
)

// How long a session is remembered: while other servers' changes are followed, and
// while they are not. The former bounds what a server that was cut off goes on letting
// in before it notices.
const (
	rememberFollowed = 15 * time.Second
	rememberAlone    = time.Second
	maxRemembered    = 4096
)

// cache remembers sessions with their accounts, so that each request of a page does not
// ask the store.
type cache struct {
	now func() time.Time

	mu      sync.Mutex
	known   map[string]remembered
	turn    uint64 // grows whenever something changed
	follows bool
}

type remembered struct {
	in *session
	a  *account
	at time.Time
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, known: map[string]remembered{}}
}

// get returns what is remembered under a session's hash. It is not to be changed.
func (c *cache) get(hash string) (*session, *account, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.known[hash]
	limit := rememberAlone
	if c.follows {
		limit = rememberFollowed
	}
	if !ok || c.now().Sub(r.at) >= limit {
		return nil, nil, false
	}
	return r.in, r.a, true
}

// state is to be taken before what is put is read.
func (c *cache) state() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turn
}

// put remembers what was read, unless something changed since the state before: it may
// have been read before that.
func (c *cache) put(hash string, in *session, a *account, before uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn != before {
		return
	}
	if len(c.known) >= maxRemembered {
		clear(c.known)
	}
	c.known[hash] = remembered{in, a, c.now()}
}

// forget drops one session, drop all of them.
func (c *cache) forget(hash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, hash)
	c.turn++
}

func (c *cache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
	c.turn++
}

// followed tells that all changes until now are known of, unfollowed that they are not.
func (c *cache) followed() {
	c.drop()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.follows = true
}

func (c *cache) unfollowed() {
	c.drop()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.follows = false
}
