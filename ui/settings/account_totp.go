package settings

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// totpPage is where one sets an authenticator app up. Its secret is shown while it is
// not confirmed yet.
type totpPage struct {
	User   agent.User
	Secret string
	Spaced string // in groups of four, to type
	URL    string
	Code   web.Field
	Error  *agent.Error
}

func totp(c *web.Ctx) error {
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return err
	}
	return c.Page(pages, "totp.html", totpPage{User: user})
}

// newTOTP shows a new secret.
func newTOTP(c *web.Ctx) error {
	key, err := c.Accounts.NewTOTP(c.Context(), c.Session.User)
	if err != nil {
		return refusedTOTP(c, err)
	}
	return c.Page(pages, "totp.html", totpForm(c, key.Secret, key.URL))
}

func totpForm(c *web.Ctx, secret, link string) totpPage {
	p := totpPage{User: agent.User{Name: c.Session.User}, Secret: secret, URL: link,
		Code: web.Field{Name: "code", Label: c.T("The six digits that the app shows"), Required: true, Autocomplete: "one-time-code", Placeholder: "123 456", Autofocus: true}}
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	p.Spaced = strings.Join(append(groups, secret), " ")
	return p
}

// confirmTOTP turns it on. The form brings the secret back, so that it can be shown
// again beside a code that was wrong; what counts is the one that is kept.
func confirmTOTP(c *web.Ctx) error {
	codes, err := c.Accounts.ConfirmTOTP(c.Context(), c.Session.User, c.Value("code"))
	if err == nil {
		return showCodes(c, codes, true)
	}
	e, ok := web.Refused(err)
	link, secret := c.Value("url"), c.Value("secret")
	if u, bad := url.Parse(link); !ok || e.Code == agent.CodeFailed || bad != nil || u.Scheme != "otpauth" || len(link) > 500 || len(secret) > 100 {
		return refusedTOTP(c, err)
	}
	page := totpForm(c, secret, link)
	if e.Code == agent.CodeUnauthorized {
		page.Code.Error = c.Explain(e)
	} else {
		page.Error = e
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "totp.html", page)
}

// refusedTOTP begins again with why.
func refusedTOTP(c *web.Ctx, err error) error {
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return err
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "totp.html", totpPage{User: user, Error: e})
}

func removeTOTP(c *web.Ctx) error {
	if err := c.Accounts.RemoveTOTP(c.Context(), c.Session.User); err != nil {
		return err
	}
	return c.Done("/settings", c.T("The authenticator app is turned off. The password alone signs you in."))
}

func newCodes(c *web.Ctx) error {
	codes, err := c.Accounts.NewRecoveryCodes(c.Context(), c.Session.User)
	if err != nil {
		return refusedTOTP(c, err)
	}
	return showCodes(c, codes, false)
}

// codesPage shows recovery codes, once.
type codesPage struct {
	Codes []string
	First bool // with the authenticator app that was just set up
	Text  string
	File  template.URL // the same as a file
	Name  string       // of the file
}

func showCodes(c *web.Ctx, codes []string, first bool) error {
	domain := c.State().Settings.Domain
	text := c.T("Recovery codes of %s at %s. Each serves once.", c.Session.User, domain) + "\n\n" + strings.Join(codes, "\n") + "\n"
	return c.Page(pages, "codes.html", codesPage{Codes: codes, First: first, Text: strings.Join(codes, "\n"),
		File: template.URL("data:text/plain;charset=utf-8," + url.PathEscape(text)), Name: "recovery-codes-" + c.Session.User + ".txt"})
}
