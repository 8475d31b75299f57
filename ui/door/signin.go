package door

import (
	"net/url"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// pendingFor is as long as the second step may take.
const pendingFor = 5 * time.Minute

// signInPage asks for name and password, or for a passkey.
type signInPage struct {
	Name, Password web.Field
	Next           string
	Error          *agent.Error
}

func signIn(c *web.Ctx) error {
	next := web.Local(c.Query("next"))
	if c.Session.User != "" {
		return c.Go(next)
	}
	return c.Page(pages, "signin.html", signInForm(c, next))
}

func signInForm(c *web.Ctx, next string) *signInPage {
	name := c.Value("name")
	return &signInPage{Next: next,
		Name:     web.Field{Name: "name", Label: c.T("Name"), Value: name, Required: true, Autocomplete: "username", Autofocus: name == ""},
		Password: web.Field{Name: "password", Label: c.T("Password"), Type: web.FieldPassword, Required: true, Autocomplete: "current-password", Autofocus: name != ""},
	}
}

// withPassword signs in, or goes on to the second step.
func withPassword(c *web.Ctx) error {
	next := web.Local(c.Value("next"))
	signed, err := c.Accounts.SignIn(c.Context(), agent.SignIn{Name: c.Value("name"), Password: c.Value("password"), Browser: c.Browser()})
	if err != nil {
		e, ok := web.Refused(err)
		if !ok {
			return err
		}
		page := signInForm(c, next)
		if e.Code == agent.CodeUnauthorized {
			page.Password.Error = c.Explain(e)
		} else {
			page.Error = e
		}
		return c.PageAs(web.RefusedStatus(e), pages, "signin.html", page)
	}
	if signed.Pending != "" {
		keep(c, pendingCookie, signed.Pending, pendingFor)
		return c.Go("/sign-in/code?next=" + url.QueryEscape(next))
	}
	c.Remember(signed)
	return c.Go(next)
}

// codePage asks for the second step.
type codePage struct {
	Code  web.Field
	Next  string
	Error *agent.Error
}

func code(c *web.Ctx) error {
	next := web.Local(c.Query("next"))
	if c.Cookie(pendingCookie) == "" {
		return c.Go("/sign-in?next=" + url.QueryEscape(next))
	}
	return c.Page(pages, "code.html", codeForm(c, next))
}

func codeForm(c *web.Ctx, next string) *codePage {
	return &codePage{Next: next, Code: web.Field{Name: "code", Label: c.T("Code"), Required: true, Autocomplete: "one-time-code", Autofocus: true, Placeholder: "123 456",
		Help: c.T("Six digits from your authenticator app, or one of your recovery codes.")}}
}

func withCode(c *web.Ctx) error {
	next := web.Local(c.Value("next"))
	signed, err := c.Accounts.SignInCode(c.Context(), c.Cookie(pendingCookie), c.Value("code"), c.Browser())
	if err != nil {
		e, ok := web.Refused(err)
		if !ok {
			return err
		}
		page := codeForm(c, next)
		if e.Code == agent.CodeUnauthorized {
			page.Code.Error = c.Explain(e)
		} else {
			page.Error = e
		}
		return c.PageAs(web.RefusedStatus(e), pages, "code.html", page)
	}
	keep(c, pendingCookie, "", 0)
	c.Remember(signed)
	return c.Go(next)
}

// signOut ends the session, also where it has ended by itself.
func signOut(c *web.Ctx) error {
	if c.Session.User != "" {
		if err := c.Accounts.EndSession(c.Context(), c.Session.User, c.Session.ID); err != nil {
			return err
		}
	}
	c.Forget()
	return c.Done("/sign-in", c.T("You are signed out."))
}

// sudoPage asks once more who it is.
type sudoPage struct {
	Password, Code web.Field
	TOTP, Passkey  bool
	Next           string
	Error          *agent.Error
}

func sudo(c *web.Ctx) error {
	next := web.Local(c.Query("next"))
	if c.Now().Before(c.Session.Sudo) {
		return c.Go(next)
	}
	page, err := sudoForm(c, next)
	if err != nil {
		return err
	}
	return c.Page(pages, "sudo.html", page)
}

func sudoForm(c *web.Ctx, next string) (*sudoPage, error) {
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return nil, err
	}
	return &sudoPage{Next: next, TOTP: user.TOTP, Passkey: len(user.Passkeys) > 0,
		Password: web.Field{Name: "password", Label: c.T("Password"), Type: web.FieldPassword, Required: !user.TOTP, Autocomplete: "current-password", Autofocus: true},
		Code: web.Field{Name: "code", Label: c.T("Or a code"), Autocomplete: "one-time-code", Placeholder: "123 456",
			Help: c.T("Six digits from your authenticator app.")},
	}, nil
}

// prove lets the session do dangerous things for ten minutes.
func prove(c *web.Ctx) error {
	next := web.Local(c.Value("next"))
	proof := agent.Proof{Password: c.Value("password"), Code: c.Value("code")}
	s, err := c.Accounts.Sudo(c.Context(), c.Token, proof)
	if err == nil {
		c.Session = s
		return c.Go(next)
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	page, err := sudoForm(c, next)
	if err != nil {
		return err
	}
	switch {
	case e.Code != agent.CodeUnauthorized:
		page.Error = e
	case proof.Password == "" && proof.Code != "":
		page.Code.Error, page.Code.Autofocus, page.Password.Autofocus = c.Explain(e), true, false
	default:
		page.Password.Error = c.Explain(e)
	}
	return c.PageAs(web.RefusedStatus(e), pages, "sudo.html", page)
}
