// Package people is the pages about people: who may sign in, and as what.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package people

import (
	"embed"
	"net/http"
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package. What changes who may do what asks for a proof.
func Routes() []web.Route {
	get, post, may := http.MethodGet, http.MethodPost, agent.ActPeople
	return []web.Route{
		{Method: get, Path: "/people", Action: may, Handle: list},
		{Method: get, Path: "/people/invite", Action: may, Sudo: true, Handle: askInvite},
		{Method: post, Path: "/people", Action: may, Sudo: true, Handle: invite},
		{Method: get, Path: "/people/:user", Action: may, Handle: person},
		{Method: post, Path: "/people/:user", Action: may, Sudo: true, Handle: change},
		{Method: post, Path: "/people/:user/link", Action: may, Sudo: true, Handle: link},
		{Method: get, Path: "/people/:user/remove", Action: may, Sudo: true, Handle: askRemove},
		{Method: post, Path: "/people/:user/remove", Action: may, Sudo: true, Handle: remove},
	}
}

// personView is somebody as the list shows them.
type personView struct {
	agent.User
	Says string // what the role is called
	You  bool
	Mine bool // who asks looks after them
}

func viewOf(c *web.Ctx, u agent.User) personView {
	return personView{User: u, Says: roleOf(c, u.Role).Title, You: u.Name == c.Session.User, Mine: looksAfter(c, u.Role)}
}

// looksAfter tells whether who asks may change somebody of a role: an owner anybody,
// an admin those who may less.
func looksAfter(c *web.Ctx, role string) bool {
	own := c.Session.Role
	return own == agent.RoleOwner || own == agent.RoleAdmin && agent.Rank(role) < agent.Rank(own)
}

// role is one to choose, in words.
type role struct {
	Name, Title, Text string
	Chosen            bool
}

func roleOf(c *web.Ctx, name string) role {
	switch name {
	case agent.RoleGuest:
		return role{Name: name, Title: c.T("Guest"), Text: c.T("Opens the apps, and nothing else.")}
	case agent.RoleMember:
		return role{Name: name, Title: c.T("Member"), Text: c.T("Sees what there is and how it is doing.")}
	case agent.RoleAdmin:
		return role{Name: name, Title: c.T("Admin"), Text: c.T("Installs and looks after apps, machines, members and guests.")}
	case agent.RoleOwner:
		return role{Name: name, Title: c.T("Owner"), Text: c.T("May do everything, to everybody.")}
	}
	return role{Name: name, Title: name}
}

// roles are those that who asks may give.
func roles(c *web.Ctx, chosen string) []role {
	var out []role
	for _, name := range agent.Roles() {
		if looksAfter(c, name) {
			r := roleOf(c, name)
			r.Chosen = name == chosen
			out = append(out, r)
		}
	}
	return out
}

func list(c *web.Ctx) error {
	users, err := c.Cloud.Users(c.Context())
	if err != nil {
		return err
	}
	var people []personView
	for _, u := range users {
		people = append(people, viewOf(c, u))
	}
	return c.Page(pages, "list.html", people)
}

// find is somebody by name.
func find(c *web.Ctx, name string) (agent.User, error) {
	users, err := c.Cloud.Users(c.Context())
	if err != nil {
		return agent.User{}, err
	}
	for _, u := range users {
		if u.Name == name {
			return u, nil
		}
	}
	return agent.User{}, agent.Errorf(agent.CodeNotFound, "there is nobody called %q", short(name)).
		WithHint("the list of people shows who there is")
}

// short bounds what an error repeats of what was asked for.
func short(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}

// invitePage asks whom to invite.
type invitePage struct {
	Name, Title, Email web.Field
	Roles              []role
	Error              *agent.Error
}

func inviteForm(c *web.Ctx) *invitePage {
	as := c.Value("role")
	if as == "" {
		as = agent.RoleMember
	}
	return &invitePage{
		Name: web.Field{Name: "name", Label: c.T("The name to sign in with"), Value: c.Value("name"), Required: true, Autofocus: true,
			Placeholder: "bob", Help: c.T("Small letters, digits and hyphens. It stays.")},
		Title: web.Field{Name: "title", Label: c.T("What people call them"), Value: c.Value("title"), Placeholder: "Bob"},
		Email: web.Field{Name: "email", Label: c.T("E-mail"), Type: web.FieldEmail, Value: c.Value("email")},
		Roles: roles(c, as),
	}
}

func askInvite(c *web.Ctx) error { return c.Page(pages, "invite.html", inviteForm(c)) }

func invite(c *web.Ctx) error {
	page := inviteForm(c)
	name := strings.TrimSpace(page.Name.Value)
	users, err := c.Cloud.Users(c.Context())
	if err != nil {
		return err
	}
	for _, u := range users {
		if strings.EqualFold(u.Name, name) && !u.Invited { // or it would be a link for that account
			page.Name.Error = c.T("Somebody is called this already.")
			return c.PageAs(http.StatusUnprocessableEntity, pages, "invite.html", page)
		}
	}
	made, err := c.Cloud.Invite(c.Context(), agent.InviteRequest{Name: name, Title: page.Title.Value,
		Email: strings.TrimSpace(page.Email.Value), Role: c.Value("role")})
	if err == nil {
		return c.Page(pages, "link.html", made)
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	text := c.T(e.Message)
	if e.Hint != "" {
		text += ": " + c.T(e.Hint)
	}
	switch {
	case strings.Contains(e.Message, "e-mail"):
		page.Email.Error = text
	case strings.Contains(e.Message, "role") || e.Code != agent.CodeInvalid:
		page.Error = e
	default:
		page.Name.Error = text
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "invite.html", page)
}

// personPage is one person.
type personPage struct {
	personView
	About role
	Roles []role
	Error *agent.Error
}

func pageOf(c *web.Ctx, u agent.User) *personPage {
	return &personPage{personView: viewOf(c, u), About: roleOf(c, u.Role), Roles: roles(c, u.Role)}
}

func person(c *web.Ctx) error {
	u, err := find(c, c.Param("user"))
	if err != nil {
		return err
	}
	return c.Page(pages, "person.html", pageOf(c, u))
}

// change gives somebody another role.
func change(c *web.Ctx) error {
	as := c.Value("role")
	u, err := c.Cloud.ChangeUser(c.Context(), c.Param("user"), agent.UserChange{Role: &as})
	if err != nil {
		return again(c, err)
	}
	return c.Done(at(u.Name), c.T("%s is %s now.", u.Title, roleOf(c, u.Role).Title))
}

// again shows the person's page with why a change was refused.
func again(c *web.Ctx, err error) error {
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	u, err := find(c, c.Param("user"))
	if err != nil {
		return err
	}
	page := pageOf(c, u)
	page.Error = e
	return c.PageAs(http.StatusUnprocessableEntity, pages, "person.html", page)
}

// link makes a link with which somebody chooses a new password, or takes up an
// invitation that was lost.
func link(c *web.Ctx) error {
	u, err := find(c, c.Param("user"))
	if err != nil {
		return err
	}
	made, err := c.Cloud.Invite(c.Context(), agent.InviteRequest{Name: u.Name})
	if err != nil {
		return again(c, err)
	}
	return c.Page(pages, "link.html", made)
}

// removePage asks once more, with the name to be typed.
type removePage struct {
	personView
	Typed web.Field
	Error *agent.Error
}

func removeForm(c *web.Ctx, u agent.User) *removePage {
	return &removePage{personView: viewOf(c, u), Typed: web.Field{Name: "typed", Label: c.T("Type %s to remove the account", u.Name), Required: true}}
}

func askRemove(c *web.Ctx) error {
	u, err := find(c, c.Param("user"))
	if err != nil {
		return err
	}
	return c.Page(pages, "remove.html", removeForm(c, u))
}

func remove(c *web.Ctx) error {
	u, err := find(c, c.Param("user"))
	if err != nil {
		return err
	}
	page := removeForm(c, u)
	if strings.TrimSpace(c.Value("typed")) != u.Name {
		page.Typed.Error = c.T("This is not the name. Type %s.", u.Name)
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", page)
	}
	if err := c.Cloud.RemoveUser(c.Context(), u.Name); err != nil {
		e, ok := web.Refused(err)
		if !ok {
			return err
		}
		page.Error = e
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", page)
	}
	return c.Done("/people", c.T("The account of %s is removed.", u.Title))
}

func at(name string) string { return "/people/" + url.PathEscape(name) }
