package people

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// pendingFor is how long the second step of signing in may take.
const pendingFor = 5 * time.Minute

// pending is what a browser that gave the right password brings with the code. It is
// sealed, good for the browser that it was given to, and void once the password changed.
type pending struct {
	User  string `json:"user"`
	Stamp string `json:"stamp"`
	Agent string `json:"agent"` // hash of the browser's
}

var errWrong = agent.Errorf(agent.CodeUnauthorized, "this name and password do not go together").
	WithHint("try again; if the password is lost, ask an owner for a new link")

var errTooLate = agent.Errorf(agent.CodeUnauthorized, "this took too long, or something changed meanwhile").WithHint("sign in again")

// SignIn begins a session with a password, and a code where the account has a second
// factor; without the code what it returns is Pending, for SignInCode. A name that there
// is not is answered like a wrong password, after as long.
func (s *Service) SignIn(ctx context.Context, in agent.SignIn) (agent.SignedIn, error) {
	name := strings.ToLower(strings.TrimSpace(in.Name))
	if err := s.limits.take(in.Browser.Address, clip(name, 40)); err != nil {
		return agent.SignedIn{}, err
	}
	a, err := s.found(ctx, name)
	if err != nil {
		return agent.SignedIn{}, err
	}
	kept := ""
	if a != nil {
		kept = a.Password
	}
	right, stale, err := s.hashes.verify(ctx, kept, in.Password)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if !right {
		return agent.SignedIn{}, errWrong
	}
	switch {
	case a.TOTP != nil && in.Code == "":
		s.limits.giveBack(in.Browser.Address, name)
		text, err := s.seal(ctx, "code", pending{User: name, Stamp: a.Stamp, Agent: hashed(in.Browser.Agent)}, pendingFor)
		return agent.SignedIn{Pending: text}, err
	case a.TOTP != nil:
		if err := s.secondFactor(ctx, name, in.Code); err != nil {
			return agent.SignedIn{}, err
		}
	}
	s.limits.giveBack(in.Browser.Address, name)
	if stale {
		s.rehash(ctx, a, in.Password)
	}
	return s.begin(ctx, name, a.Stamp, in.Browser, "with a password")
}

// SignInCode is the second step: a code of the authenticator app, or a recovery code.
func (s *Service) SignInCode(ctx context.Context, text, code string, b agent.Browser) (agent.SignedIn, error) {
	var p pending
	if err := s.open(ctx, "code", text, &p); err != nil {
		return agent.SignedIn{}, err
	}
	if p.Agent != hashed(b.Agent) {
		return agent.SignedIn{}, errTooLate
	}
	if err := s.limits.take(b.Address, p.User); err != nil {
		return agent.SignedIn{}, err
	}
	a, err := s.found(ctx, p.User)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if a == nil || a.Stamp != p.Stamp {
		return agent.SignedIn{}, errTooLate
	}
	if err := s.secondFactor(ctx, p.User, code); err != nil {
		return agent.SignedIn{}, err
	}
	s.limits.giveBack(b.Address, p.User)
	return s.begin(ctx, p.User, p.Stamp, b, "with a password and a code")
}

// rehash keeps a password at today's cost.
func (s *Service) rehash(ctx context.Context, a *account, password string) {
	text, err := s.hashes.hash(ctx, password)
	if err != nil {
		return
	}
	was := a.Password
	_, err = s.change(ctx, a.Name, func(a *account) ([]Op, error) {
		if a.Password == was {
			a.Password = text
		}
		return nil, nil
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Log.Warn("a password was not kept anew", "user", a.Name, "err", err)
	}
}

// SetPassword gives somebody a new password and ends the person's sessions but the one
// to keep. Links that were made for them do not work any more.
func (s *Service) SetPassword(ctx context.Context, user, password, keep string) error {
	a, err := s.account(ctx, user)
	if err != nil {
		return err
	}
	if err := s.checkPassword(password, user, a.Title, a.Email); err != nil {
		return err
	}
	text, err := s.hashes.hash(ctx, password)
	if err != nil {
		return err
	}
	a, err = s.change(ctx, user, func(a *account) ([]Op, error) {
		stamp, err := s.random(16)
		if err != nil {
			return nil, err
		}
		var ops []Op
		all, err := s.sessions(ctx)
		if err != nil {
			return nil, err
		}
		for _, in := range all {
			if in.of(a) && in.id() == keep && keep != "" {
				in.Stamp = stamp
				ops = append(ops, put(prefixIn+in.hash, in, in.index))
			}
		}
		a.Password, a.Stamp, a.Invite = text, stamp, ""
		return ops, nil
	})
	if err != nil {
		return err
	}
	s.endStale(ctx, a)
	s.note(ctx, "user", user, "changed the password")
	return nil
}
