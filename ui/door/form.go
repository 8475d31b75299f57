package door

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Cookies that hold for a while what somebody who is not signed in came with: the key
// of a link, so that it does not stay in the address; the first half of signing in.
const (
	keyCookie     = "dcloud_key"
	pendingCookie = "dcloud_pending"
)

// keep holds something in the browser for a while; "" takes it away.
func keep(c *web.Ctx, name, value string, good time.Duration) {
	if value == "" {
		c.SetCookie(name, "", time.Unix(1, 0))
		return
	}
	c.SetCookie(name, value, c.Now().Add(good))
}

// gone tells of a link that does not work.
func gone(c *web.Ctx, err error) error {
	var e *agent.Error
	if !errors.As(err, &e) || e.Code != agent.CodeNotFound {
		return err
	}
	keep(c, keyCookie, "", 0)
	return c.PageAs(http.StatusNotFound, pages, "gone.html", e)
}

// keepKey takes the key out of the address, where others could read it later.
func keepKey(page string) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		key := c.Param("key")
		if len(key) > 100 || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > unicode.MaxASCII }) {
			key = "damaged"
		}
		keep(c, keyCookie, key, time.Hour)
		return c.Go(page)
	}
}

// strength is the part beneath the field of a new password, while it is typed. It is
// for those who can choose one: to judge a password takes up to a second on a small
// machine, which is too much to do for strangers.
func strength(c *web.Ctx) error {
	if !c.Enhanced() {
		return c.Go("/")
	}
	if c.Session.User == "" {
		if _, err := c.Accounts.Invited(c.Context(), c.Cookie(keyCookie)); err != nil {
			return err
		}
	}
	return c.Part(pages, "strength", c.StrengthOf(c.Value("password")))
}
