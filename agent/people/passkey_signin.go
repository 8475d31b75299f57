package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/dentropy/dcloud/agent"
)

// PasskeyChallenge asks a browser for any passkey of this cloud.
func (s *Service) PasskeyChallenge(ctx context.Context, origin string) (agent.Challenge, error) {
	w, _, err := s.relyingParty(origin)
	if err != nil {
		return agent.Challenge{}, err
	}
	options, data, err := w.BeginDiscoverableLogin()
	if err != nil {
		return agent.Challenge{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.asked(ctx, "sign in", challenge{Data: *data}, options.Response)
}

// SignInPasskey begins a session with a passkey, which stands for the password and the
// code: the device checked who holds it.
func (s *Service) SignInPasskey(ctx context.Context, origin, id string, answer json.RawMessage, b agent.Browser) (agent.SignedIn, error) {
	w, domain, err := s.relyingParty(origin)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if err := s.limits.take(b.Address, ""); err != nil {
		return agent.SignedIn{}, err
	}
	var c challenge
	if err := s.open(ctx, "sign in", id, &c); err != nil {
		return agent.SignedIn{}, err
	}
	parsed, err := parseAssertion(answer)
	if err != nil {
		return agent.SignedIn{}, err
	}
	a, err := s.holderOf(ctx, parsed.Response.UserHandle)
	if err != nil {
		return agent.SignedIn{}, err
	}
	stamp, err := s.answer(ctx, a.Name, c, func(a *account) (*webauthn.Credential, error) {
		_, cred, err := w.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return holder{a, domain}, nil }, c.Data, parsed)
		return cred, err
	})
	if err != nil {
		return agent.SignedIn{}, err
	}
	s.limits.giveBack(b.Address, "")
	return s.begin(ctx, a.Name, stamp, b, "with a passkey")
}

// holderOf finds whose passkeys know the person by a handle.
func (s *Service) holderOf(ctx context.Context, handle []byte) (*account, error) {
	all, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if len(handle) > 0 && a.ID == string(handle) {
			return a, nil
		}
	}
	return nil, errPasskey
}

// answer checks the answer to a challenge, notes that it was given and that the passkey
// was used, all at once, and returns the account's stamp.
func (s *Service) answer(ctx context.Context, user string, c challenge, check func(*account) (*webauthn.Credential, error)) (string, error) {
	a, err := s.change(ctx, user, func(a *account) ([]Op, error) {
		if err := s.answered(ctx, c); err != nil {
			return nil, err
		}
		cred, err := check(a)
		if err != nil {
			s.Log.Info("a passkey was not recognised", "user", user, "err", said(err))
			return nil, errPasskey
		}
		if cred.Authenticator.CloneWarning {
			s.Log.Warn("a passkey was used that may have been copied", "user", user)
			return nil, agent.Errorf(agent.CodeUnauthorized, "this passkey may have been copied").
				WithHint("sign in with your password and remove it in your account's settings")
		}
		for k := range a.Passkeys {
			if p := &a.Passkeys[k]; p.ID == base64.RawURLEncoding.EncodeToString(cred.ID) {
				p.Used, p.Credential = s.Now(), *cred
			}
		}
		return []Op{s.once(c)}, nil
	})
	var e *agent.Error
	if errors.As(err, &e) && e.Code == agent.CodeNotFound {
		err = errPasskey
	}
	if err != nil {
		return "", err
	}
	return a.Stamp, nil
}

// SudoChallenge asks for one of the passkeys of who is signed in.
func (s *Service) SudoChallenge(ctx context.Context, token, origin string) (agent.Challenge, error) {
	in, a, err := s.session(ctx, token)
	if err != nil {
		return agent.Challenge{}, err
	}
	w, domain, err := s.relyingParty(origin)
	if err != nil {
		return agent.Challenge{}, err
	}
	h := holder{a, domain}
	if len(h.WebAuthnCredentials()) == 0 {
		return agent.Challenge{}, agent.Errorf(agent.CodeFailed, "you have no passkey at this address").WithHint("use your password")
	}
	options, data, err := w.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return agent.Challenge{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.asked(ctx, "sudo", challenge{User: a.Name, Session: in.hash, Data: *data}, options.Response)
}

// SudoPasskey lets a session do dangerous things for ten minutes, after a passkey.
func (s *Service) SudoPasskey(ctx context.Context, token, origin, id string, answer json.RawMessage) (agent.Session, error) {
	in, a, err := s.session(ctx, token)
	if err != nil {
		return agent.Session{}, err
	}
	w, domain, err := s.relyingParty(origin)
	if err != nil {
		return agent.Session{}, err
	}
	var c challenge
	if err := s.open(ctx, "sudo", id, &c); err != nil {
		return agent.Session{}, err
	}
	if c.User != a.Name || c.Session != in.hash {
		return agent.Session{}, errTooLate
	}
	parsed, err := parseAssertion(answer)
	if err != nil {
		return agent.Session{}, err
	}
	if _, err := s.answer(ctx, a.Name, c, func(a *account) (*webauthn.Credential, error) {
		return w.ValidateLogin(holder{a, domain}, c.Data, parsed)
	}); err != nil {
		return agent.Session{}, err
	}
	return s.touch(ctx, token, func(in *session) { in.Sudo = s.Now().Add(sudoFor) })
}
