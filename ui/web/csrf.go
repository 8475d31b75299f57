package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Only our own pages may change something. Apps are at names beside the panel's, so to a
// browser they are the same site: SameSite does not keep them away, and on plain HTTP
// they can plant cookies here. Therefore a request that changes something is refused if
// the browser says that another page sent it (Sec-Fetch-Site, Origin), and each form
// carries a token that is made of a secret of this browser's: the session's token, or
// before there is one a cookie of its own. A page elsewhere knows neither.

const (
	csrfCookie = "dcloud_csrf"
	// maskLength and macLength are the parts of a token, in bytes.
	maskLength, macLength = 16, sha256.Size
	leastSecret           = 20 // characters of the cookie; ours have 26
)

// CSRF is the token that goes with each form: field csrf, or header X-CSRF-Token.
func (c *Ctx) CSRF() string {
	if c.csrf == "" {
		c.csrf = csrfToken(c.secret())
	}
	return c.csrf
}

// secret is one that this browser has and no page can know. It makes one where there is
// none yet.
func (c *Ctx) secret() string {
	if c.Token != "" {
		return c.Token
	}
	if c.before == "" {
		c.before = c.Cookie(csrfCookie)
	}
	if len(c.before) < leastSecret {
		c.before = rand.Text()
		c.SetCookie(csrfCookie, c.before, c.Now().Add(30*24*time.Hour))
	}
	return c.before
}

// csrfToken is another one each time: a page that is compressed, and shows what a
// stranger wrote, would otherwise let them guess it from its size (BREACH).
func csrfToken(secret string) string {
	mask := make([]byte, maskLength)
	rand.Read(mask)
	return base64.RawURLEncoding.EncodeToString(append(mask, csrfSum(secret, mask)...))
}

func csrfSum(secret string, mask []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("dcloud csrf "))
	mac.Write(mask)
	return mac.Sum(nil)
}

// csrfHolds tells whether a token was made of the secret.
func csrfHolds(secret, token string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != maskLength+macLength || secret == "" {
		return false
	}
	return subtle.ConstantTimeCompare(b[maskLength:], csrfSum(secret, b[:maskLength])) == 1
}

// ours refuses a request that changes something and was not sent by a page of ours. The
// form was read before.
func (c *Ctx) ours() error {
	r := c.Echo.Request()
	if sentElsewhere(r) {
		return errNotOurs()
	}
	secret := c.Token
	if secret == "" {
		secret = c.Cookie(csrfCookie)
		if len(secret) < leastSecret {
			return errNotOurs()
		}
	}
	token := r.Header.Get("X-CSRF-Token")
	if token == "" {
		token = r.PostForm.Get("csrf")
	}
	if !csrfHolds(secret, token) {
		return errNotOurs()
	}
	return nil
}

// sentElsewhere tells whether the browser says that a page of somebody else's sent this.
// https://w3c.github.io/webappsec-fetch-metadata/, https://fetch.spec.whatwg.org/#origin-header
func sentElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

func errNotOurs() error {
	return &statusError{http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "this form was not sent by the panel, or it is too old").
		WithHint("go back, load the page again and try once more")}
}
