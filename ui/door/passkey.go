package door

import (
	"encoding/json"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// answer is what the script of passkeys sends back, as JSON.
type answer struct {
	Challenge string          `json:"challenge"` // the ID that it was given
	Answer    json.RawMessage `json:"answer"`    // WebAuthn's own JSON
	Next      string          `json:"next"`
}

// read takes an answer; what is no JSON of that shape is the script's mistake or
// somebody else's.
func read(c *web.Ctx) (a answer, err error) {
	if err := json.NewDecoder(c.Echo.Request().Body).Decode(&a); err != nil {
		return a, agent.Errorf(agent.CodeInvalid, "the answer of the passkey could not be read").WithHint("load the page again and try once more")
	}
	return a, nil
}

// onward is where the script goes when all is well.
type onward struct {
	Next string `json:"next"`
}

func passkeyBegin(c *web.Ctx) error {
	ch, err := c.Accounts.PasskeyChallenge(c.Context(), c.Origin())
	return c.Answer(ch, err)
}

func passkeyFinish(c *web.Ctx) error {
	a, err := read(c)
	if err != nil {
		return c.Answer(nil, err)
	}
	signed, err := c.Accounts.SignInPasskey(c.Context(), c.Origin(), a.Challenge, a.Answer, c.Browser())
	if err != nil {
		return c.Answer(nil, err)
	}
	c.Remember(signed)
	return c.Answer(onward{web.Local(a.Next)}, nil)
}

func sudoBegin(c *web.Ctx) error {
	ch, err := c.Accounts.SudoChallenge(c.Context(), c.Token, c.Origin())
	return c.Answer(ch, err)
}

func sudoFinish(c *web.Ctx) error {
	a, err := read(c)
	if err != nil {
		return c.Answer(nil, err)
	}
	_, err = c.Accounts.SudoPasskey(c.Context(), c.Token, c.Origin(), a.Challenge, a.Answer)
	return c.Answer(onward{web.Local(a.Next)}, err)
}
