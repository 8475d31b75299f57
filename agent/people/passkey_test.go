package people

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/dentropy/dcloud/agent"
)

// device is somebody's phone: an authenticator with one passkey, at an origin.
type device struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

// newKey makes a key pair of which the library writes all bytes: it leaves leading
// zeros of a coordinate out, which no authenticator does.
func newKey() virtualwebauthn.Credential {
	for {
		const whole = 77 // bytes of a COSE key on P-256
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == whole {
			return c
		}
	}
}

func newDevice(o virtualwebauthn.AuthenticatorOptions) *device {
	return &device{virtualwebauthn.RelyingParty{ID: "ada.xyz", Name: "ada.xyz", Origin: origin},
		virtualwebauthn.NewAuthenticatorWithOptions(o), newKey()}
}

// made is the answer to a challenge that asks for a passkey, signed to one that uses it.
func (d *device) made(t *testing.T, c agent.Challenge) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(c.Options))
	check(t, err)
	d.auth.Options.UserHandle = []byte(o.UserID)
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.cred, *o))
}

func (d *device) signed(t *testing.T, c agent.Challenge) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(c.Options))
	check(t, err)
	d.cred.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.cred, *o))
}

// withPasskey adds a device to somebody's account.
func (b *bed) withPasskey(t *testing.T, user string) *device {
	t.Helper()
	d := newDevice(virtualwebauthn.AuthenticatorOptions{})
	c, err := b.NewPasskey(t.Context(), user, origin)
	check(t, err)
	_, err = b.AddPasskey(t.Context(), user, origin, c.ID, "Phone", d.made(t, c))
	check(t, err)
	return d
}

func TestAPasskeySignsInWithoutANameOrAPassword(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.withTOTP(t, "ada") // which a passkey makes up for
	d := b.withPasskey(t, "ada")
	c, err := b.PasskeyChallenge(t.Context(), origin)
	check(t, err)
	in, err := b.SignInPasskey(t.Context(), origin, c.ID, d.signed(t, c), firefox)
	check(t, err)
	s, err := b.Session(t.Context(), in.Token)
	check(t, err)
	if s.User != "ada" {
		t.Errorf("signed in as %s", s.User)
	}
	u, err := b.User(t.Context(), "ada")
	check(t, err)
	if len(u.Passkeys) != 1 || u.Passkeys[0].Name != "Phone" || u.Passkeys[0].Used.IsZero() {
		t.Errorf("the passkeys are %+v", u.Passkeys)
	}
}

func TestAnAnswerServesOnceAlsoOnTwoServersAtOnce(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	d := b.withPasskey(t, "ada")
	other := newBedOver(b.store, b.clock)
	c, err := b.PasskeyChallenge(t.Context(), origin)
	check(t, err)
	answer := d.signed(t, c)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for k, s := range []*bed{b, other} {
		wg.Go(func() { _, errs[k] = s.SignInPasskey(t.Context(), origin, c.ID, answer, firefox) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("an answer served %v", errs)
	}
	_, err = b.SignInPasskey(t.Context(), origin, c.ID, answer, firefox)
	refused(t, err, agent.CodeUnauthorized)
}

func TestAPasskeyIsRefusedWhere(t *testing.T) {
	for what, spoil := range map[string]func(b *bed, d *device, c *agent.Challenge) string{
		"another site asked": func(_ *bed, d *device, _ *agent.Challenge) string {
			d.rp.Origin = "https://evil.example"
			return origin
		},
		"another domain asked": func(_ *bed, d *device, _ *agent.Challenge) string { d.rp.ID = "evil.example"; return origin },
		"nobody touched it": func(_ *bed, d *device, _ *agent.Challenge) string {
			d.auth.Options.UserNotPresent = true
			return origin
		},
		"nobody was recognised": func(_ *bed, d *device, _ *agent.Challenge) string {
			d.auth.Options.UserNotVerified = true
			return origin
		},
		"it is nobody's": func(_ *bed, d *device, _ *agent.Challenge) string {
			d.auth.Options.UserHandle = []byte("x")
			return origin
		},
		"it says nobody": func(_ *bed, d *device, _ *agent.Challenge) string { d.auth.Options.UserHandle = nil; return origin },
		"the key is another": func(_ *bed, d *device, _ *agent.Challenge) string {
			d.cred.Key = newKey().Key
			return origin
		},
		"it was copied":            func(_ *bed, d *device, _ *agent.Challenge) string { d.cred.Counter = 0; return origin },
		"it took too long":         func(b *bed, _ *device, _ *agent.Challenge) string { b.clock.pass(challengeFor); return origin },
		"the challenge is made up": func(_ *bed, _ *device, c *agent.Challenge) string { c.ID = "A" + c.ID; return origin },
		"the panel is elsewhere":   func(*bed, *device, *agent.Challenge) string { return "https://panel.evil.example" },
		"it was removed":           func(b *bed, _ *device, _ *agent.Challenge) string { b.forgetPasskeys(); return origin },
	} {
		t.Run(what, func(t *testing.T) {
			b := newBed(t)
			b.owner(t)
			d := b.withPasskey(t, "ada")
			for range 2 { // so that the counter is beyond that of a copy
				c, err := b.PasskeyChallenge(t.Context(), origin)
				check(t, err)
				_, err = b.SignInPasskey(t.Context(), origin, c.ID, d.signed(t, c), firefox)
				check(t, err)
			}
			c, err := b.PasskeyChallenge(t.Context(), origin)
			check(t, err)
			at := spoil(b, d, &c)
			_, err = b.SignInPasskey(t.Context(), at, c.ID, d.signed(t, c), firefox)
			if e := agent.AsError(err); e == nil || e.Code != agent.CodeUnauthorized && e.Code != agent.CodeInvalid {
				t.Errorf("%v", err)
			}
		})
	}
}

func (b *bed) forgetPasskeys() {
	_, _ = b.change(newContext(), "ada", func(a *account) ([]Op, error) { a.Passkeys = nil; return nil, nil })
}

func TestAPasskeyIsKeptOnlyForWhoAskedAndOnce(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	b.person(t, "bob", agent.RoleMember)
	d := newDevice(virtualwebauthn.AuthenticatorOptions{})
	c, err := b.NewPasskey(t.Context(), "bob", origin)
	check(t, err)
	answer := d.made(t, c)
	_, err = b.AddPasskey(t.Context(), "ada", origin, c.ID, "", answer)
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.AddPasskey(t.Context(), "bob", origin, c.ID, "bad\x01name", answer)
	refused(t, err, agent.CodeInvalid)
	p, err := b.AddPasskey(t.Context(), "bob", origin, c.ID, "", answer)
	check(t, err)
	if p.Name != "Passkey 1" {
		t.Errorf("it is called %q", p.Name)
	}
	if _, err = b.AddPasskey(t.Context(), "bob", origin, c.ID, "", answer); err == nil {
		t.Error("it was added twice")
	}
	for _, bad := range []string{``, `{}`, `null`, `[]`, `{"id":"x"}`, `"` + string(make([]byte, 100)) + `"`} {
		_, err = b.AddPasskey(t.Context(), "bob", origin, c.ID, "", json.RawMessage(bad))
		refused(t, err, agent.CodeUnauthorized)
	}
}

func TestAPasskeyThatVerifiesNobodyIsNotKept(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	d := newDevice(virtualwebauthn.AuthenticatorOptions{UserNotVerified: true})
	c, err := b.NewPasskey(t.Context(), "ada", origin)
	check(t, err)
	_, err = b.AddPasskey(t.Context(), "ada", origin, c.ID, "", d.made(t, c))
	refused(t, err, agent.CodeUnauthorized)
}

func TestAPasskeyProvesWhoItIsForItsSessionAlone(t *testing.T) {
	b := newBed(t)
	in := b.owner(t)
	d := b.withPasskey(t, "ada")
	second, err := b.SignIn(t.Context(), agent.SignIn{Name: "ada", Password: good})
	check(t, err)
	b.clock.pass(sudoFor + time.Second)
	c, err := b.SudoChallenge(t.Context(), in.Token, origin)
	check(t, err)
	answer := d.signed(t, c)
	_, err = b.SudoPasskey(t.Context(), second.Token, origin, c.ID, answer)
	refused(t, err, agent.CodeUnauthorized)
	_, err = b.SignInPasskey(t.Context(), origin, c.ID, answer, firefox) // made for another purpose
	refused(t, err, agent.CodeUnauthorized)
	s, err := b.SudoPasskey(t.Context(), in.Token, origin, c.ID, answer)
	check(t, err)
	if !s.Sudo.After(b.clock.now()) {
		t.Errorf("sudo is until %v", s.Sudo)
	}
	_, err = b.SudoPasskey(t.Context(), in.Token, origin, c.ID, answer)
	refused(t, err, agent.CodeUnauthorized)
}
