package people

import (
	"fmt"
	"sync"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func ptr[T any](v T) *T { return &v }

func TestAdminsLookAfterMembersAndGuestsOwnersAfterEverybody(t *testing.T) {
	for _, c := range []struct {
		asker, whom, to string
		allowed         bool
	}{
		{agent.RoleOwner, agent.RoleOwner, agent.RoleAdmin, true},
		{agent.RoleOwner, agent.RoleGuest, agent.RoleOwner, true},
		{agent.RoleAdmin, agent.RoleGuest, agent.RoleMember, true},
		{agent.RoleAdmin, agent.RoleMember, agent.RoleGuest, true},
		{agent.RoleAdmin, agent.RoleMember, agent.RoleAdmin, false},
		{agent.RoleAdmin, agent.RoleGuest, agent.RoleOwner, false},
		{agent.RoleAdmin, agent.RoleAdmin, agent.RoleMember, false},
		{agent.RoleAdmin, agent.RoleOwner, agent.RoleMember, false},
		{agent.RoleMember, agent.RoleGuest, agent.RoleMember, false},
		{agent.RoleGuest, agent.RoleGuest, agent.RoleMember, false},
		{"", agent.RoleGuest, agent.RoleMember, false},
		{"emperor", agent.RoleGuest, agent.RoleMember, false},
	} {
		t.Run(fmt.Sprintf("%s makes %s %s", c.asker, c.whom, c.to), func(t *testing.T) {
			b := newBed(t)
			b.owner(t)
			b.person(t, "bob", c.whom)
			ctx := as(t, "carl", c.asker)
			_, err := b.ChangeUser(ctx, "bob", agent.UserChange{Role: &c.to})
			if (err == nil) != c.allowed {
				t.Fatalf("changing the role: %v", err)
			}
			if !c.allowed {
				refused(t, err, agent.CodeUnauthorized)
			}
			if _, err := b.Invite(ctx, agent.InviteRequest{Name: "dora", Role: c.to}); (err == nil) != c.allowed && c.asker != agent.RoleAdmin {
				t.Errorf("inviting: %v", err)
			}
		})
	}
}

func TestAnAdminMayNotTouchAnOwnerInAnyWay(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.person(t, "bob", agent.RoleAdmin)
	ctx := as(t, "bob", agent.RoleAdmin)
	_, err := b.Invite(ctx, agent.InviteRequest{Name: "ada"}) // a reset
	refused(t, err, agent.CodeUnauthorized)
	refused(t, b.RemoveUser(ctx, "ada"), agent.CodeUnauthorized)
	_, err = b.ChangeUser(ctx, "ada", agent.UserChange{Title: ptr("Eve")})
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.ChangeUser(ctx, "bob", agent.UserChange{Role: ptr(agent.RoleOwner)})
	refused(t, err, agent.CodeUnauthorized)
}

func TestPeopleChangeTheirOwnNameAndAddressAndNoMore(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.person(t, "bob", agent.RoleGuest)
	ctx := as(t, "bob", agent.RoleGuest)
	u, err := b.ChangeUser(ctx, "bob", agent.UserChange{Title: ptr("  Bob  B "), Email: ptr("bob@example.org")})
	check(t, err)
	if u.Title != "Bob B" || u.Email != "bob@example.org" {
		t.Errorf("bob is %+v", u)
	}
	for _, bad := range []string{"bob", "Bob <bob@example.org>", "bob@example.org\nBcc: x@example.org"} {
		_, err = b.ChangeUser(ctx, "bob", agent.UserChange{Email: &bad})
		refused(t, err, agent.CodeInvalid)
	}
	_, err = b.ChangeUser(ctx, "ada", agent.UserChange{Title: ptr("Eve")})
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.ChangeUser(ctx, "nobody", agent.UserChange{Title: ptr("Eve")})
	refused(t, err, agent.CodeUnauthorized) // and not that there is no such person
}

func TestTheLastOwnerStays(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	refused(t, b.RemoveUser(root(t), "ada"), agent.CodeConflict)
	_, err := b.ChangeUser(root(t), "ada", agent.UserChange{Role: ptr(agent.RoleAdmin)})
	refused(t, err, agent.CodeConflict)
	// Somebody who was invited to be an owner is none yet.
	_, err = b.Invite(root(t), agent.InviteRequest{Name: "bob", Role: agent.RoleOwner})
	check(t, err)
	refused(t, b.RemoveUser(root(t), "ada"), agent.CodeConflict)
}

func TestOfTwoOwnersWhoRemoveEachOtherAtOnceOneStays(t *testing.T) {
	for range 20 {
		b := newBed(t)
		b.owner(t)
		b.person(t, "bob", agent.RoleOwner)
		other := newBedOver(b.store, b.clock)
		var wg sync.WaitGroup
		wg.Go(func() { _ = b.RemoveUser(as(t, "ada", agent.RoleOwner), "bob") })
		wg.Go(func() {
			_, _ = other.ChangeUser(as(t, "bob", agent.RoleOwner), "ada", agent.UserChange{Role: ptr(agent.RoleMember)})
		})
		wg.Wait()
		users, err := b.Users(t.Context())
		check(t, err)
		owners := 0
		for _, u := range users {
			if u.Role == agent.RoleOwner {
				owners++
			}
		}
		names, _, err := b.owners(t.Context())
		check(t, err)
		if owners != 1 || len(names) != 1 {
			t.Fatalf("there are %d owners, and the record says %v", owners, names)
		}
	}
}

func TestWhoIsRemovedIsOutAtOnceAndAnInvitationWithThem(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	in := b.person(t, "bob", agent.RoleMember)
	link, err := b.Invite(root(t), agent.InviteRequest{Name: "carl"})
	check(t, err)
	check(t, b.RemoveUser(root(t), "bob"))
	check(t, b.RemoveUser(root(t), "carl"))
	_, err = b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.Invited(t.Context(), key(link.Link))
	refused(t, err, agent.CodeNotFound)
	// Somebody new of the same name has nothing of theirs.
	b.person(t, "bob", agent.RoleAdmin)
	_, err = b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
}

func TestEveryChangeSaysWhoMadeIt(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	_, err := b.Invite(as(t, "ada", agent.RoleOwner), agent.InviteRequest{Name: "bob"})
	check(t, err)
	last := b.notes[len(b.notes)-1]
	if last.Actor != "ada" || last.Action != "invite" || last.User != "bob" || last.Outcome != agent.OutcomeDone {
		t.Errorf("the note is %+v", last)
	}
	if first := b.notes[0]; first.Actor != "ada" || first.User != "ada" {
		t.Errorf("the first owner's note is %+v", first)
	}
}
