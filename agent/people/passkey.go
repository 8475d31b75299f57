package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/dentropy/dcloud/agent"
)

// passkey is one in an account's record. Domain is what it is bound to: it is of no use
// under another.
type passkey struct {
	agent.Passkey
	Domain     string              `json:"domain"`
	Credential webauthn.Credential `json:"credential"`
}

// Bounds of what somebody may have: passkeys, letters in the name of one, and bytes of
// a browser's answer.
const (
	maxPasskeys    = 20
	maxPasskeyName = 40
	maxAnswer      = 64 << 10
)

// challengeFor is how long a browser may take to answer.
const challengeFor = 5 * time.Minute

// challenge is what a browser brings back with its answer, sealed.
type challenge struct {
	User    string               `json:"user,omitempty"`    // "" where it may be anybody's
	Session string               `json:"session,omitempty"` // hash of the token, of a proof
	Data    webauthn.SessionData `json:"data"`
}

// holder is an account as go-webauthn sees it.
type holder struct {
	*account
	domain string
}

func (h holder) WebAuthnID() []byte          { return []byte(h.ID) }
func (h holder) WebAuthnName() string        { return h.Name }
func (h holder) WebAuthnDisplayName() string { return h.Title }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, p := range h.Passkeys {
		if p.Domain == h.domain {
			out = append(out, p.Credential)
		}
	}
	return out
}

var errPasskey = agent.Errorf(agent.CodeUnauthorized, "this passkey was not recognised").
	WithHint("try again, or sign in with your password")

// relyingParty is the cloud as passkeys know it, at one of the panel's origins.
func (s *Service) relyingParty(origin string) (*webauthn.WebAuthn, string, error) {
	domain, origins := s.Host()
	if !slices.Contains(origins, origin) {
		return nil, "", agent.Errorf(agent.CodeInvalid, "passkeys do not work at this address").WithHint("open the panel at %s", strings.Join(origins, " or "))
	}
	required := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: domain, RPDisplayName: domain, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: webauthn.TimeoutConfig{Timeout: challengeFor}, Registration: webauthn.TimeoutConfig{Timeout: challengeFor}},
		// A browser may say more than it was asked for; nothing of it is used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, "", agent.Errorf(agent.CodeFailed, "passkeys do not work under %s: %w", domain, err).WithHint("give the cloud a domain of its own")
	}
	return w, domain, nil
}

// asked makes what a browser is asked to sign.
func (s *Service) asked(ctx context.Context, purpose string, c challenge, options any) (agent.Challenge, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return agent.Challenge{}, err
	}
	id, err := s.seal(ctx, purpose, c, challengeFor)
	return agent.Challenge{ID: id, Options: text}, err
}

// once is an Op that goes only for the first answer to a challenge.
func (s *Service) once(c challenge) Op {
	return put(prefixUsed+hashed(c.Data.Challenge), used{Expires: s.Now().Add(2 * challengeFor)}, 0)
}

var errAnswered = agent.Errorf(agent.CodeUnauthorized, "this was answered already").WithHint("begin again")

// answered tells whether a challenge was answered before.
func (s *Service) answered(ctx context.Context, c challenge) error {
	r, err := s.Store.Get(ctx, prefixUsed+hashed(c.Data.Challenge))
	if err == nil && r.Index != 0 {
		err = errAnswered
	}
	return err
}

// NewPasskey asks a browser to make a passkey for somebody.
func (s *Service) NewPasskey(ctx context.Context, user, origin string) (agent.Challenge, error) {
	w, domain, err := s.relyingParty(origin)
	if err != nil {
		return agent.Challenge{}, err
	}
	a, err := s.account(ctx, user)
	if err != nil {
		return agent.Challenge{}, err
	}
	if len(a.Passkeys) >= maxPasskeys {
		return agent.Challenge{}, agent.Errorf(agent.CodeConflict, "%d passkeys are as many as there may be", maxPasskeys).WithHint("remove one that you do not use")
	}
	h := holder{a, domain}
	var have []protocol.CredentialDescriptor
	for _, c := range h.WebAuthnCredentials() {
		have = append(have, c.Descriptor())
	}
	options, data, err := w.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return agent.Challenge{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.asked(ctx, "new passkey", challenge{User: user, Data: *data}, options.Response)
}

// AddPasskey keeps the passkey that a browser made.
func (s *Service) AddPasskey(ctx context.Context, user, origin, id, name string, answer json.RawMessage) (agent.Passkey, error) {
	w, domain, err := s.relyingParty(origin)
	if err != nil {
		return agent.Passkey{}, err
	}
	var c challenge
	if err := s.open(ctx, "new passkey", id, &c); err != nil {
		return agent.Passkey{}, err
	}
	if c.User != user {
		return agent.Passkey{}, errTooLate
	}
	if name, err = passkeyName(name); err != nil {
		return agent.Passkey{}, err
	}
	parsed, err := parseCreation(answer)
	if err != nil {
		return agent.Passkey{}, err
	}
	var made agent.Passkey
	_, err = s.change(ctx, user, func(a *account) ([]Op, error) {
		if err := s.answered(ctx, c); err != nil {
			return nil, err
		}
		if len(a.Passkeys) >= maxPasskeys {
			return nil, agent.Errorf(agent.CodeConflict, "%d passkeys are as many as there may be", maxPasskeys)
		}
		cred, err := w.CreateCredential(holder{a, domain}, c.Data, parsed)
		if err != nil {
			s.Log.Info("a passkey was not taken", "user", user, "err", said(err))
			return nil, errPasskey
		}
		cred.Attestation = webauthn.CredentialAttestation{} // of no use without a list of makers to trust
		made = agent.Passkey{ID: base64.RawURLEncoding.EncodeToString(cred.ID), Name: name, Created: s.Now()}
		if made.Name == "" {
			made.Name = fmt.Sprintf("Passkey %d", len(a.Passkeys)+1)
		}
		if slices.ContainsFunc(a.Passkeys, func(p passkey) bool { return p.ID == made.ID }) {
			return nil, agent.Errorf(agent.CodeConflict, "this passkey is there already")
		}
		a.Passkeys = append(a.Passkeys, passkey{made, domain, *cred})
		return []Op{s.once(c)}, nil
	})
	if err != nil {
		return agent.Passkey{}, err
	}
	s.note(ctx, "user", user, "added the passkey "+made.Name)
	return made, nil
}

func passkeyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if !printable(name) || utf8.RuneCountInString(name) > maxPasskeyName {
		return "", agent.Errorf(agent.CodeInvalid, "a passkey cannot be called that").WithHint("use at most %d letters", maxPasskeyName)
	}
	return name, nil
}

// RemovePasskey takes one away; that it is gone already is no error.
func (s *Service) RemovePasskey(ctx context.Context, user, id string) error {
	var gone string
	_, err := s.change(ctx, user, func(a *account) ([]Op, error) {
		gone = ""
		a.Passkeys = slices.DeleteFunc(a.Passkeys, func(p passkey) bool {
			if p.ID == id {
				gone = p.Name
			}
			return p.ID == id
		})
		return nil, nil
	})
	if err == nil && gone != "" {
		s.note(ctx, "user", user, "removed the passkey "+gone)
	}
	return err
}

func parseCreation(answer json.RawMessage) (*protocol.ParsedCredentialCreationData, error) {
	if len(answer) > maxAnswer {
		return nil, errPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errPasskey
	}
	return parsed, nil
}

func parseAssertion(answer json.RawMessage) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, errPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, errPasskey
	}
	return parsed, nil
}

// said is what go-webauthn tells a developer of an error.
func said(err error) string {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e.Details + ": " + e.DevInfo
	}
	return err.Error()
}
