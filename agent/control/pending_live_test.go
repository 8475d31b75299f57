package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// machineIsAskedFor comes with a token that asks somebody first.
func machineIsAskedFor(t *testing.T, p *testPool) {
	ctx := agent.WithActor(t.Context(), "ada")
	req := p.token(t, agent.TokenRequest{Ask: true, Role: "ingress"})
	waits := func(r pool.Request) {
		t.Helper()
		_, err := p.s.Admit(ctx, r)
		wantCode(t, agent.CodeUnavailable, err)
		var until *pool.Pending
		if !errors.Is(err, pool.ErrPending) || !errors.As(err, &until) || !until.Until.After(p.s.Now()) {
			t.Fatalf("it is told %v", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, agent.AsError(err)), r.Secret) {
			t.Error("the secret is in what it is told")
		}
	}
	pi, thief := req(1, "pi"), req(1, "pi")
	thief.Key = wgKey("another machine's") // knows the token and the ID
	waits(pi)
	waits(pi)
	waits(thief)
	list, err := p.s.Pending(ctx)
	check(t, err)
	if len(list) != 2 || list[0].Name != "pi" || list[0].Arch != "arm64" || list[0].Memory != 1024 || list[0].Role != "ingress" || list[0].ID == list[1].ID {
		t.Fatalf("%+v", list)
	}
	if left, err := p.s.store.token(ctx, pi.Token); err != nil || left.Left != 1 || len(p.roster(t).nodes) != 1 {
		t.Errorf("waiting uses something up: %+v, %v", left, err)
	}
	id := pendingIDOf(pi, mustCSRKey(t, pi))
	wantCode(t, agent.CodeUnauthorized, p.s.Accept(agent.WithRole(ctx, agent.RoleAdmin), id)) // a front door is an owner's to let in
	check(t, p.s.Accept(ctx, id))
	check(t, p.s.Accept(ctx, id)) // twice is once
	wantCode(t, agent.CodeConflict, p.s.Refuse(ctx, id))
	// One use, and it is promised.
	wantCode(t, agent.CodeConflict, p.s.Accept(ctx, pendingIDOf(thief, mustCSRKey(t, thief))))
	waits(thief)
	// An agent that was restarted, or that of another server, knows all that.
	a, err := New(p.s.Deps).Admit(ctx, pi)
	check(t, err)
	if a.Member.Name != "pi" || a.Member.Role != "ingress" {
		t.Errorf("%+v", a.Member)
	}
	if _, err = p.s.Admit(ctx, pi); err != nil { // it asks again, since the answer was lost
		t.Error(err)
	}
	check(t, p.s.Decline(ctx, a.Member.ID))
	if a, err = p.s.Admit(ctx, pi); err != nil { // the use came back, and the yes holds
		t.Error(err)
	}
	check(t, p.s.Decline(ctx, a.Member.ID))
}

func mustCSRKey(t *testing.T, r pool.Request) string {
	t.Helper()
	key, err := keyOfCSR(r.CSR)
	check(t, err)
	return key
}

func refusedMachineIsTold(t *testing.T, p *testPool) {
	ctx := agent.WithActor(t.Context(), "ada")
	req := p.token(t, agent.TokenRequest{Ask: true})
	r := req(2, "stranger")
	_, err := p.s.Admit(ctx, r)
	wantCode(t, agent.CodeUnavailable, err)
	id := pendingIDOf(r, mustCSRKey(t, r))
	check(t, p.s.Refuse(ctx, id))
	_, err = p.s.Admit(ctx, r)
	wantCode(t, agent.CodeUnauthorized, err)
	if err == nil || !strings.Contains(err.Error(), "ada did not want") || errors.Is(err, pool.ErrPending) || errors.Is(err, pool.ErrSecret) {
		t.Error(err)
	}
	if token, err := p.s.store.token(ctx, r.Token); err != nil || token.Left != 1 {
		t.Errorf("a refusal uses the token up: %+v, %v", token, err)
	}
	for _, odd := range []string{"", "../nodes", strings.Repeat("0", 16)} {
		if err := p.s.Accept(ctx, odd); err == nil || agent.AsError(err).Hint == "" {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

func waitingIsBounded(t *testing.T, p *testPool) {
	ctx := t.Context()
	p.stopClock() // who asked first has not given up when the last one asks, however long that takes
	defer p.startClock()
	check(t, p.s.store.sweepPending(ctx, p.s.Now().Add(40*24*time.Hour))) // what the others left
	req := p.token(t, agent.TokenRequest{Ask: true, Uses: 3})
	last := req(0, "machine")
	for k := range mostPending + 5 {
		r := req(100+k, "machine")
		if _, err := p.s.Admit(ctx, r); !errors.Is(err, pool.ErrPending) {
			t.Fatal(err)
		}
		last = r
	}
	list, err := p.s.Pending(ctx)
	check(t, err)
	if len(list) != mostPending {
		t.Errorf("%d wait", len(list))
	}
	p.setLater(pendingSeen + time.Second) // all but one gave up
	last.Time = p.s.Now()
	if _, err := p.s.Admit(ctx, last); !errors.Is(err, pool.ErrPending) {
		t.Error(err)
	}
	list, err = p.s.Pending(ctx)
	check(t, err)
	if len(list) != 1 {
		t.Errorf("%d wait after the others gave up", len(list))
	}
	p.setLater(2 * time.Hour) // the token ended
	defer p.setLater(0)
	last.Time = p.s.Now()
	_, err = p.s.Admit(ctx, last)
	wantCode(t, agent.CodeUnauthorized, err)
	if list, err = p.s.Pending(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	check(t, p.s.store.sweepPending(ctx, p.s.Now()))
	if left, err := p.s.store.pending(ctx); err != nil || len(left) != 0 {
		t.Errorf("%d records are left, %v", len(left), err)
	}
}
