package people

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// onePage is one person.
type onePage struct {
	P            person
	Title, Email web.Field
	Roles        []role
	May          bool // change them
	Typed, Wrong string
	Error        *agent.Error
}

func onePageOf(c *web.Ctx) (onePage, error) {
	users, err := c.Cloud.Users(c.Context())
	if err != nil {
		return onePage{}, err
	}
	name := c.Param("user")
	k := slices.IndexFunc(users, func(u agent.User) bool { return u.Name == name })
	if k < 0 {
		return onePage{}, agent.Errorf(agent.CodeNotFound, "there is nobody called %q", name[:min(len(name), 32)]).WithHint("see the list of people")
	}
	u := users[k]
	return onePage{P: personOf(c, u), Roles: mayGive(c), May: mayChange(c, u),
		Title: web.Field{Name: "title", Label: c.T("What they are called"), Value: u.Title},
		Email: web.Field{Name: "email", Label: c.T("E-mail address"), Type: web.FieldEmail, Value: u.Email},
	}, nil
}

func one(c *web.Ctx) error {
	p, err := onePageOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "person.html", p)
}

func change(c *web.Ctx) error {
	p, err := onePageOf(c)
	if err != nil {
		return err
	}
	title, email, now := strings.TrimSpace(c.Value("title")), strings.TrimSpace(c.Value("email")), c.Value("role")
	set := agent.UserChange{Title: &title, Email: &email}
	if now != "" && now != p.P.Role {
		set.Role = &now
	}
	_, err = c.Cloud.ChangeUser(c.Context(), p.P.Name, set)
	if e, ok := web.Refused(err); ok {
		p.Error, p.Title.Value, p.Email.Value = e, title, email
		return c.PageAs(http.StatusUnprocessableEntity, pages, "person.html", p)
	}
	if err != nil {
		return err
	}
	return c.Done(at(p.P.Name, ""), c.T("Saved."))
}

// link makes a new one, for who lost the first or the password.
func link(c *web.Ctx) error {
	p, err := onePageOf(c)
	if err != nil {
		return err
	}
	made, err := c.Cloud.Invite(c.Context(), agent.InviteRequest{Name: p.P.Name})
	if e, ok := web.Refused(err); ok {
		p.Error = e
		return c.PageAs(http.StatusUnprocessableEntity, pages, "person.html", p)
	}
	if err != nil {
		return err
	}
	return showLink(c, made)
}

func askRemove(c *web.Ctx) error {
	p, err := onePageOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "remove.html", p)
}

// remove takes away the account of somebody whose name was typed.
func remove(c *web.Ctx) error {
	p, err := onePageOf(c)
	if err != nil {
		return err
	}
	if p.Typed = strings.TrimSpace(c.Value("confirm")); p.Typed != p.P.Name {
		p.Wrong = c.T("Type %s, as it stands above.", p.P.Name)
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", p)
	}
	err = c.Cloud.RemoveUser(c.Context(), p.P.Name)
	if e, ok := web.Refused(err); ok {
		p.Error = e
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", p)
	}
	if err != nil {
		return err
	}
	return c.Done("/people", c.T("%s cannot sign in any more.", p.P.Title))
}
