package people

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestTheFirstLinkMakesTheOwnerOnce(t *testing.T) {
	b := newBed(t)
	old, err := b.FirstLink(root(t))
	check(t, err)
	link, err := b.FirstLink(root(t))
	check(t, err)
	if _, err := b.Invited(t.Context(), key(old.Link)); err == nil {
		t.Error("a newer link did not withdraw the earlier one")
	}
	who, err := b.Invited(t.Context(), key(link.Link))
	check(t, err)
	if !who.First || who.Role != agent.RoleOwner {
		t.Errorf("the first link is for %+v", who)
	}
	in, err := b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Name: " Ada ", Password: good}, firefox)
	check(t, err)
	s, err := b.Session(t.Context(), in.Token)
	check(t, err)
	if s.User != "ada" || s.Role != agent.RoleOwner || !s.Sudo.After(b.clock.now()) {
		t.Errorf("the owner's session is %+v", s)
	}
	_, err = b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Name: "eve", Password: good}, firefox)
	refused(t, err, agent.CodeNotFound)
	_, err = b.FirstLink(root(t))
	refused(t, err, agent.CodeConflict)
}

func TestOfTwoWhoTakeTheFirstLinkAtOnceOneOwnsTheCloud(t *testing.T) {
	b := newBed(t)
	link, err := b.FirstLink(root(t))
	check(t, err)
	other := newBedOver(b.store, b.clock)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for k, server := range []*bed{b, other} {
		wg.Go(func() {
			_, errs[k] = server.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Name: []string{"ada", "eve"}[k], Password: good}, firefox)
		})
	}
	wg.Wait()
	users, err := b.Users(t.Context())
	check(t, err)
	if len(users) != 1 || (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("there are %+v, and %v", users, errs)
	}
}

func TestALinkThatIsTooOldDoesNotWork(t *testing.T) {
	b := newBed(t)
	link, err := b.FirstLink(root(t))
	check(t, err)
	b.clock.pass(firstFor)
	_, err = b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Name: "ada", Password: good}, firefox)
	refused(t, err, agent.CodeNotFound)
	b.owner(t)
	in, err := b.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	b.clock.pass(inviteFor)
	_, err = b.TakeUp(t.Context(), key(in.Link), agent.NewAccount{Password: good}, firefox)
	refused(t, err, agent.CodeNotFound)
}

func TestAnInvitationServesOnceAndANewerOneWithdrawsIt(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	old, err := b.Invite(root(t), agent.InviteRequest{Name: "bob", Title: "Bob", Role: agent.RoleGuest})
	check(t, err)
	link, err := b.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	if link.Role != agent.RoleGuest || link.Title != "Bob" {
		t.Errorf("a second invitation forgot what the first said: %+v", link)
	}
	_, err = b.TakeUp(t.Context(), key(old.Link), agent.NewAccount{Password: good}, firefox)
	refused(t, err, agent.CodeNotFound)
	if _, err := b.SignIn(t.Context(), agent.SignIn{Name: "bob", Password: ""}); err == nil {
		t.Error("who was invited signed in without a password")
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	ok := 0
	for range 4 {
		wg.Go(func() {
			if _, err := b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Password: good}, firefox); err == nil {
				mu.Lock()
				ok++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if ok != 1 {
		t.Errorf("an invitation served %d times", ok)
	}
}

func TestALinkGivesNoMoreThanWhoMadeItMay(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.person(t, "eve", agent.RoleAdmin)
	b.person(t, "bob", agent.RoleMember)
	eve, ada := as(t, "eve", agent.RoleAdmin), as(t, "ada", agent.RoleOwner)
	invited, err := b.Invite(eve, agent.InviteRequest{Name: "carl", Role: agent.RoleGuest})
	check(t, err)
	reset, err := b.Invite(eve, agent.InviteRequest{Name: "bob"})
	check(t, err)
	for _, name := range []string{"carl", "bob"} {
		_, err := b.ChangeUser(ada, name, agent.UserChange{Role: ptr(agent.RoleOwner)})
		check(t, err)
	}
	for _, link := range []agent.Invitation{invited, reset} {
		_, err := b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Password: good}, firefox)
		refused(t, err, agent.CodeNotFound)
	}
	// One that an owner makes gives what the account has by then.
	fresh, err := b.Invite(ada, agent.InviteRequest{Name: "dora", Role: agent.RoleGuest})
	check(t, err)
	_, err = b.ChangeUser(ada, "dora", agent.UserChange{Role: ptr(agent.RoleAdmin)})
	check(t, err)
	in, err := b.TakeUp(t.Context(), key(fresh.Link), agent.NewAccount{Password: good}, firefox)
	check(t, err)
	if in.Session.Role != agent.RoleAdmin {
		t.Errorf("dora is %s", in.Session.Role)
	}
}

func TestALinkEndsWithTheAccountThatMadeIt(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.person(t, "bob", agent.RoleMember)
	for name, end := range map[string]func() error{
		"eve": func() error { return b.RemoveUser(root(t), "eve") },
		"frank": func() error {
			_, err := b.ChangeUser(root(t), "frank", agent.UserChange{Role: ptr(agent.RoleMember)})
			return err
		},
	} {
		b.person(t, name, agent.RoleAdmin)
		link, err := b.Invite(as(t, name, agent.RoleAdmin), agent.InviteRequest{Name: "bob"})
		check(t, err)
		_, err = b.Invited(t.Context(), key(link.Link))
		check(t, err)
		check(t, end())
		_, err = b.Invited(t.Context(), key(link.Link))
		refused(t, err, agent.CodeNotFound)
	}
}

func TestAResetIsAFreshStart(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	before := b.person(t, "bob", agent.RoleMember)
	b.withTOTP(t, "bob")
	link, err := b.Invite(root(t), agent.InviteRequest{Name: "bob", Role: agent.RoleOwner})
	check(t, err)
	if !link.Reset || link.Role != agent.RoleMember {
		t.Errorf("a reset changed more than the password: %+v", link)
	}
	if _, err := b.Session(t.Context(), before.Token); err != nil {
		t.Error("a reset that was not taken up yet ended a session")
	}
	const other = "nine yellow kettles sing"
	_, err = b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Password: other}, firefox)
	check(t, err)
	_, err = b.Session(t.Context(), before.Token)
	refused(t, err, agent.CodeUnauthorized)
	in, err := b.SignIn(t.Context(), agent.SignIn{Name: "bob", Password: other})
	check(t, err)
	if in.Pending != "" || in.Token == "" {
		t.Error("the second factor, which may be lost, outlived the reset")
	}
}

func TestAServerThatIsKilledHalfWayLeavesTheOldStateOrTheNew(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	link, err := b.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	b.store.before = func([]Op) {
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		b.store.broken = errors.New("gone")
	}
	if _, err := b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Password: good}, firefox); err == nil {
		t.Fatal("no error from a store that is away")
	}
	b.store.before, b.store.broken = nil, nil
	if _, err := b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Password: good}, firefox); err != nil {
		t.Errorf("the link does not work any more: %v", err)
	}
}

func TestWhatIsTypedIsCheckedBeforeTheLinkIsUsed(t *testing.T) {
	b := newBed(t)
	link, err := b.FirstLink(root(t))
	check(t, err)
	for what, n := range map[string]agent.NewAccount{
		"no name":        {Password: good},
		"capitals":       {Name: "Ada L", Password: good},
		"the machine's":  {Name: "root", Password: good},
		"long":           {Name: "a12345678901234567890123456789012", Password: good},
		"no password":    {Name: "ada"},
		"a weak one":     {Name: "ada", Password: "password1234"},
		"one's own name": {Name: "augustaada", Password: "augustaada1"},
		"a title":        {Name: "ada", Title: "A\x00da", Password: good},
	} {
		_, err := b.TakeUp(t.Context(), key(link.Link), n, firefox)
		if e := agent.AsError(err); e == nil || e.Code != agent.CodeInvalid || e.Hint == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = b.TakeUp(t.Context(), key(link.Link), agent.NewAccount{Name: "ada", Password: good}, firefox)
	check(t, err)
}

func TestSweepKeepsWhatCountsAndThrowsAwayTheRest(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	_, err := b.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	_, err = b.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	check(t, b.sweep(t.Context()))
	if n := len(b.store.keys(prefixKeys)); n != 1 {
		t.Errorf("%d invitations are left, want the newer one", n)
	}
	b.clock.pass(inviteFor + time.Hour)
	check(t, b.sweep(t.Context()))
	if n := len(b.store.keys(prefixKeys)); n != 0 {
		t.Errorf("an invitation that ran out is kept")
	}
	_, err = b.Session(t.Context(), in.Token)
	check(t, err)
	b.clock.pass(sessionFor)
	check(t, b.sweep(t.Context()))
	if n := len(b.store.keys(prefixIn)); n != 0 {
		t.Errorf("a session that ran out is kept")
	}
}
