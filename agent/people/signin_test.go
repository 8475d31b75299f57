package people

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/dentropy/dcloud/agent"
)

// withTOTP sets an authenticator app up and returns its secret and the recovery codes.
// The code of the time that is next is the first that can be used.
func (b *bed) withTOTP(t *testing.T, user string) (secret string, codes []string) {
	t.Helper()
	k, err := b.NewTOTP(t.Context(), user)
	check(t, err)
	codes, err = b.ConfirmTOTP(t.Context(), user, b.code(t, k.Secret))
	check(t, err)
	b.clock.pass(period * time.Second)
	return k.Secret, codes
}

func (b *bed) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, b.clock.now())
	check(t, err)
	return code
}

func TestANameThatThereIsNotIsAnsweredLikeAWrongPassword(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	_, wrong := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: "x"})
	for _, name := range []string{"nobody", "", "../owners", strings.Repeat("x", 5000), "users/ada", "ada\x00"} {
		_, err := b.SignIn(t.Context(), agent.SignIn{Name: name, Password: "x"})
		if agent.AsError(err).Message != agent.AsError(wrong).Message || agent.AsError(err).Hint != agent.AsError(wrong).Hint {
			t.Errorf("%.20q: %v, and a wrong password: %v", name, err, wrong)
		}
	}
}

func TestANameThatThereIsNotCostsAHashToo(t *testing.T) {
	h := newHasher(nil)
	h.turn <- struct{}{} // somebody else's turn
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, _, err := h.verify(ctx, "", "x"); done <- err }()
	cancel()
	if err := <-done; err == nil {
		t.Error("a name without a password was answered without a hash")
	}
}

func TestWrongTriesAreBoundedForEachAccountAndAddress(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	try := func(address, password string) error {
		_, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: password, Browser: agent.Browser{Address: address}})
		return err
	}
	for range perPair.tries {
		refused(t, try("198.51.100.1", "wrong"), agent.CodeUnauthorized)
	}
	err := try("198.51.100.1", good)
	refused(t, err, agent.CodeUnavailable)
	if hint := agent.AsError(err).Hint; !strings.Contains(hint, "60 seconds") {
		t.Errorf("the hint is %q", hint)
	}
	if err := try("198.51.100.2", good); err != nil {
		t.Errorf("the person is locked out elsewhere too: %v", err)
	}
	b.clock.pass(perPair.each)
	check(t, try("198.51.100.1", good))
	for range 100 {
		check(t, try("198.51.100.2", good)) // what is right does not count
	}
}

func TestNamesThatThereAreNotAreLimitedAlike(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	for _, name := range []string{"ada", "nobody"} {
		n := 0
		for ; n < 100; n++ {
			_, err := b.SignIn(t.Context(), agent.SignIn{Name: name, Password: "x", Browser: agent.Browser{Address: "198.51.100." + name}})
			if agent.AsError(err).Code == agent.CodeUnavailable {
				break
			}
		}
		if n != perPair.tries {
			t.Errorf("%s: refused after %d tries", name, n)
		}
		b.clock.pass(time.Hour)
	}
}

func TestStrangersCannotTakeUnboundedMemory(t *testing.T) {
	c := &clock{t: time.Unix(1e9, 0)}
	l := newLimits(c.now)
	for range 100 {
		_ = l.take("192.0.2.1", "ada")
	}
	for k := range 3 * maxCounted {
		_ = l.take(strings.Repeat("1", k%40)+"x", strings.Repeat("y", k%3000))
		if len(l.out) > maxCounted+3 {
			t.Fatalf("%d are counted", len(l.out))
		}
	}
}

func TestASecondFactorIsAskedForAndEachCodeServesOnce(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	secret, _ := b.withTOTP(t, "ada")
	in, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good, Browser: firefox})
	check(t, err)
	if in.Token != "" || in.Pending == "" {
		t.Fatalf("signed in without the code: %+v", in)
	}
	code := b.code(t, secret)
	_, err = b.SignInCode(t.Context(), in.Pending, code, agent.Browser{Agent: "another"})
	refused(t, err, agent.CodeUnauthorized)
	signed, err := b.SignInCode(t.Context(), in.Pending, code[:3]+" "+code[3:], firefox)
	check(t, err)
	if _, err := b.Session(t.Context(), signed.Token); err != nil {
		t.Error(err)
	}
	_, err = b.SignInCode(t.Context(), in.Pending, code, firefox)
	refused(t, err, agent.CodeUnauthorized) // the code was used
	b.clock.pass(period * time.Second)
	_, err = b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good, Code: b.code(t, secret), Browser: firefox})
	check(t, err)
	b.clock.pass(pendingFor)
	_, err = b.SignInCode(t.Context(), in.Pending, b.code(t, secret), firefox)
	refused(t, err, agent.CodeUnauthorized) // too late
}

func TestOneCodeUsedOnTwoServersAtOnceServesOnce(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	secret, codes := b.withTOTP(t, "ada")
	other := newBedOver(b.store, b.clock)
	for _, code := range []string{b.code(t, secret), codes[3]} {
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for k, s := range []*bed{b, other} {
			wg.Go(func() { errs[k] = s.secondFactor(t.Context(), "ada", code) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("a code served %v", errs)
		}
	}
}

func TestRecoveryCodesServeOnceAndNewOnesReplaceThem(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	_, codes := b.withTOTP(t, "ada")
	if len(codes) != codeCount {
		t.Fatalf("there are %d codes", len(codes))
	}
	check(t, b.secondFactor(t.Context(), "ada", " "+strings.ToUpper(codes[0])+" "))
	refused(t, b.secondFactor(t.Context(), "ada", codes[0]), agent.CodeUnauthorized)
	u, err := b.User(t.Context(), "ada")
	check(t, err)
	if u.Codes != codeCount-1 {
		t.Errorf("%d codes are left", u.Codes)
	}
	_, err = b.NewRecoveryCodes(t.Context(), "ada")
	check(t, err)
	refused(t, b.secondFactor(t.Context(), "ada", codes[1]), agent.CodeUnauthorized)
	for _, r := range b.store.records {
		for _, c := range codes {
			if strings.Contains(string(r.Value), c) || strings.Contains(string(r.Value), plainCode(c)) {
				t.Fatal("a recovery code is kept as it is")
			}
		}
	}
}

func TestASecondFactorCountsOnlyOnceItWasConfirmed(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	k, err := b.NewTOTP(t.Context(), "ada")
	check(t, err)
	if !strings.HasPrefix(k.URL, "otpauth://totp/ada.xyz:ada?issuer=ada.xyz&secret="+k.Secret) {
		t.Errorf("the URL is %s", k.URL)
	}
	in, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	check(t, err)
	if in.Token == "" {
		t.Error("a code is asked for already")
	}
	_, err = b.ConfirmTOTP(t.Context(), "ada", "000000")
	refused(t, err, agent.CodeUnauthorized)
	b.clock.pass(confirmFor)
	_, err = b.ConfirmTOTP(t.Context(), "ada", b.code(t, k.Secret))
	refused(t, err, agent.CodeFailed)
}

func TestAPasswordKeptAtAnotherCostIsKeptAnewAtSignIn(t *testing.T) {
	b := newBed(t)
	now := cost
	cost = params{memory: 32, passes: 1, lanes: 1}
	b.owner(t)
	cost = now
	_, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	check(t, err)
	a, err := b.account(t.Context(), "ada")
	check(t, err)
	h, err := parseHash(a.Password)
	check(t, err)
	if h.params != cost {
		t.Errorf("it is kept at %+v", h.params)
	}
	_, err = b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	check(t, err)
}

func TestAFloodOfSignInsWaitsOrIsTurnedAway(t *testing.T) {
	// In a time of its own nobody waits too long because this machine is busy.
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(nil)
		h.turn <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		errs := make(chan error, 2*maxWaiting)
		for range 2 * maxWaiting {
			go func() { _, _, err := h.verify(ctx, "", "x"); errs <- err }()
		}
		for range maxWaiting {
			refused(t, <-errs, agent.CodeUnavailable)
		}
		<-h.turn
		for range maxWaiting {
			check(t, <-errs)
		}
	})
}

func TestWhoWaitsTooLongForAHashIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(nil)
		h.turn <- struct{}{}
		began := time.Now()
		_, _, err := h.verify(t.Context(), "", "x")
		refused(t, err, agent.CodeUnavailable)
		if took := time.Since(began); took != maxWait || len(h.queue) != 0 {
			t.Errorf("after %s, and %d are left in the queue", took, len(h.queue))
		}
	})
}
