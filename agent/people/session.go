package people

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	sessionFor = 30 * 24 * time.Hour // since it was last used
	sudoFor    = 10 * time.Minute
	seenEvery  = time.Minute // how exactly it is known when it was last used
	// maxSessions of a person; the one that was not used for the longest ends.
	maxSessions = 50
)

// session is the record of somebody who is signed in, under the hash of its token.
type session struct {
	User    string        `json:"user"`
	Stamp   string        `json:"stamp"` // the account's when it began; another one since has ended it
	Domain  string        `json:"domain"`
	Created time.Time     `json:"created"`
	Seen    time.Time     `json:"seen"`
	Sudo    time.Time     `json:"sudo,omitzero"`
	Browser agent.Browser `json:"browser"`

	hash  string
	index uint64
}

// tokenBytes is how random a session's token is: 256 bits. With the prefix one that
// leaked is known for what it is.
const (
	tokenBytes  = 32
	tokenPrefix = "dcs_"
)

var tokenShape = regexp.MustCompile(`^dcs_[a-z2-7]{52}$`)

var errSignedOut = agent.Errorf(agent.CodeUnauthorized, "you are not signed in any more").WithHint("sign in again")

// of tells whether a session is one of the account as it is now.
func (in *session) of(a *account) bool {
	return in.User == a.Name && a.Stamp != "" && in.Stamp == a.Stamp
}

// id is what a session is called in lists. It does not lead to the token.
func (in *session) id() string { return in.hash[:16] }

func (in *session) over(now time.Time) bool { return !now.Before(in.Seen.Add(sessionFor)) }

func (in *session) shown(a *account) agent.Session {
	return agent.Session{ID: in.id(), User: a.Name, Title: a.Title, Role: a.Role, Created: in.Created, Seen: in.Seen,
		Expires: in.Seen.Add(sessionFor), Sudo: in.Sudo, Browser: in.Browser}
}

// elsewhere tells whether a session began under another domain than the cloud has now.
// Browsers go on sending its token to whoever has that domain by then.
func (s *Service) elsewhere(in *session) bool {
	domain, _ := s.Host()
	return in.Domain != domain
}

// newSession is a session and the Op that writes it. Who just proved who they are may
// do dangerous things at once.
func (s *Service) newSession(a *account, b agent.Browser) (agent.SignedIn, Op, error) {
	secret, err := s.random(tokenBytes)
	if err != nil {
		return agent.SignedIn{}, Op{}, err
	}
	token := tokenPrefix + secret
	b.Agent = clip(b.Agent, 200)
	now := s.Now()
	domain, _ := s.Host()
	in := &session{User: a.Name, Stamp: a.Stamp, Domain: domain, Created: now, Seen: now, Sudo: now.Add(sudoFor), Browser: b, hash: hashed(token)}
	return agent.SignedIn{Token: token, Session: in.shown(a)}, put(prefixIn+in.hash, in, 0), nil
}

// begin signs somebody in who proved who they are, unless the account changed since.
func (s *Service) begin(ctx context.Context, user, stamp string, b agent.Browser, how string) (agent.SignedIn, error) {
	var out agent.SignedIn
	a, err := s.change(ctx, user, func(a *account) ([]Op, error) {
		if a.Stamp != stamp || a.invited() {
			return nil, errTooLate
		}
		in, op, err := s.newSession(a, b)
		a.Seen, out = s.Now(), in
		return []Op{op}, err
	})
	if err != nil {
		var e *agent.Error
		if errors.As(err, &e) && e.Code == agent.CodeNotFound {
			err = errTooLate
		}
		return agent.SignedIn{}, err
	}
	s.endStale(ctx, a)
	s.note(agent.WithActor(ctx, user), "sign-in", user, how)
	return out, nil
}

// session reads a session and its account by the token's hash; errSignedOut where there
// is none, or it has ended.
func (s *Service) session(ctx context.Context, token string) (*session, *account, error) {
	if !tokenShape.MatchString(token) {
		return nil, nil, errSignedOut
	}
	in := &session{hash: hashed(token)}
	if kept, a, ok := s.cache.get(in.hash); ok && !kept.over(s.Now()) {
		return kept, a, nil
	}
	before := s.cache.state()
	index, err := s.read(ctx, prefixIn+in.hash, in)
	if err != nil {
		return nil, nil, fmt.Errorf("read a session: %w", err)
	}
	if in.index = index; index == 0 || in.over(s.Now()) {
		return nil, nil, errSignedOut
	}
	a, err := s.found(ctx, in.User)
	if err != nil {
		return nil, nil, err
	}
	if a == nil || !in.of(a) || s.elsewhere(in) {
		return nil, nil, errSignedOut
	}
	s.cache.put(in.hash, in, a, before)
	return in, a, nil
}

// Session is who a token belongs to; agent.CodeUnauthorized for nobody.
func (s *Service) Session(ctx context.Context, token string) (agent.Session, error) {
	in, a, err := s.session(ctx, token)
	if err != nil {
		return agent.Session{}, err
	}
	if s.Now().Sub(in.Seen) < seenEvery {
		return in.shown(a), nil
	}
	return s.touch(ctx, token, func(in *session) { in.Seen = s.Now() })
}

// touch changes a session that there is. One that another request changed meanwhile is
// read again.
func (s *Service) touch(ctx context.Context, token string, f func(*session)) (agent.Session, error) {
	for range tries {
		in, a, err := s.session(ctx, token)
		if err != nil {
			return agent.Session{}, err
		}
		next := *in
		f(&next)
		err = s.Store.Write(ctx, put(prefixIn+in.hash, &next, in.index))
		s.cache.forget(in.hash)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return agent.Session{}, fmt.Errorf("write a session: %w", err)
		}
		return next.shown(a), nil
	}
	return agent.Session{}, errBusy
}

// sessions reads all that have not run out.
func (s *Service) sessions(ctx context.Context) ([]*session, error) {
	records, err := s.Store.List(ctx, prefixIn)
	if err != nil {
		return nil, fmt.Errorf("read the sessions: %w", err)
	}
	var out []*session
	for _, r := range records {
		in := &session{hash: r.Key[len(prefixIn):], index: r.Index}
		if json.Unmarshal(r.Value, in) != nil || len(in.hash) != 64 || in.over(s.Now()) {
			continue // sweep takes it away
		}
		out = append(out, in)
	}
	return out, nil
}

// Sessions are where somebody is signed in, the last used first.
func (s *Service) Sessions(ctx context.Context, user string) ([]agent.Session, error) {
	a, err := s.account(ctx, user)
	if err != nil {
		return nil, err
	}
	all, err := s.sessions(ctx)
	if err != nil {
		return nil, err
	}
	out := []agent.Session{}
	for _, in := range all {
		if in.of(a) && !s.elsewhere(in) {
			out = append(out, in.shown(a))
		}
	}
	slices.SortFunc(out, func(a, b agent.Session) int {
		return cmp.Or(b.Seen.Compare(a.Seen), b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// EndSession ends one of somebody's sessions; that it has ended already is no error.
func (s *Service) EndSession(ctx context.Context, user, id string) error {
	all, err := s.sessions(ctx)
	if err != nil {
		return err
	}
	for _, in := range all {
		if in.User == user && in.id() == id {
			return s.end(ctx, in)
		}
	}
	return nil
}

// end deletes a session, also where a request of it is just noting that it is used.
func (s *Service) end(ctx context.Context, in *session) error {
	defer s.cache.drop()
	for range tries {
		err := s.Store.Write(ctx, Op{Key: prefixIn + in.hash, Index: in.index, Delete: true})
		if !errors.Is(err, ErrChanged) {
			return err
		}
		r, err := s.Store.Get(ctx, prefixIn+in.hash)
		if err != nil || r.Index == 0 {
			return err
		}
		in.index = r.Index
	}
	return errBusy
}

// endStale throws away the records of an account's sessions that have ended already by
// a new stamp, and the oldest of too many. What fails is left for the sweep.
func (s *Service) endStale(ctx context.Context, a *account) {
	all, err := s.sessions(ctx)
	if err != nil {
		return
	}
	slices.SortFunc(all, func(a, b *session) int {
		return cmp.Or(b.Seen.Compare(a.Seen), b.Created.Compare(a.Created), cmp.Compare(a.hash, b.hash))
	})
	good := 0
	for _, in := range all {
		if in.User != a.Name {
			continue
		}
		if in.of(a) {
			if good++; good <= maxSessions {
				continue
			}
		}
		if err := s.end(ctx, in); err != nil {
			s.Log.Warn("a session that has ended was not thrown away", "user", a.Name, "err", err)
		}
	}
}

// Sudo lets a session do dangerous things for ten minutes, after the password or a code.
func (s *Service) Sudo(ctx context.Context, token string, p agent.Proof) (agent.Session, error) {
	in, a, err := s.session(ctx, token)
	if err != nil {
		return agent.Session{}, err
	}
	if err := s.limits.take(in.Browser.Address, a.Name); err != nil {
		return agent.Session{}, err
	}
	if p.Password != "" || p.Code == "" {
		right, _, err := s.hashes.verify(ctx, a.Password, p.Password)
		if err != nil {
			return agent.Session{}, err
		}
		if !right {
			return agent.Session{}, agent.Errorf(agent.CodeUnauthorized, "that password is not right").WithHint("try again")
		}
	} else if err := s.secondFactor(ctx, a.Name, p.Code); err != nil {
		return agent.Session{}, err
	}
	s.limits.giveBack(in.Browser.Address, a.Name)
	return s.touch(ctx, token, func(in *session) { in.Sudo = s.Now().Add(sudoFor) })
}
