// Package people keeps who may sign in to the cloud: accounts with a password and, if
// wanted, a second factor or passkeys; invitations; sessions. It decides who may look
// after whom.
//
// Everything is kept as records in a Store and written check-and-set, several records
// at once where they must agree, so that any server can do it, two at the same time, and
// one that is killed leaves the old state or the new. It depends on the words in agent,
// on argon2id (x/crypto), pquerna/otp, go-webauthn and zxcvbn. Start reading at Service,
// then account.go, signin.go and session.go.
package people

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
)

// Options are what the service works with.
type Options struct {
	Store Store
	Log   *slog.Logger
	Now   func() time.Time
	Rand  io.Reader
	// Host is the cloud's domain, which passkeys are bound to, and the origins under
	// which browsers see the panel: "https://panel.ada.xyz".
	Host func() (domain string, origins []string)
	// Link makes a path of the panel's into a link to give to somebody.
	Link func(path string) string
	// Note tells of a change; nil for nobody.
	Note func(ctx context.Context, a agent.Activity)
}

// Service looks after people. Its methods may be called at once, on several servers.
type Service struct {
	Options
	hashes *hasher
	limits *limits
	cache  *cache
	sealer sealer
}

// New returns a service over the records in a store.
func New(o Options) *Service {
	if o.Note == nil {
		o.Note = func(context.Context, agent.Activity) {}
	}
	return &Service{Options: o, hashes: newHasher(o.Rand), limits: newLimits(o.Now), cache: newCache(o.Now)}
}

// sweepEvery is how often what has run out is thrown away.
const sweepEvery = 10 * time.Minute

// Run follows what other servers change, so that a session that was ended there ends
// here at once, and throws away what has run out, until the context ends. Without it
// sessions are looked up anew each second.
func (s *Service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { s.follow(ctx); return ctx.Err() })
	g.Go(func() error {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("records of people that ran out were not swept", "err", err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	return g.Wait()
}

// follow drops what is remembered whenever a record changed. While the store does not
// answer, nothing is remembered for longer than a second.
func (s *Service) follow(ctx context.Context) {
	var after uint64
	for ctx.Err() == nil {
		index, err := s.Store.Changed(ctx, "", after)
		if err != nil {
			s.cache.unfollowed()
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		s.cache.followed()
		after = index
	}
	s.cache.unfollowed()
}

// note tells of a change that is done.
func (s *Service) note(ctx context.Context, action, user, detail string) {
	now := s.Now()
	s.Note(ctx, agent.Activity{Actor: agent.Actor(ctx), Action: action, User: user, Detail: detail,
		Started: now, Ended: now, Outcome: agent.OutcomeDone})
}

// random is n bytes of randomness as lower-case base32, five bits a letter: it can be
// read aloud and typed.
func (s *Service) random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Rand, b); err != nil {
		return "", err
	}
	return strings.ToLower(letters.EncodeToString(b)), nil
}
