package door

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// welcomePage is the first run: one form, from which the owner goes straight home.
type welcomePage struct {
	Name, Cloud, Domain web.Field
	Password            web.NewPassword
	Now                 string // the domain that the cloud has
	Local               bool   // which leads to this machine alone
	Own                 bool   // another one was chosen
	Error               *agent.Error
}

// welcome shows the first run to who has its link, and tells anybody else how to get it.
func welcome(c *web.Ctx) error {
	key := c.Cookie(keyCookie)
	if key == "" {
		return c.Page(pages, "nolink.html", nil)
	}
	in, err := c.Accounts.Invited(c.Context(), key)
	if err != nil {
		return gone(c, err)
	}
	if !in.First {
		return c.Go("/join")
	}
	return c.Page(pages, "welcome.html", welcomeForm(c))
}

func welcomeForm(c *web.Ctx) *welcomePage {
	now := c.State().Settings.Domain
	return &welcomePage{
		Name: web.Field{Name: "name", Label: c.T("Your name to sign in with"), Value: c.Value("name"), Required: true, Autocomplete: "username",
			Placeholder: "ada", Help: c.T("Small letters and digits, like ada."), Autofocus: c.Value("name") == ""},
		Password: c.NewPassword(c.T("Password")),
		Cloud: web.Field{Name: "cloud", Label: c.T("What your cloud is called"), Value: c.Value("cloud"), Placeholder: c.T("Ada’s cloud"),
			Help: c.T("It stands at the top of the home screen. You can change it any time.")},
		Domain: web.Field{Name: "domain", Label: c.T("Your domain"), Value: c.Value("domain"), Placeholder: "ada.example",
			Help: c.T("Let the domain and *.domain point to the address of this machine. Apps get names of their own under it.")},
		Now: now, Local: now == "localhost" || strings.HasSuffix(now, ".localhost"), Own: c.Value("where") == "own",
	}
}

var domainShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// cleanDomain takes what people paste: the address of a page, capitals, a dot at the end.
func cleanDomain(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		text = u.Hostname()
	}
	text = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(text, "*."), "panel."), "./")
	return text, len(text) <= 200 && domainShape.MatchString(text)
}

// begin makes the owner's account, then gives the cloud its name and its address.
func begin(c *web.Ctx) error {
	key, page := c.Cookie(keyCookie), welcomeForm(c)
	// Who was invited, or chooses a new password, is not the one who sets the cloud up.
	in, err := c.Accounts.Invited(c.Context(), key)
	if err != nil {
		return gone(c, err)
	}
	if !in.First {
		return c.Go("/join")
	}
	domain := ""
	if page.Own {
		var ok bool
		if domain, ok = cleanDomain(c.Value("domain")); !ok {
			page.Domain.Error = c.T("This is no domain. Write it like ada.example, without https.")
			return c.PageAs(http.StatusUnprocessableEntity, pages, "welcome.html", page)
		}
	}
	signed, err := c.Accounts.TakeUp(c.Context(), key, agent.NewAccount{Name: c.Value("name"), Password: c.Value("password")}, c.Browser())
	if err != nil {
		e, ok := web.Refused(err)
		if !ok {
			return gone(c, err)
		}
		page.Password.Strength = c.StrengthOf(c.Value("password"))
		place(c, e, &page.Name, &page.Password.Field, &page.Error)
		return c.PageAs(web.RefusedStatus(e), pages, "welcome.html", page)
	}
	keep(c, keyCookie, "", 0)
	c.Remember(signed)
	return named(c, strings.TrimSpace(c.Value("cloud")), domain)
}

// place puts an error at the field that it is about: the password's own say so, other
// wrong requests are about the name, and the rest is about neither.
func place(c *web.Ctx, e *agent.Error, name, password *web.Field, above **agent.Error) {
	switch {
	case e.Code == agent.CodeUnavailable || e.Code == agent.CodeFailed:
		*above = e
	case strings.Contains(e.Message, "password"):
		password.Error, password.Autofocus, name.Autofocus = c.Explain(e), true, false
	default:
		name.Error, name.Autofocus = c.Explain(e), true
	}
}

// named changes the settings as the new owner. What does not work now can be done
// later in the settings, where the person is sent with why.
func named(c *web.Ctx, cloud, domain string) error {
	ctx := agent.WithRole(agent.WithActor(c.Context(), c.Session.Actor()), c.Session.Role)
	if !c.May(agent.ActSettings) { // the route is open to all: the table does not ask it
		return c.Go("/")
	}
	if cloud != "" {
		if _, err := c.Cloud.ChangeSettings(ctx, agent.SettingsChange{Name: &cloud}); err != nil {
			return later(c, err)
		}
	}
	if domain == "" || domain == c.State().Settings.Domain {
		return c.Changed("/", "")
	}
	if _, err := c.Cloud.ChangeSettings(ctx, agent.SettingsChange{Domain: &domain}); err != nil {
		return later(c, err)
	}
	return c.Moving(domain, true)
}

func later(c *web.Ctx, err error) error {
	e := agent.AsError(err)
	if e.Code == agent.CodeInternal {
		return err
	}
	return c.Done("/settings/cloud", c.T("Your account is made. One thing did not work: %s", c.Explain(e)))
}
