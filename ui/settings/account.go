package settings

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// accountRoutes are the pages of one's own account. What changes how one signs in
// needs a proof of who it is.
func accountRoutes() []web.Route {
	get, post, own := http.MethodGet, http.MethodPost, agent.ActOwnAccount
	return []web.Route{
		{Method: get, Path: "/settings", Action: own, Handle: account},
		{Method: post, Path: "/settings", Action: own, Handle: profile},
		{Method: get, Path: "/settings/password", Action: own, Sudo: true, Handle: password},
		{Method: post, Path: "/settings/password", Action: own, Sudo: true, Handle: newPassword},
		{Method: get, Path: "/settings/totp", Action: own, Sudo: true, Handle: totp},
		{Method: post, Path: "/settings/totp", Action: own, Sudo: true, Handle: newTOTP},
		{Method: post, Path: "/settings/totp/confirm", Action: own, Sudo: true, Handle: confirmTOTP},
		{Method: post, Path: "/settings/totp/remove", Action: own, Sudo: true, Handle: removeTOTP},
		{Method: post, Path: "/settings/codes", Action: own, Sudo: true, Handle: newCodes},
		{Method: get, Path: "/settings/passkeys", Action: own, Sudo: true, Handle: passkeys},
		{Method: post, Path: "/settings/passkeys", Action: own, Sudo: true, Handle: addPasskey},
		{Method: post, Path: "/settings/passkeys/new", Action: own, Sudo: true, Handle: newPasskey},
		{Method: post, Path: "/settings/passkeys/:id/remove", Action: own, Sudo: true, Handle: removePasskey},
		{Method: post, Path: "/settings/sessions/:id/end", Action: own, Handle: endSession},
		{Method: post, Path: "/settings/sessions/end", Action: own, Handle: endOthers},
	}
}

// accountPage is one's own account at a glance.
type accountPage struct {
	User         agent.User
	Title, Email web.Field
	Sessions     []sessionView
	Others       int // sessions beside this one
	Error        *agent.Error
}

// sessionView is where somebody is signed in.
type sessionView struct {
	agent.Session
	Browser string
	Phone   bool
	Here    bool
}

func account(c *web.Ctx) error {
	page, err := accountOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "account.html", page)
}

func accountOf(c *web.Ctx) (*accountPage, error) {
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return nil, err
	}
	sessions, err := c.Accounts.Sessions(c.Context(), c.Session.User)
	if err != nil {
		return nil, err
	}
	page := &accountPage{User: user,
		Title: web.Field{Name: "title", Label: c.T("What people call you"), Value: user.Title, Autocomplete: "name"},
		Email: web.Field{Name: "email", Label: c.T("E-mail"), Type: web.FieldEmail, Value: user.Email, Autocomplete: "email",
			Help: c.T("Admins see it. Nothing is sent there by itself.")}}
	for _, s := range sessions {
		v := sessionView{Session: s, Browser: browserName(s.Browser.Agent), Phone: phone(s.Browser.Agent), Here: s.ID == c.Session.ID}
		if v.Browser == "" {
			v.Browser = c.T("An app or a script")
		}
		if v.Here {
			page.Sessions = append([]sessionView{v}, page.Sessions...)
			continue
		}
		page.Others++
		page.Sessions = append(page.Sessions, v)
	}
	return page, nil
}

// profile changes how one is called.
func profile(c *web.Ctx) error {
	title, email := c.Value("title"), strings.TrimSpace(c.Value("email"))
	_, err := c.Cloud.ChangeUser(c.Context(), c.Session.User, agent.UserChange{Title: &title, Email: &email})
	if err == nil {
		return c.Done("/settings", c.T("Saved."))
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	page, err := accountOf(c)
	if err != nil {
		return err
	}
	page.Title.Value, page.Email.Value = title, email
	switch {
	case strings.Contains(e.Message, "e-mail"):
		page.Email.Error = c.Explain(e)
	case e.Code == agent.CodeInvalid:
		page.Title.Error = c.Explain(e)
	default:
		page.Error = e
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "account.html", page)
}

// passwordPage is where one chooses another password.
type passwordPage struct {
	Password web.NewPassword
	Error    *agent.Error
}

func passwordForm(c *web.Ctx) *passwordPage {
	p := &passwordPage{Password: c.NewPassword(c.T("New password"))}
	p.Password.Autofocus = true
	return p
}

func password(c *web.Ctx) error { return c.Page(pages, "password.html", passwordForm(c)) }

func newPassword(c *web.Ctx) error {
	err := c.Accounts.SetPassword(c.Context(), c.Session.User, c.Value("password"), c.Session.ID)
	if err == nil {
		return c.Done("/settings", c.T("Your password is changed. Everywhere else you are signed out."))
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	page := passwordForm(c)
	page.Password.Strength = c.StrengthOf(c.Value("password"))
	if e.Code == agent.CodeInvalid {
		page.Password.Error = c.Explain(e)
	} else {
		page.Error = e
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "password.html", page)
}

// endSession signs one out somewhere, endOthers everywhere else.
func endSession(c *web.Ctx) error {
	id := c.Param("id")
	if err := c.Accounts.EndSession(c.Context(), c.Session.User, id); err != nil {
		return err
	}
	if id == c.Session.ID {
		c.Forget()
		return c.Done("/sign-in", c.T("You are signed out."))
	}
	return c.Done("/settings", c.T("Signed out there."))
}

func endOthers(c *web.Ctx) error {
	sessions, err := c.Accounts.Sessions(c.Context(), c.Session.User)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.ID == c.Session.ID {
			continue
		}
		if err := c.Accounts.EndSession(c.Context(), c.Session.User, s.ID); err != nil {
			return err
		}
	}
	return c.Done("/settings", c.T("You are signed out everywhere else."))
}

// passkeysPage is where one adds a passkey.
type passkeysPage struct {
	User agent.User
	Name web.Field
}

func passkeys(c *web.Ctx) error {
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return err
	}
	name := browserName(c.Browser().Agent)
	return c.Page(pages, "passkeys.html", passkeysPage{User: user,
		Name: web.Field{Name: "passkey", Label: c.T("What it is called"), Value: name, Placeholder: c.T("My phone"), Help: c.T("So that you know it again, should you lose it.")}})
}

func newPasskey(c *web.Ctx) error {
	ch, err := c.Accounts.NewPasskey(c.Context(), c.Session.User, c.Origin())
	return c.Answer(ch, err)
}

func addPasskey(c *web.Ctx) error {
	var a struct {
		Challenge string          `json:"challenge"`
		Answer    json.RawMessage `json:"answer"`
		Name      string          `json:"name"`
	}
	if err := json.NewDecoder(c.Echo.Request().Body).Decode(&a); err != nil {
		return c.Answer(nil, agent.Errorf(agent.CodeInvalid, "the answer of the passkey could not be read").WithHint("load the page again and try once more"))
	}
	_, err := c.Accounts.AddPasskey(c.Context(), c.Session.User, c.Origin(), a.Challenge, a.Name, a.Answer)
	return c.Answer(map[string]string{"next": "/settings"}, err)
}

func removePasskey(c *web.Ctx) error {
	if err := c.Accounts.RemovePasskey(c.Context(), c.Session.User, c.Param("id")); err != nil {
		return err
	}
	return c.Done("/settings/passkeys", c.T("The passkey is removed. Delete it on your device too."))
}
