package door

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// joinPage is for somebody who was invited, or who chooses a new password by a link.
type joinPage struct {
	In       agent.Invitation
	Title    web.Field
	Password web.NewPassword
	Error    *agent.Error
}

func join(c *web.Ctx) error {
	in, err := c.Accounts.Invited(c.Context(), c.Cookie(keyCookie))
	if err != nil {
		return gone(c, err)
	}
	if in.First {
		return c.Go("/welcome")
	}
	return c.Page(pages, "join.html", joinForm(c, in, in.Title))
}

func joinForm(c *web.Ctx, in agent.Invitation, title string) *joinPage {
	if title == in.Name {
		title = ""
	}
	return &joinPage{In: in,
		Title: web.Field{Name: "title", Label: c.T("What people call you"), Value: title, Placeholder: in.Name, Autocomplete: "name",
			Autofocus: !in.Reset && title == ""},
		Password: c.NewPassword(c.T("Password"))}
}

// takeUp makes the account, or gives it the new password, and goes home.
func takeUp(c *web.Ctx) error {
	key := c.Cookie(keyCookie)
	in, err := c.Accounts.Invited(c.Context(), key)
	if err != nil {
		return gone(c, err)
	}
	if in.First {
		return c.Go("/welcome")
	}
	page := joinForm(c, in, c.Value("title"))
	signed, err := c.Accounts.TakeUp(c.Context(), key, agent.NewAccount{Title: c.Value("title"), Password: c.Value("password")}, c.Browser())
	if err != nil {
		e, ok := web.Refused(err)
		if !ok {
			return gone(c, err)
		}
		page.Password.Strength = c.StrengthOf(c.Value("password"))
		place(c, e, &page.Title, &page.Password.Field, &page.Error)
		return c.PageAs(web.RefusedStatus(e), pages, "join.html", page)
	}
	keep(c, keyCookie, "", 0)
	c.Remember(signed)
	if in.Reset {
		return c.Done("/settings", c.T("Your new password is set, and you are signed in. Everywhere else you are signed out."))
	}
	return c.Go("/")
}
