package door

import (
	"encoding/json"
	"net/http"

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

// told answers the script: with what it asked for, or with an error in words.
func told(c *web.Ctx, v any, err error) error {
	if err == nil {
		return c.Echo.JSON(http.StatusOK, v)
	}
	e, status, ok := refused(err)
	if !ok {
		return err
	}
	return c.Echo.JSON(status, agent.Error{Code: e.Code, Message: c.T(e.Message), Hint: c.T(e.Hint)})
}

// onward is where the script goes when all is well.
type onward struct {
	Next string `json:"next"`
}

func passkeyBegin(c *web.Ctx) error {
	ch, err := c.Accounts.PasskeyChallenge(c.Context(), c.Origin())
	return told(c, ch, err)
}

func passkeyFinish(c *web.Ctx) error {
	a, err := read(c)
	if err != nil {
		return told(c, nil, err)
	}
	signed, err := c.Accounts.SignInPasskey(c.Context(), c.Origin(), a.Challenge, a.Answer, c.Browser())
	if err != nil {
		return told(c, nil, err)
	}
	c.Remember(signed)
	return told(c, onward{web.Local(a.Next)}, nil)
}

func sudoBegin(c *web.Ctx) error {
	ch, err := c.Accounts.SudoChallenge(c.Context(), c.Token, c.Origin())
	return told(c, ch, err)
}

func sudoFinish(c *web.Ctx) error {
	a, err := read(c)
	if err != nil {
		return told(c, nil, err)
	}
	_, err = c.Accounts.SudoPasskey(c.Context(), c.Token, c.Origin(), a.Challenge, a.Answer)
	return told(c, onward{web.Local(a.Next)}, err)
}
