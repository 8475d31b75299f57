package people

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// TakeUp makes the account that a link is for, or gives it a new password, and signs
// in. A new password by a link is a fresh start: the second factor and the passkeys go
// too, since they may be lost, or somebody else's, and all sessions end.
func (s *Service) TakeUp(ctx context.Context, key string, n agent.NewAccount, b agent.Browser) (agent.SignedIn, error) {
	invited, err := s.Invited(ctx, key)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if invited.First {
		invited.Name = strings.ToLower(strings.TrimSpace(n.Name))
		if err := checkName(invited.Name); err != nil {
			return agent.SignedIn{}, err
		}
	}
	if n.Title == "" {
		n.Title = invited.Title
	}
	title, err := cleanTitle(n.Title, invited.Name)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if err := s.checkPassword(n.Password, invited.Name, title); err != nil {
		return agent.SignedIn{}, err
	}
	password, err := s.hashes.hash(ctx, n.Password)
	if err != nil {
		return agent.SignedIn{}, err
	}
	for range tries {
		a, ops, err := s.taken(ctx, key, invited)
		if err != nil {
			return agent.SignedIn{}, err
		}
		a.Title, a.Password, a.Seen, a.Invite = title, password, s.Now(), ""
		a.TOTP, a.NewTOTP, a.Codes, a.Passkeys = nil, nil, nil, nil
		if a.Stamp, err = s.random(16); err != nil {
			return agent.SignedIn{}, err
		}
		in, op, err := s.newSession(a, b)
		if err != nil {
			return agent.SignedIn{}, err
		}
		err = s.Store.Write(ctx, append(ops, op, put(prefixUsers+a.Name, a, a.index))...)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return agent.SignedIn{}, fmt.Errorf("make the account %s: %w", a.Name, err)
		}
		s.cache.drop()
		s.endStale(ctx, a)
		s.note(agent.WithActor(ctx, a.Name), "user", a.Name, took(invited))
		return in, nil
	}
	return agent.SignedIn{}, errBusy
}

// taken is the account that a link is for, and what is to be written with it so that
// the link serves once.
func (s *Service) taken(ctx context.Context, key string, invited agent.Invitation) (*account, []Op, error) {
	if !invited.First {
		_, a, index, err := s.invitation(ctx, key)
		if err != nil {
			return nil, nil, err
		}
		ops := []Op{{Key: prefixKeys + hashed(key), Index: index, Delete: true}}
		if a.Role == agent.RoleOwner {
			op, err := s.ownersAnd(ctx, a.Name)
			if err != nil {
				return nil, nil, err
			}
			ops = append(ops, op)
		}
		return a, ops, nil
	}
	first, index, err := s.firstLink(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	if first == nil {
		return nil, nil, errNoInvitation
	}
	if there, err := s.found(ctx, invited.Name); err != nil || there != nil {
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, agent.Errorf(agent.CodeConflict, "the name %s is taken", invited.Name).WithHint("choose another")
	}
	names, owners, err := s.owners(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(names) > 0 {
		return nil, nil, errOwned
	}
	a, err := s.newAccount(invited.Name)
	if err != nil {
		return nil, nil, err
	}
	a.Role = agent.RoleOwner
	return a, []Op{{Key: keyFirst, Index: index, Delete: true}, put(keyOwners, []string{a.Name}, owners)}, nil
}

func took(in agent.Invitation) string {
	switch {
	case in.First:
		return "is the first owner"
	case in.Reset:
		return "chose a new password by a link"
	}
	return "took the invitation up"
}
