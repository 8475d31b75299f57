package sample

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// people are those of a cloud, whom its accounts know too.
type people struct {
	mu    sync.Mutex
	users map[string]agent.User
}

// newPeople are one of each role, one who uses all that there is to sign in with, and
// one who was invited.
func newPeople(now time.Time) *people {
	p := &people{users: map[string]agent.User{}}
	for k, role := range agent.Roles() {
		p.users[role] = agent.User{Name: role, Title: []string{"Tim", "Linus", "Grace", "Ada"}[k], Email: role + "@example.org", Role: role, Passkeys: []agent.Passkey{},
			Created: now.Add(-time.Duration(40+k) * 24 * time.Hour), Seen: now.Add(-time.Duration(6-2*k) * time.Hour)}
	}
	p.users["mary"] = agent.User{Name: "mary", Title: "Mary", Email: "mary@example.org", Role: agent.RoleMember, Invited: true, Created: now.Add(-12 * 24 * time.Hour), Passkeys: []agent.Passkey{}}
	p.users["hedy"] = agent.User{Name: "hedy", Title: "Hedy Lamarr", Email: "hedy@example.org", Role: agent.RoleAdmin, Created: now.Add(-300 * 24 * time.Hour), Seen: now.Add(-5 * time.Minute),
		TOTP: true, Codes: 2, Passkeys: []agent.Passkey{{ID: "pk-1", Name: "Hedy's phone", Created: now.Add(-200 * 24 * time.Hour), Used: now.Add(-time.Hour)}, {ID: "pk-2", Name: "Blue key", Created: now.Add(-90 * 24 * time.Hour)}}}
	return p
}

func (p *people) get(name string) (agent.User, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, ok := p.users[name]
	if !ok {
		return agent.User{}, agent.Errorf(agent.CodeNotFound, "there is nobody called %q", clip(name)).WithHint("see who there is with: dcloud user list")
	}
	return u, nil
}

func (p *people) change(name string, set func(*agent.User)) agent.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[name]
	set(&u)
	p.users[name] = u
	return u
}

func (p *people) owners() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, u := range p.users {
		if u.Role == agent.RoleOwner {
			n++
		}
	}
	return n
}

// Users are those who may sign in.
func (c *Cloud) Users(ctx context.Context) ([]agent.User, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Users"); err != nil {
		return nil, err
	}
	c.people.mu.Lock()
	defer c.people.mu.Unlock()
	return slices.SortedFunc(maps.Values(c.people.users), func(a, b agent.User) int { return strings.Compare(a.Name, b.Name) }), nil
}

var userName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// Invite makes a link that leads nowhere.
func (c *Cloud) Invite(ctx context.Context, req agent.InviteRequest) (agent.Invitation, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Invite"); err != nil {
		return agent.Invitation{}, err
	}
	if !userName.MatchString(req.Name) {
		return agent.Invitation{}, agent.Errorf(agent.CodeInvalid, "%q cannot be somebody's name", clip(req.Name)).WithHint("use lower-case letters, digits and dashes, at most 32")
	}
	if req.Role == "" {
		req.Role = agent.RoleMember
	}
	if agent.Rank(req.Role) < 0 {
		return agent.Invitation{}, agent.Errorf(agent.CodeInvalid, "%q is no role", clip(req.Role))
	}
	there, err := c.people.get(req.Name)
	reset := err == nil && !there.Invited
	if err != nil {
		there = c.people.change(req.Name, func(u *agent.User) {
			*u = agent.User{Name: req.Name, Title: req.Title, Email: req.Email, Role: req.Role, Invited: true, Created: c.now(), Passkeys: []agent.Passkey{}}
		})
	}
	c.note(ctx, agent.Activity{Action: "invite", User: req.Name})
	return agent.Invitation{Name: there.Name, Title: there.Title, Role: there.Role, Reset: reset,
		Link: "https://panel." + c.settings.Domain + "/join/sample-" + strings.Repeat("k3y", 8), Expires: c.now().Add(72 * time.Hour)}, nil
}

// ChangeUser changes what is not nil; the last owner stays one.
func (c *Cloud) ChangeUser(ctx context.Context, name string, change agent.UserChange) (agent.User, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "ChangeUser"); err != nil {
		return agent.User{}, err
	}
	u, err := c.people.get(name)
	if err != nil {
		return agent.User{}, err
	}
	if change.Role != nil && agent.Rank(*change.Role) < 0 {
		return agent.User{}, agent.Errorf(agent.CodeInvalid, "%q is no role", clip(*change.Role))
	}
	if change.Role != nil && *change.Role != agent.RoleOwner && u.Role == agent.RoleOwner && c.people.owners() == 1 {
		return agent.User{}, agent.Errorf(agent.CodeConflict, "%s is the only owner", name).WithHint("make somebody else an owner first")
	}
	if change.Email != nil && *change.Email != "" && !strings.Contains(*change.Email, "@") {
		return agent.User{}, agent.Errorf(agent.CodeInvalid, "%q is no e-mail address", clip(*change.Email))
	}
	u = c.people.change(name, func(u *agent.User) {
		for to, from := range map[*string]*string{&u.Title: change.Title, &u.Email: change.Email, &u.Role: change.Role} {
			if from != nil {
				*to = *from
			}
		}
	})
	c.note(ctx, agent.Activity{Action: "user", User: name, Detail: "changed the account"})
	return u, nil
}

// RemoveUser takes somebody's account away; the last owner's stays.
func (c *Cloud) RemoveUser(ctx context.Context, name string) error {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "RemoveUser"); err != nil {
		return err
	}
	u, err := c.people.get(name)
	if err != nil {
		return err
	}
	if u.Role == agent.RoleOwner && c.people.owners() == 1 {
		return agent.Errorf(agent.CodeConflict, "%s is the only owner", name).WithHint("make somebody else an owner first")
	}
	c.people.mu.Lock()
	delete(c.people.users, name)
	c.people.mu.Unlock()
	c.note(ctx, agent.Activity{Action: "user", User: name, Detail: "removed"})
	return nil
}
