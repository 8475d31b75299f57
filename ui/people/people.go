// Package people is the pages about those who may sign in: who they are, inviting
// somebody, one person.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package people

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package. What changes who may come in needs a proof of
// who asks.
func Routes() []web.Route {
	get, post, act := http.MethodGet, http.MethodPost, agent.ActPeople
	return []web.Route{
		{Method: get, Path: "/people", Action: act, Handle: list},
		{Method: post, Path: "/people", Action: act, Sudo: true, Handle: invite},
		{Method: get, Path: "/people/:user", Action: act, Handle: one},
		{Method: post, Path: "/people/:user", Action: act, Sudo: true, Handle: change},
		{Method: post, Path: "/people/:user/link", Action: act, Sudo: true, Handle: link},
		{Method: get, Path: "/people/:user/remove", Action: act, Sudo: true, Handle: askRemove},
		{Method: post, Path: "/people/:user/remove", Action: act, Sudo: true, Handle: remove},
	}
}

// role is one that somebody may have, with what it lets them do.
type role struct{ Value, Title, About string }

func roleOf(c *web.Ctx, name string) role {
	switch name {
	case agent.RoleGuest:
		return role{name, c.T("Guest"), c.T("Opens the apps that are open to guests, and sees nothing else.")}
	case agent.RoleMember:
		return role{name, c.T("Member"), c.T("Opens apps, looks around the store, and sees how apps and machines are.")}
	case agent.RoleAdmin:
		return role{name, c.T("Admin"), c.T("Installs and looks after apps, lets machines in, and looks after members and guests.")}
	case agent.RoleOwner:
		return role{name, c.T("Owner"), c.T("May do everything, also change the cloud's settings and take machines out.")}
	}
	return role{name, name, ""}
}

// mayGive are the roles that who asks may give: an admin looks after members and
// guests, an owner after everybody. The control service holds the rule; the page only
// leaves out what it would refuse.
func mayGive(c *web.Ctx) []role {
	var out []role
	for _, r := range agent.Roles() {
		if c.Session.Role == agent.RoleOwner || agent.Rank(r) < agent.Rank(c.Session.Role) {
			out = append(out, roleOf(c, r))
		}
	}
	return out
}

func mayChange(c *web.Ctx, u agent.User) bool {
	return c.Session.Role == agent.RoleOwner || agent.Rank(u.Role) < agent.Rank(c.Session.Role)
}

// person is one of the list.
type person struct {
	agent.User
	Is  role
	You bool
}

func personOf(c *web.Ctx, u agent.User) person {
	if u.Title == "" {
		u.Title = u.Name
	}
	return person{u, roleOf(c, u.Role), u.Name == c.Session.User}
}

// listPage is everybody, and the form that invites one more.
type listPage struct {
	People             []person
	Name, Title, Email web.Field
	Roles              []role
	Role               string
	Error              *agent.Error
	Open               bool // the form is
}

func listPageOf(c *web.Ctx, in agent.InviteRequest) (listPage, error) {
	users, err := c.Cloud.Users(c.Context())
	if err != nil {
		return listPage{}, err
	}
	p := listPage{Roles: mayGive(c), Role: in.Role,
		Name:  web.Field{Name: "name", Label: c.T("Name to sign in with"), Value: in.Name, Required: true, Help: c.T("Small letters, digits and hyphens."), Placeholder: "mary", Autocomplete: "off"},
		Title: web.Field{Name: "title", Label: c.T("What they are called"), Value: in.Title, Placeholder: "Mary"},
		Email: web.Field{Name: "email", Label: c.T("E-mail address"), Type: web.FieldEmail, Value: in.Email},
	}
	for _, u := range users {
		p.People = append(p.People, personOf(c, u))
	}
	slices.SortStableFunc(p.People, func(a, b person) int { return agent.Rank(b.Role) - agent.Rank(a.Role) })
	return p, nil
}

func list(c *web.Ctx) error {
	p, err := listPageOf(c, agent.InviteRequest{Role: agent.RoleMember})
	if err != nil {
		return err
	}
	return c.Page(pages, "people.html", p)
}

// linkPage shows a link, once.
type linkPage struct {
	agent.Invitation
	Who string
	Is  role
}

func invite(c *web.Ctx) error {
	in := agent.InviteRequest{Name: strings.TrimSpace(c.Value("name")), Title: strings.TrimSpace(c.Value("title")), Email: strings.TrimSpace(c.Value("email")), Role: c.Value("role")}
	p, err := listPageOf(c, in)
	if err != nil {
		return err
	}
	p.Open = true
	// Inviting a name that there is would make a link that changes its password.
	if slices.ContainsFunc(p.People, func(u person) bool { return u.Name == in.Name }) {
		p.Name.Error = c.T("There is a %s already. To hand them a new link, open their page.", in.Name)
		return c.PageAs(http.StatusUnprocessableEntity, pages, "people.html", p)
	}
	made, err := c.Cloud.Invite(c.Context(), in)
	if e, ok := web.Refused(err); ok {
		p.Error = e
		return c.PageAs(http.StatusUnprocessableEntity, pages, "people.html", p)
	}
	if err != nil {
		return err
	}
	return showLink(c, made)
}

func showLink(c *web.Ctx, made agent.Invitation) error {
	who := made.Title
	if who == "" {
		who = made.Name
	}
	return c.Page(pages, "link.html", linkPage{made, who, roleOf(c, made.Role)})
}

func at(name, rest string) string { return "/people/" + url.PathEscape(name) + rest }
