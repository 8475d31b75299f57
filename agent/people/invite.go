package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// How long links serve. Who has one of the latter two can have the cloud, or an account
// that is in use, so they are short.
const (
	inviteFor = 7 * 24 * time.Hour
	resetFor  = 24 * time.Hour
	firstFor  = 24 * time.Hour
)

// invite is the record of a link. The account names it too; one that it does not name
// any more was withdrawn.
type invite struct {
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
	By      string    `json:"by"`   // who made it
	Role    string    `json:"role"` // and what they were then
}

// firstLink is the record of the link that makes the first owner.
type firstLink struct {
	Hash    string    `json:"hash"`
	Expires time.Time `json:"expires"`
}

// keyBytes is how random the key in a link is: 200 bits.
const keyBytes = 25

var errNoInvitation = agent.Errorf(agent.CodeNotFound, "this link does not work any more").
	WithHint("it was used already, it is too old, or a newer one was made; ask who sent it for another")

var errOwned = agent.Errorf(agent.CodeConflict, "the cloud has an owner already").
	WithHint("sign in, or let an owner make a link with: dcloud user passwd NAME")

// FirstLink makes the link with which the first owner makes an account, good for a day.
// One that was made before does not work any more.
func (s *Service) FirstLink(ctx context.Context) (agent.Invitation, error) {
	if agent.Role(ctx) != agent.RoleOwner {
		return agent.Invitation{}, agent.Errorf(agent.CodeUnauthorized, "only root on a server makes the first link").
			WithHint("run there: dcloud user invite")
	}
	for range tries {
		names, _, err := s.owners(ctx)
		if err != nil {
			return agent.Invitation{}, err
		}
		if len(names) > 0 {
			return agent.Invitation{}, errOwned
		}
		r, err := s.Store.Get(ctx, keyFirst)
		if err != nil {
			return agent.Invitation{}, fmt.Errorf("read the first link: %w", err)
		}
		key, err := s.random(keyBytes)
		if err != nil {
			return agent.Invitation{}, err
		}
		first := firstLink{Hash: hashed(key), Expires: s.Now().Add(firstFor)}
		err = s.Store.Write(ctx, put(keyFirst, first, r.Index))
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return agent.Invitation{}, fmt.Errorf("write the first link: %w", err)
		}
		return agent.Invitation{Role: agent.RoleOwner, First: true, Link: s.Link("/welcome/" + key), Expires: first.Expires}, nil
	}
	return agent.Invitation{}, errBusy
}

// Invite makes a link with which somebody new makes an account, within a week, or with
// which somebody who lost the password chooses another, within a day. A link that was
// made for the same person before does not work any more.
func (s *Service) Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	if err := mayLookAfter(ctx, agent.RoleGuest); err != nil {
		return agent.Invitation{}, err
	}
	name := strings.ToLower(strings.TrimSpace(req.Name))
	if err := checkName(name); err != nil {
		return agent.Invitation{}, err
	}
	if req.Role != "" {
		if err := checkRole(req.Role); err != nil {
			return agent.Invitation{}, err
		}
	}
	for range tries {
		a, err := s.found(ctx, name)
		if err != nil {
			return agent.Invitation{}, err
		}
		key, err := s.random(keyBytes)
		if err != nil {
			return agent.Invitation{}, err
		}
		fresh := a == nil
		if fresh {
			if a, err = s.newAccount(name); err != nil {
				return agent.Invitation{}, err
			}
		}
		reset := !a.invited()
		if err := s.prepare(ctx, a, req, reset); err != nil {
			return agent.Invitation{}, err
		}
		a.Invite = hashed(key)
		in := invite{User: name, Expires: s.Now().Add(inviteFor), By: agent.Actor(ctx), Role: agent.Role(ctx)}
		if reset {
			in.Expires = s.Now().Add(resetFor)
		}
		err = s.Store.Write(ctx, put(prefixUsers+name, a, a.index), put(prefixKeys+a.Invite, in, 0))
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return agent.Invitation{}, fmt.Errorf("write the invitation of %s: %w", name, err)
		}
		s.cache.drop()
		s.note(ctx, "invite", name, map[bool]string{true: "a link to choose a new password", false: "as " + a.Role}[reset])
		return agent.Invitation{Name: name, Title: a.Title, Role: a.Role, Reset: reset, Link: s.Link("/join/" + key), Expires: in.Expires}, nil
	}
	return agent.Invitation{}, errBusy
}

// newAccount is a record for somebody new, without a password.
func (s *Service) newAccount(name string) (*account, error) {
	id, err := s.random(20)
	if err != nil {
		return nil, err
	}
	stamp, err := s.random(16)
	return &account{ID: id, Name: name, Title: name, Role: agent.RoleMember, Stamp: stamp, Created: s.Now()}, err
}

// prepare puts what an invitation says into the account that it is for. One in use
// stays as it is.
func (s *Service) prepare(ctx context.Context, a *account, req agent.InviteRequest, reset bool) (err error) {
	if a.index != 0 {
		if err := mayLookAfter(ctx, a.Role); err != nil {
			return err
		}
	}
	if reset {
		return nil
	}
	if req.Role != "" {
		a.Role = req.Role
	}
	if err := mayLookAfter(ctx, a.Role); err != nil {
		return err
	}
	if req.Title != "" || a.index == 0 {
		if a.Title, err = cleanTitle(req.Title, a.Name); err != nil {
			return err
		}
	}
	if req.Email != "" {
		a.Email, err = cleanEmail(req.Email)
	}
	return err
}

// Invited says whom the key of a link is for; agent.CodeNotFound for one that does not
// work.
func (s *Service) Invited(ctx context.Context, key string) (agent.Invitation, error) {
	if first, _, err := s.firstLink(ctx, key); err != nil || first != nil {
		if err != nil {
			return agent.Invitation{}, err
		}
		return agent.Invitation{Role: agent.RoleOwner, First: true, Expires: first.Expires}, nil
	}
	in, a, _, err := s.invitation(ctx, key)
	if err != nil {
		return agent.Invitation{}, err
	}
	return agent.Invitation{Name: a.Name, Title: a.Title, Role: a.Role, Reset: !a.invited(), Expires: in.Expires}, nil
}

// firstLink reads the first link, nil if the key is not of it.
func (s *Service) firstLink(ctx context.Context, key string) (*firstLink, uint64, error) {
	var first firstLink
	index, err := s.read(ctx, keyFirst, &first)
	if err != nil {
		return nil, 0, fmt.Errorf("read the first link: %w", err)
	}
	if index == 0 || first.Hash != hashed(key) || !s.Now().Before(first.Expires) {
		return nil, 0, nil
	}
	return &first, index, nil
}

// invitation reads what a link is for, and the index of its record.
func (s *Service) invitation(ctx context.Context, key string) (*invite, *account, uint64, error) {
	var in invite
	index, err := s.read(ctx, prefixKeys+hashed(key), &in)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("read an invitation: %w", err)
	}
	if index == 0 || !s.Now().Before(in.Expires) {
		return nil, nil, 0, errNoInvitation
	}
	a, err := s.found(ctx, in.User)
	if err != nil {
		return nil, nil, 0, err
	}
	if a == nil || a.Invite != hashed(key) {
		return nil, nil, 0, errNoInvitation
	}
	if good, err := s.stillMay(ctx, &in, a.Role); err != nil || !good {
		return nil, nil, 0, cmp.Or(err, error(errNoInvitation))
	}
	return &in, a, index, nil
}

// stillMay tells whether who made a link looks after somebody of a role even now. The
// account may have been given a higher one since, or they a lower one: who kept a link
// would otherwise become what they may not touch.
func (s *Service) stillMay(ctx context.Context, in *invite, role string) (bool, error) {
	maker := in.Role
	if checkName(in.By) == nil { // a person, not root or a token
		by, err := s.found(ctx, in.By)
		if err != nil || by == nil {
			return false, err
		}
		maker = by.Role
	}
	return mayLookAfter(agent.WithRole(ctx, maker), role) == nil, nil
}
