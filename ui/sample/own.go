package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Sudo takes Password, or Code from who has an authenticator app.
func (a *Accounts) Sudo(ctx context.Context, token string, p agent.Proof) (agent.Session, error) {
	s, err := a.Session(ctx, token)
	if err != nil {
		return s, err
	}
	u, err := a.people.get(s.User)
	if err != nil {
		return s, err
	}
	if p.Password != Password && (!u.TOTP || p.Code != Code) {
		return s, errWrong()
	}
	return a.proven(token), nil
}

func (a *Accounts) proven(token string) agent.Session {
	return a.change(token, func(s *agent.Session) { s.Sudo = a.now().Add(10 * time.Minute) })
}

// SudoChallenge asks for a passkey of the person's.
func (a *Accounts) SudoChallenge(context.Context, string, string) (agent.Challenge, error) {
	return challenge(false)
}

// SudoPasskey takes one.
func (a *Accounts) SudoPasskey(ctx context.Context, token, _, _ string, answer json.RawMessage) (agent.Session, error) {
	s, err := a.Session(ctx, token)
	if err != nil {
		return s, err
	}
	if name, err := a.whose(answer); err != nil || name != s.User {
		return s, errWrong()
	}
	return a.proven(token), nil
}

// User is a person's own account.
func (a *Accounts) User(_ context.Context, name string) (agent.User, error) {
	return a.people.get(name)
}

// SetPassword forgets the password, and ends the other sessions.
func (a *Accounts) SetPassword(ctx context.Context, user, password, keep string) error {
	if s := a.Strength(password, user); !s.Enough {
		return agent.Errorf(agent.CodeInvalid, "the password is too easy to guess").WithHint("%s", s.Advice)
	}
	sessions, err := a.Sessions(ctx, user)
	for _, s := range sessions {
		if s.ID != keep {
			err = a.EndSession(ctx, user, s.ID)
		}
	}
	return err
}

// NewTOTP is a secret that Code confirms.
func (a *Accounts) NewTOTP(_ context.Context, user string) (agent.TOTP, error) {
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	return agent.TOTP{Secret: secret, URL: "otpauth://totp/Ada%27s%20cloud:" + user + "?secret=" + secret + "&issuer=Ada%27s%20cloud"}, nil
}

// ConfirmTOTP turns it on.
func (a *Accounts) ConfirmTOTP(ctx context.Context, user, code string) ([]string, error) {
	if code != Code {
		return nil, agent.Errorf(agent.CodeUnauthorized, "the code is wrong").WithHint("take the one that your app shows now")
	}
	a.people.change(user, func(u *agent.User) { u.TOTP = true })
	return a.NewRecoveryCodes(ctx, user)
}

// RemoveTOTP turns it off.
func (a *Accounts) RemoveTOTP(_ context.Context, user string) error {
	a.people.change(user, func(u *agent.User) { u.TOTP, u.Codes = false, 0 })
	return nil
}

// NewRecoveryCodes are ten that open nothing.
func (a *Accounts) NewRecoveryCodes(_ context.Context, user string) ([]string, error) {
	a.people.change(user, func(u *agent.User) { u.Codes = 10 })
	var out []string
	for k := range 10 {
		out = append(out, fmt.Sprintf("smpl%d-k7q2m-x94t%d", k, k))
	}
	return out, nil
}

// NewPasskey asks a browser to make one.
func (a *Accounts) NewPasskey(context.Context, string, string) (agent.Challenge, error) {
	return challenge(true)
}

// AddPasskey takes any answer with an ID.
func (a *Accounts) AddPasskey(_ context.Context, user, _, _, name string, answer json.RawMessage) (agent.Passkey, error) {
	var in struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &in); err != nil || in.ID == "" {
		return agent.Passkey{}, agent.Errorf(agent.CodeInvalid, "the passkey could not be read").WithHint("try again")
	}
	p := agent.Passkey{ID: in.ID, Name: name, Created: a.now()}
	a.people.change(user, func(u *agent.User) { u.Passkeys = append(slices.Clone(u.Passkeys), p) })
	return p, nil
}

// RemovePasskey forgets one.
func (a *Accounts) RemovePasskey(_ context.Context, user, id string) error {
	found := false
	a.people.change(user, func(u *agent.User) {
		before := len(u.Passkeys)
		u.Passkeys = slices.DeleteFunc(slices.Clone(u.Passkeys), func(p agent.Passkey) bool { return p.ID == id })
		found = len(u.Passkeys) < before
	})
	if !found {
		return agent.Errorf(agent.CodeNotFound, "there is no such passkey")
	}
	return nil
}
