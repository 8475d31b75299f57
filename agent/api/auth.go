package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// TokenHash is the SHA-256 of a token. Tokens are long and random, so a fast hash
// serves: there is nothing to guess.
type TokenHash = [sha256.Size]byte

// TokenSum returns what is kept of a token.
func TokenSum(token string) TokenHash { return sha256.Sum256([]byte(token)) }

// authenticate lets in who may come in, and puts who it is into the context.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isOpen(s.table, c.Request().Method, c.Path()) {
			return next(c)
		}
		actor, err := s.actor(c)
		if err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(agent.WithActor(c.Request().Context(), actor)))
		return next(c)
	}
}

// actor says who makes the request, or why it is refused.
func (s *Server) actor(c echo.Context) (string, error) {
	if p, ok := c.Request().Context().Value(peerKey{}).(peer); ok {
		return p.actor()
	}
	c.Response().Header().Set("WWW-Authenticate", `Bearer realm="dcloud"`)
	scheme, token, _ := strings.Cut(c.Request().Header.Get("Authorization"), " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", agent.Errorf(agent.CodeUnauthorized, "the request carries no token").
			WithHint("set DCLOUD_TOKEN, or send the header Authorization: Bearer TOKEN")
	}
	addr := c.Request().RemoteAddr
	if !s.guard.open(addr) {
		c.Response().Header().Set("Retry-After", "10")
		return "", withStatus(http.StatusTooManyRequests,
			agent.Errorf(agent.CodeUnauthorized, "too many wrong tokens came from this address").
				WithHint("wait a few seconds, then try again with the right one"))
	}
	name, err := s.tokenName(c.Request().Context(), token)
	if err != nil {
		return "", err
	}
	if name == "" {
		s.guard.wrong(addr)
		s.log.Warn("refused a wrong token", "address", addr)
		return "", agent.Errorf(agent.CodeUnauthorized, "the token is wrong, or it was withdrawn").
			WithHint("check DCLOUD_TOKEN; a new one is made on a server of the cloud")
	}
	return "token:" + name, nil
}

// tokenName returns the name of a token, "" if it is nobody's. It takes the same
// time whichever it is.
func (s *Server) tokenName(ctx context.Context, token string) (string, error) {
	if s.opts.Tokens == nil {
		return "", nil
	}
	known, err := s.opts.Tokens(ctx)
	if err != nil {
		return "", err
	}
	sum, found := TokenSum(token), ""
	for name, hash := range known {
		if subtle.ConstantTimeCompare(sum[:], hash[:]) == 1 {
			found = name
		}
	}
	return found, nil
}

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
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Prefix{}
	}
	ip := ap.Addr().Unmap()
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits) // bits is in range, and Prefix drops a zone
	return prefix
}
