package settings

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// cloudRoutes are the pages of the cloud's own settings. Another domain moves every
// app, and where failures are told could carry their lines anywhere: both ask for a
// proof.
func cloudRoutes() []web.Route {
	get, post, may := http.MethodGet, http.MethodPost, agent.ActSettings
	return []web.Route{
		{Method: get, Path: "/settings/cloud", Action: may, Handle: cloud},
		{Method: post, Path: "/settings/cloud", Action: may, Handle: look},
		{Method: get, Path: "/settings/domain", Action: may, Sudo: true, Handle: domain},
		{Method: post, Path: "/settings/domain", Action: may, Sudo: true, Handle: newDomain},
		{Method: get, Path: "/settings/notify", Action: may, Sudo: true, Handle: notify},
		{Method: post, Path: "/settings/notify", Action: may, Sudo: true, Handle: newNotify},
		{Method: post, Path: "/settings/notify/test", Action: may, Sudo: true, Handle: tryNotify},
	}
}

// cloudPage is the cloud's settings at a glance.
type cloudPage struct {
	Settings agent.Settings
	Status   agent.Status
	Name     web.Field
	Accents  []accent
	Error    *agent.Error
}

// accent is a colour to choose.
type accent struct {
	Name, Title string
	Chosen      bool
}

func cloud(c *web.Ctx) error {
	page, err := cloudOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "cloud.html", page)
}

func cloudOf(c *web.Ctx) (*cloudPage, error) {
	now, err := c.Cloud.Settings(c.Context())
	if err != nil {
		return nil, err
	}
	status, err := c.Cloud.Status(c.Context())
	if err != nil {
		return nil, err
	}
	return &cloudPage{Settings: now, Status: status, Accents: accents(c, now.Accent),
		Name: web.Field{Name: "name", Label: c.T("What it is called"), Value: now.Name, Required: true}}, nil
}

// accents are the colours by name, as a person calls them.
func accents(c *web.Ctx, chosen string) []accent {
	titles := map[string]string{"indigo": c.T("Indigo"), "blue": c.T("Blue"), "teal": c.T("Teal"), "green": c.T("Green"),
		"amber": c.T("Amber"), "orange": c.T("Orange"), "rose": c.T("Rose"), "violet": c.T("Violet")}
	var out []accent
	for k, name := range agent.Accents() {
		out = append(out, accent{name, titles[name], name == chosen || chosen == "" && k == 0})
	}
	return out
}

// look changes the cloud's name and colour.
func look(c *web.Ctx) error {
	name, colour := c.Value("name"), c.Value("accent")
	_, err := c.Cloud.ChangeSettings(c.Context(), agent.SettingsChange{Name: &name, Accent: &colour})
	if err == nil {
		return saved(c, "/settings/cloud")
	}
	e, ok := refused(err)
	if !ok {
		return err
	}
	page, err := cloudOf(c)
	if err != nil {
		return err
	}
	page.Name.Value, page.Accents = name, accents(c, colour)
	if strings.Contains(e.Message, "colour") || strings.Contains(e.Message, "accent") {
		page.Error = e
	} else {
		page.Name.Error = sentence(c, e)
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "cloud.html", page)
}

// saved goes on once all pages know what was changed.
func saved(c *web.Ctx, page string) error {
	if err := c.Live.Refresh(c.Context()); err != nil {
		c.Log.Warn("the pages follow a change of settings later", "err", err)
	}
	return c.Done(page, c.T("Saved."))
}

// domainPage is where the cloud gets another domain.
type domainPage struct {
	Now   string
	Field web.Field
	Error *agent.Error
}

func domainForm(c *web.Ctx) *domainPage {
	now := c.State().Settings.Domain
	return &domainPage{Now: now, Field: web.Field{Name: "domain", Label: c.T("The new domain"), Value: c.Value("domain"),
		Placeholder: "ada.example", Required: true, Help: c.T("One that is yours. Write it without https and without panel.")}}
}

func domain(c *web.Ctx) error { return c.Page(pages, "domain.html", domainForm(c)) }

func newDomain(c *web.Ctx) error {
	page := domainForm(c)
	name := strings.Trim(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(page.Field.Value)), "panel."), ".")
	if name == page.Now {
		return c.Done("/settings/cloud", c.T("That is its domain already."))
	}
	if _, err := c.Cloud.ChangeSettings(c.Context(), agent.SettingsChange{Domain: &name}); err != nil {
		e, ok := refused(err)
		if !ok {
			return err
		}
		page.Field.Error = sentence(c, e)
		return c.PageAs(http.StatusUnprocessableEntity, pages, "domain.html", page)
	}
	return c.Page(pages, "moving.html", movingPage{Domain: name, URL: web.MovedTo(c.Origin(), page.Now, name)})
}

// movingPage is shown while the agent starts anew under another domain.
type movingPage struct{ Domain, URL string }

// notifyPage is where failures are told.
type notifyPage struct {
	Ntfy, Webhook, Email, SMTP, Password web.Field
	Some                                 bool // something is told somewhere
	Tried                                string
	Error                                *agent.Error
}

func notifyForm(c *web.Ctx, now agent.Notify) *notifyPage {
	p := &notifyPage{
		Ntfy: web.Field{Name: "ntfy", Label: c.T("On a phone, by ntfy"), Type: web.FieldURL, Value: now.Ntfy, Placeholder: "https://ntfy.sh/ada-cloud-5f2k",
			Help: c.T("The address of a topic that you follow in the ntfy app. Who knows it can read along: make it hard to guess.")},
		Email: web.Field{Name: "email", Label: c.T("By e-mail"), Type: web.FieldEmail, Value: now.Email, Placeholder: "ada@example.org"},
		SMTP: web.Field{Name: "smtp", Label: c.T("Through which mail server"), Value: now.SMTP, Placeholder: "smtp://ada@mail.example.org:587",
			Help: c.T("As your mail provider names it; smtps:// where it is encrypted from the first byte.")},
		Password: web.Field{Name: "smtp_password", Label: c.T("Its password"), Type: web.FieldPassword, Autocomplete: "off"},
		Webhook: web.Field{Name: "webhook", Label: c.T("To a program"), Type: web.FieldURL, Value: now.Webhook, Placeholder: "https://example.org/hook",
			Help: c.T("Gets each failure as JSON.")},
		Some: now.Ntfy != "" || now.Email != "" || now.Webhook != "",
	}
	if now.HasPassword {
		p.Password.Help = c.T("One is kept. Leave this empty to keep it.")
	}
	return p
}

func notify(c *web.Ctx) error {
	now, err := c.Cloud.Settings(c.Context())
	if err != nil {
		return err
	}
	return c.Page(pages, "notify.html", notifyForm(c, now.Notify))
}

func newNotify(c *web.Ctx) error {
	value := func(name string) string { return strings.TrimSpace(c.Value(name)) }
	n := agent.Notify{Ntfy: value("ntfy"), Email: value("email"), SMTP: value("smtp"), Webhook: value("webhook"), SMTPPassword: c.Value("smtp_password")}
	if _, err := c.Cloud.ChangeSettings(c.Context(), agent.SettingsChange{Notify: &n}); err != nil {
		e, ok := refused(err)
		if !ok {
			return err
		}
		page := notifyForm(c, n)
		page.at(e, sentence(c, e))
		return c.PageAs(http.StatusUnprocessableEntity, pages, "notify.html", page)
	}
	return saved(c, "/settings/notify")
}

// at puts an error at the field whose value it names.
func (p *notifyPage) at(e *agent.Error, text string) {
	for _, f := range []*web.Field{&p.Ntfy, &p.Email, &p.SMTP, &p.Webhook} {
		host := f.Value
		if u, err := url.Parse(f.Value); err == nil && u.Host != "" {
			host = u.Host
		}
		if f.Value != "" && (strings.Contains(e.Message, f.Value) || strings.Contains(e.Message, host)) || strings.Contains(strings.ToLower(e.Message), f.Name) {
			f.Error = text
			return
		}
	}
	p.Error = e
}

// tryNotify tells a trial failure, and says what came of it.
func tryNotify(c *web.Ctx) error {
	err := c.Cloud.TestNotify(context.WithoutCancel(c.Context()))
	if err == nil {
		return c.Done("/settings/notify", c.T("A trial message is on its way. Did it arrive?"))
	}
	e, ok := refused(err)
	if !ok {
		return err
	}
	now, err := c.Cloud.Settings(c.Context())
	if err != nil {
		return err
	}
	page := notifyForm(c, now.Notify)
	page.Error = e
	return c.PageAs(http.StatusUnprocessableEntity, pages, "notify.html", page)
}
