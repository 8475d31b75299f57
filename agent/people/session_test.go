package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func newContext() context.Context { return context.Background() }

func TestASessionLastsThirtyDaysSinceItWasUsed(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	for range 3 {
		b.clock.pass(sessionFor - time.Second)
		s, err := b.Session(t.Context(), in.Token)
		check(t, err)
		if s.Expires != b.clock.now().Add(sessionFor) {
			t.Errorf("it ends at %v", s.Expires)
		}
	}
	b.clock.pass(sessionFor)
	_, err := b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
}

func TestATokenIsNotKeptAndNothingElseIsOne(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	for key, r := range b.store.records {
		if strings.Contains(key+string(r.Value), in.Token[len(tokenPrefix):]) || strings.Contains(string(r.Value), good) {
			t.Errorf("%s holds what lets somebody in", key)
		}
	}
	for _, bad := range []string{"", "dcs_", in.Token + "a", in.Token[:len(in.Token)-1] + "!", hashed(in.Token), in.Session.ID, strings.Repeat("a", 1<<20)} {
		_, err := b.Session(t.Context(), bad)
		refused(t, err, agent.CodeUnauthorized)
	}
}

func TestANewPasswordEndsAllOtherSessions(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	other, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	check(t, err)
	link, err := b.Invite(root(t), agent.InviteRequest{Name: "ada"})
	check(t, err)
	refused(t, b.SetPassword(t.Context(), "ada", "password1", in.Session.ID), agent.CodeInvalid)
	check(t, b.SetPassword(t.Context(), "ada", "nine yellow kettles sing", in.Session.ID))
	_, err = b.Session(t.Context(), in.Token)
	check(t, err)
	_, err = b.Session(t.Context(), other.Token)
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.Invited(t.Context(), key(link.Link))
	refused(t, err, agent.CodeNotFound)
	_, err = b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	refused(t, err, agent.CodeUnauthorized)
}

func TestASessionEndsWithTheDomainUnderWhichItBegan(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	b.Host = func() (string, []string) { return "ada.example", []string{"https://panel.ada.example"} }
	b.clock.pass(rememberFollowed)
	_, err := b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
	there, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good, Browser: firefox})
	check(t, err)
	list, err := b.Sessions(t.Context(), "ada")
	check(t, err)
	if len(list) != 1 || list[0].ID != there.Session.ID {
		t.Errorf("the sessions are %+v", list)
	}
}

func TestANewRoleEndsTheSessions(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	in := b.person(t, "bob", agent.RoleAdmin)
	_, err := b.ChangeUser(root(t), "bob", agent.UserChange{Title: ptr("B")})
	check(t, err)
	_, err = b.Session(t.Context(), in.Token)
	check(t, err)
	_, err = b.ChangeUser(root(t), "bob", agent.UserChange{Role: ptr(agent.RoleGuest)})
	check(t, err)
	_, err = b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
	if n := len(b.store.keys(prefixIn)); n != 1 {
		t.Errorf("%d records of sessions are left, want ada's", n)
	}
}

func TestSessionsAreListedAndEndedByTheirOwnerAlone(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	bob := b.person(t, "bob", agent.RoleMember)
	list, err := b.Sessions(t.Context(), "ada")
	check(t, err)
	if len(list) != 1 || list[0].ID != in.Session.ID || list[0].Browser != firefox {
		t.Errorf("ada's sessions are %+v", list)
	}
	check(t, b.EndSession(t.Context(), "bob", in.Session.ID))
	_, err = b.Session(t.Context(), in.Token)
	check(t, err)
	check(t, b.EndSession(t.Context(), "ada", in.Session.ID))
	_, err = b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.Session(t.Context(), bob.Token)
	check(t, err)
}

// TestASessionThatWasEndedElsewhereEndsHereAtOnce waits for the change to be followed,
// not for time: the clock stands still.
func TestASessionThatWasEndedElsewhereEndsHereAtOnce(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	other := newBedOver(b.store, b.clock)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = other.Run(ctx) }()
	defer func() { cancel(); <-done }()
	_, err := other.Session(t.Context(), in.Token)
	check(t, err)
	check(t, b.EndSession(t.Context(), "ada", in.Session.ID))
	deadline := time.Now().Add(3 * time.Minute)
	for {
		_, err := other.Session(t.Context(), in.Token)
		if err != nil {
			refused(t, err, agent.CodeUnauthorized)
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the session goes on")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWithoutFollowingASessionIsLookedUpEachSecond(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	other := newBedOver(b.store, b.clock)
	_, err := other.Session(t.Context(), in.Token)
	check(t, err)
	check(t, b.EndSession(t.Context(), "ada", in.Session.ID))
	b.clock.pass(rememberAlone)
	_, err = other.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
}

func TestASessionIsCheap(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	_, err := b.Session(t.Context(), in.Token)
	check(t, err)
	b.store.broken = errors.New("asked")
	_, err = b.Session(t.Context(), in.Token)
	check(t, err) // not asked
}

func TestAReadThatWasOvertakenByAChangeIsNotRemembered(t *testing.T) {
	c := newCache(func() time.Time { return time.Unix(1, 0) })
	before := c.state()
	c.drop() // a change, between reading and remembering
	c.put("x", &session{}, &account{}, before)
	if _, _, ok := c.get("x"); ok {
		t.Error("an old state is remembered")
	}
}

func TestSudoTakesThePasswordOrACodeAndLastsTenMinutes(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	secret, codes := b.withTOTP(t, "ada")
	b.clock.pass(sudoFor)
	for _, wrong := range []agent.Proof{{}, {Password: "wrong"}, {Code: "000000"}, {Password: "wrong", Code: b.code(t, secret)}} {
		_, err := b.Sudo(t.Context(), in.Token, wrong)
		refused(t, err, agent.CodeUnauthorized)
	}
	for _, right := range []func() agent.Proof{
		func() agent.Proof { return agent.Proof{Password: good} },
		func() agent.Proof { return agent.Proof{Code: b.code(t, secret)} },
		func() agent.Proof { return agent.Proof{Code: codes[0]} },
	} {
		s, err := b.Sudo(t.Context(), in.Token, right())
		check(t, err)
		if s.Sudo != b.clock.now().Add(sudoFor) {
			t.Errorf("sudo is until %v", s.Sudo)
		}
		b.clock.pass(sudoFor)
	}
	for range perPair.tries {
		_, _ = b.Sudo(t.Context(), in.Token, agent.Proof{Password: "wrong"})
	}
	_, err := b.Sudo(t.Context(), in.Token, agent.Proof{Password: good})
	refused(t, err, agent.CodeUnavailable)
}

func TestTheOldestOfTooManySessionsEnds(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	for range maxSessions {
		b.clock.pass(time.Minute)
		_, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
		check(t, err)
	}
	list, err := b.Sessions(t.Context(), "ada")
	check(t, err)
	if len(list) != maxSessions {
		t.Errorf("there are %d sessions", len(list))
	}
	_, err = b.Session(t.Context(), in.Token)
	refused(t, err, agent.CodeUnauthorized)
}
