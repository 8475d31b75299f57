package people

import (
	"context"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// Recovery codes: how many there are, and letters in each, of five bits. 80 bits are
// more than can be tried, so that a plain hash of one is enough.
const (
	codeCount   = 10
	codeLetters = 16
)

// newCodes gives an account new recovery codes; the earlier ones do not work any more.
func (s *Service) newCodes(a *account) ([]string, error) {
	var codes []string
	a.Codes = nil
	for range codeCount {
		code, err := s.random(codeLetters * 5 / 8)
		if err != nil {
			return nil, err
		}
		a.Codes = append(a.Codes, codeHash(a, code))
		codes = append(codes, strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"))
	}
	return codes, nil
}

func codeHash(a *account, code string) string { return hashed(a.ID + " " + code) }

// NewRecoveryCodes makes ten new ones, which are not shown again.
func (s *Service) NewRecoveryCodes(ctx context.Context, user string) ([]string, error) {
	var codes []string
	_, err := s.change(ctx, user, func(a *account) (_ []Op, err error) {
		if a.TOTP == nil {
			return nil, agent.Errorf(agent.CodeConflict, "recovery codes stand in for an authenticator app, and there is none").
				WithHint("set an authenticator app up first")
		}
		codes, err = s.newCodes(a)
		return nil, err
	})
	if err == nil {
		s.note(ctx, "user", user, "made new recovery codes")
	}
	return codes, err
}

// secondFactor takes a code of the authenticator app or a recovery code, once.
func (s *Service) secondFactor(ctx context.Context, user, code string) error {
	recovered := false
	a, err := s.change(ctx, user, func(a *account) ([]Op, error) {
		return nil, s.useCode(a, code, &recovered)
	})
	if err == nil && recovered {
		s.note(agent.WithActor(ctx, user), "user", user, leftCodes(len(a.Codes)))
	}
	return err
}

func (s *Service) useCode(a *account, code string, recovered *bool) error {
	*recovered = false
	plain := plainCode(code)
	if a.TOTP == nil {
		return errWrongCode
	}
	if len(plain) == codeLetters {
		k := slices.Index(a.Codes, codeHash(a, plain))
		if k < 0 {
			return errWrongCode
		}
		a.Codes = slices.Delete(a.Codes, k, k+1)
		*recovered = true
		return nil
	}
	if !a.TOTP.use(plain, s.Now()) {
		return errWrongCode
	}
	return nil
}

func leftCodes(n int) string {
	if n == 0 {
		return "used the last recovery code"
	}
	return "used a recovery code"
}
