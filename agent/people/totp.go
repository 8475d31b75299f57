package people

import (
	"context"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/dentropy/dcloud/agent"
)

// totpKey is the secret of an authenticator app. Step is the last 30 seconds (since
// 1970) whose code was used: neither it nor an earlier one is taken again (RFC 6238,
// 5.2).
type totpKey struct {
	Secret  string    `json:"secret"`
	Step    int64     `json:"step,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // of one that is not confirmed
}

// period of a code, and how many of them a clock may be off by.
const (
	period = 30
	skew   = 1
)

// confirmFor is how long a new secret waits for its first code.
const confirmFor = 30 * time.Minute

// step of a code at a time, false if it is none of the secret's around then.
func (k *totpKey) step(code string, now time.Time) (int64, bool) {
	at := now.Unix() / period
	for s := at - skew; s <= at+skew; s++ {
		want, err := totp.GenerateCodeCustom(k.Secret, time.Unix(s*period, 0), totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return s, true
		}
	}
	return 0, false
}

// use takes a code, once.
func (k *totpKey) use(code string, now time.Time) bool {
	step, ok := k.step(code, now)
	if !ok || step <= k.Step {
		return false
	}
	k.Step = step
	return true
}

// plainCode is a code without what people write between its parts.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, strings.ToLower(clip(code, 64)))
}

var errWrongCode = agent.Errorf(agent.CodeUnauthorized, "that code is not right").
	WithHint("wait for the next one in your authenticator app; is the clock of your phone right? A recovery code works too")

// NewTOTP makes a secret for an authenticator app, which counts once it was confirmed
// with a code, within half an hour.
func (s *Service) NewTOTP(ctx context.Context, user string) (agent.TOTP, error) {
	secret, err := s.random(20) // 160 bits, as RFC 4226 asks for
	if err != nil {
		return agent.TOTP{}, err
	}
	secret = strings.ToUpper(secret)
	_, err = s.change(ctx, user, func(a *account) ([]Op, error) {
		if a.TOTP != nil {
			return nil, agent.Errorf(agent.CodeConflict, "an authenticator app is set up already").WithHint("turn it off first")
		}
		a.NewTOTP = &totpKey{Secret: secret, Expires: s.Now().Add(confirmFor)}
		return nil, nil
	})
	if err != nil {
		return agent.TOTP{}, err
	}
	return s.totp(user, secret), nil
}

func (s *Service) totp(user, secret string) agent.TOTP {
	domain, _ := s.Host()
	q := url.Values{"secret": {secret}, "issuer": {domain}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + domain + ":" + user, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return agent.TOTP{Secret: secret, URL: u.String()}
}

// ConfirmTOTP turns the second factor on and returns the first recovery codes, which
// are not shown again.
func (s *Service) ConfirmTOTP(ctx context.Context, user, code string) ([]string, error) {
	if err := s.limits.take("", user); err != nil {
		return nil, err
	}
	var codes []string
	_, err := s.change(ctx, user, func(a *account) (_ []Op, err error) {
		k := a.NewTOTP
		if k == nil || !s.Now().Before(k.Expires) {
			return nil, agent.Errorf(agent.CodeFailed, "this took too long").WithHint("begin again with a new QR code")
		}
		if !k.use(plainCode(code), s.Now()) {
			return nil, errWrongCode
		}
		a.TOTP, a.NewTOTP = &totpKey{Secret: k.Secret, Step: k.Step}, nil
		codes, err = s.newCodes(a)
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	s.limits.giveBack("", user)
	s.note(ctx, "user", user, "turned the second factor on")
	return codes, nil
}

// RemoveTOTP turns the second factor off. The recovery codes go with it.
func (s *Service) RemoveTOTP(ctx context.Context, user string) error {
	_, err := s.change(ctx, user, func(a *account) ([]Op, error) {
		a.TOTP, a.NewTOTP, a.Codes = nil, nil, nil
		return nil, nil
	})
	if err == nil {
		s.note(ctx, "user", user, "turned the second factor off")
	}
	return err
}
