package people

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dentropy/dcloud/agent"
)

// Users are those who may sign in, and those who were invited, by name.
func (s *Service) Users(ctx context.Context) ([]agent.User, error) {
	accounts, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]agent.User, 0, len(accounts))
	for _, a := range accounts {
		u := a.user()
		for _, in := range sessions {
			if in.of(a) && in.Seen.After(u.Seen) {
				u.Seen = in.Seen
			}
		}
		users = append(users, u)
	}
	return users, nil
}

// User is one of them.
func (s *Service) User(ctx context.Context, name string) (agent.User, error) {
	a, err := s.account(ctx, name)
	if err != nil {
		return agent.User{}, err
	}
	return a.user(), nil
}

// mayLookAfter tells why who asks may not change somebody of a role: an admin looks
// after members and guests, an owner after everybody.
func mayLookAfter(ctx context.Context, role string) error {
	asker := agent.Role(ctx)
	if !agent.Allows(asker, agent.ActPeople) {
		return agent.Errorf(agent.CodeUnauthorized, "only admins and owners look after people").WithHint("ask one of them")
	}
	if asker != agent.RoleOwner && agent.Rank(role) >= agent.Rank(asker) {
		return agent.Errorf(agent.CodeUnauthorized, "only an owner looks after admins and owners").WithHint("ask an owner")
	}
	return nil
}

func checkRole(role string) error {
	if agent.Rank(role) < 0 {
		return agent.Errorf(agent.CodeInvalid, "there is no role %q", clip(role, 40)).WithHint("choose one of guest, member, admin, owner")
	}
	return nil
}

// owners reads who owns the cloud.
func (s *Service) owners(ctx context.Context) (names []string, index uint64, err error) {
	index, err = s.read(ctx, keyOwners, &names)
	if err != nil {
		return nil, 0, fmt.Errorf("read who owns the cloud: %w", err)
	}
	return names, index, nil
}

// ownersBut is an Op that takes somebody from the owners; agent.CodeConflict for the
// last one.
func (s *Service) ownersBut(ctx context.Context, name string) (Op, error) {
	names, index, err := s.owners(ctx)
	if err != nil {
		return Op{}, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == name })
	if len(names) == 0 {
		return Op{}, agent.Errorf(agent.CodeConflict, "%s is the only owner, and there is always one", name).
			WithHint("make somebody else an owner first")
	}
	return put(keyOwners, names, index), nil
}

// ownersAnd is an Op that puts somebody among the owners.
func (s *Service) ownersAnd(ctx context.Context, name string) (Op, error) {
	names, index, err := s.owners(ctx)
	if err != nil {
		return Op{}, err
	}
	if !slices.Contains(names, name) {
		names = append(names, name)
	}
	return put(keyOwners, names, index), nil
}

// ChangeUser changes an account. People may change how they are called and their own
// address; a new role ends the person's sessions.
func (s *Service) ChangeUser(ctx context.Context, name string, c agent.UserChange) (agent.User, error) {
	if c.Role != nil {
		if err := checkRole(*c.Role); err != nil {
			return agent.User{}, err
		}
	}
	own := agent.Actor(ctx) == name && agent.Rank(agent.Role(ctx)) >= 0 && c.Role == nil
	if !own && !agent.Allows(agent.Role(ctx), agent.ActPeople) {
		return agent.User{}, mayLookAfter(ctx, agent.RoleGuest) // before telling whether there is such a person
	}
	var before account
	a, err := s.change(ctx, name, func(a *account) ([]Op, error) {
		before = *a
		if !own {
			if err := mayLookAfter(ctx, a.Role); err != nil {
				return nil, err
			}
		}
		if err := rename(a, c); err != nil {
			return nil, err
		}
		if c.Role == nil || *c.Role == a.Role {
			return nil, nil
		}
		return s.newRole(ctx, a, *c.Role)
	})
	if err != nil {
		return agent.User{}, err
	}
	detail := "changed the name or the address"
	if before.Role != a.Role {
		s.endStale(ctx, a)
		detail = "from " + before.Role + " to " + a.Role
	}
	if before.Role != a.Role || before.Title != a.Title || before.Email != a.Email {
		s.note(ctx, "user", name, detail)
	}
	return a.user(), nil
}

func rename(a *account, c agent.UserChange) (err error) {
	if c.Title != nil {
		if a.Title, err = cleanTitle(*c.Title, a.Name); err != nil {
			return err
		}
	}
	if c.Email != nil {
		a.Email, err = cleanEmail(*c.Email)
	}
	return err
}

// newRole gives an account another role and returns what is to be written with it.
func (s *Service) newRole(ctx context.Context, a *account, role string) (ops []Op, err error) {
	if err := mayLookAfter(ctx, role); err != nil {
		return nil, err
	}
	var op Op
	switch {
	case a.invited(): // is none of the owners before the invitation is taken up
	case a.Role == agent.RoleOwner:
		op, err = s.ownersBut(ctx, a.Name)
		ops = append(ops, op)
	case role == agent.RoleOwner:
		op, err = s.ownersAnd(ctx, a.Name)
		ops = append(ops, op)
	}
	if err != nil {
		return nil, err
	}
	a.Role = role
	a.Stamp, err = s.random(16)
	return ops, err
}

// RemoveUser ends an account, an invitation that is under way with it, and all its
// sessions.
func (s *Service) RemoveUser(ctx context.Context, name string) error {
	if !agent.Allows(agent.Role(ctx), agent.ActPeople) {
		return mayLookAfter(ctx, agent.RoleGuest)
	}
	for range tries {
		a, err := s.account(ctx, name)
		if err != nil {
			return err
		}
		if err := mayLookAfter(ctx, a.Role); err != nil {
			return err
		}
		ops := []Op{{Key: prefixUsers + name, Index: a.index, Delete: true}}
		if a.Role == agent.RoleOwner && !a.invited() {
			op, err := s.ownersBut(ctx, name)
			if err != nil {
				return err
			}
			ops = append(ops, op)
		}
		err = s.Store.Write(ctx, ops...)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return fmt.Errorf("remove the account %s: %w", name, err)
		}
		s.cache.drop()
		a.Stamp = "" // all of its sessions are stale
		s.endStale(ctx, a)
		s.note(ctx, "user", name, "removed the account")
		return nil
	}
	return errBusy
}
