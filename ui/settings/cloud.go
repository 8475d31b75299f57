package settings

import (
	"net/http"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// cloudRoutes are the pages of the cloud's own settings. A new domain, and where
// failures are told, need a proof of who asks.
func cloudRoutes() []web.Route {
	get, post, act := http.MethodGet, http.MethodPost, agent.ActSettings
	return []web.Route{
		{Method: get, Path: "/settings/cloud", Action: act, Handle: cloud},
		{Method: post, Path: "/settings/cloud", Action: act, Handle: changeLooks},
		{Method: post, Path: "/settings/domain", Action: act, Sudo: true, Handle: changeDomain},
		{Method: post, Path: "/settings/notify", Action: act, Sudo: true, Handle: changeNotify},
		{Method: post, Path: "/settings/notify/test", Action: act, Handle: testNotify},
	}
}

// cloudPage is the cloud's settings, with what was typed into one of the forms.
type cloudPage struct {
	Settings agent.Settings
	Name     web.Field
	Accent   string
	Accents  []accent
	Domain   web.Field
	Notify   []web.Field
	Anywhere bool         // failures are told somewhere
	Status   agent.Status // what is known of it; zero where it does not answer
	Panel    string       // version of what serves this page
	// Looks, Moving and Telling are why a form was refused.
	Looks, Moving, Telling *agent.Error
}

// accent is a colour that can be chosen, with its name in words.
type accent struct{ Value, Title string }

func accentsOf(c *web.Ctx) []accent {
	titles := map[string]string{"indigo": c.T("Indigo"), "blue": c.T("Blue"), "teal": c.T("Teal"), "green": c.T("Green"),
		"amber": c.T("Amber"), "orange": c.T("Orange"), "rose": c.T("Rose"), "violet": c.T("Violet")}
	var out []accent
	for _, a := range agent.Accents() {
		title := titles[a]
		if title == "" {
			title = a
		}
		out = append(out, accent{a, title})
	}
	return out
}

func cloudPageOf(c *web.Ctx) (*cloudPage, error) {
	s, err := c.Cloud.Settings(c.Context())
	if err != nil {
		return nil, err
	}
	p := &cloudPage{Settings: s, Accent: c.Accent(), Accents: accentsOf(c), Panel: c.Version,
		Name:   web.Field{Name: "name", Label: c.T("What your cloud is called"), Value: s.Name, Required: true},
		Domain: web.Field{Name: "domain", Label: c.T("Domain"), Type: web.FieldPath, Value: s.Domain, Required: true, Help: c.T("Apps are at NAME.%s, this panel at panel.%s.", s.Domain, s.Domain)},
		Notify: notifyFields(c, s.Notify), Anywhere: s.Notify.Webhook+s.Notify.Ntfy+s.Notify.Email != "",
	}
	if s.Accent != "" {
		p.Accent = s.Accent
	}
	if status, err := c.Cloud.Status(c.Context()); err == nil {
		p.Status = status
	}
	return p, nil
}

func notifyFields(c *web.Ctx, n agent.Notify) []web.Field {
	hint := ""
	if n.HasPassword {
		hint = c.T("kept as it is unless you type another")
	}
	return []web.Field{
		{Name: "ntfy", Label: c.T("ntfy topic"), Type: web.FieldURL, Value: n.Ntfy, Placeholder: "https://ntfy.sh/adas-cloud", Help: c.T("A message on your phone, with the ntfy app.")},
		{Name: "webhook", Label: c.T("Webhook"), Type: web.FieldURL, Value: n.Webhook, Placeholder: "https://example.org/hook", Help: c.T("An address that gets what happened as JSON.")},
		{Name: "email", Label: c.T("E-mail address"), Type: web.FieldEmail, Value: n.Email, Placeholder: "ada@example.org"},
		{Name: "smtp", Label: c.T("Mail goes through"), Type: web.FieldPath, Value: n.SMTP, Placeholder: "smtps://ada@mail.example.org", Help: c.T("Needed for e-mail alone.")},
		{Name: "smtp_password", Label: c.T("Password for the mail"), Type: web.FieldPassword, Placeholder: hint, Autocomplete: "new-password"},
	}
}

func cloud(c *web.Ctx) error {
	p, err := cloudPageOf(c)
	if err != nil {
		return err
	}
	return c.Page(pages, "cloud.html", p)
}

// apply makes a change and goes on, or shows the page again with what was typed and why
// not.
func apply(c *web.Ctx, change agent.SettingsChange, done func() error, refused func(*cloudPage, *agent.Error)) error {
	_, err := c.Cloud.ChangeSettings(c.Context(), change)
	if err == nil {
		return done()
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	p, err := cloudPageOf(c)
	if err != nil {
		return err
	}
	refused(p, e)
	return c.PageAs(http.StatusUnprocessableEntity, pages, "cloud.html", p)
}

func saved(c *web.Ctx, message string) func() error {
	return func() error { return c.Changed("/settings/cloud", message) }
}

func changeLooks(c *web.Ctx) error {
	name, colour := strings.TrimSpace(c.Value("name")), c.Value("accent")
	return apply(c, agent.SettingsChange{Name: &name, Accent: &colour}, saved(c, c.T("Saved.")), func(p *cloudPage, e *agent.Error) {
		p.Name.Value, p.Accent, p.Looks = name, colour, e
	})
}

func changeDomain(c *web.Ctx) error {
	domain := strings.ToLower(strings.TrimSpace(c.Value("domain")))
	if strings.ToLower(strings.TrimSpace(c.Value("confirm"))) != domain {
		p, err := cloudPageOf(c)
		if err != nil {
			return err
		}
		p.Domain.Value = domain
		p.Domain.Error = c.T("Type the new domain twice, the same each time.")
		return c.PageAs(http.StatusUnprocessableEntity, pages, "cloud.html", p)
	}
	moving := func() error { return c.Moving(domain, false) }
	return apply(c, agent.SettingsChange{Domain: &domain}, moving, func(p *cloudPage, e *agent.Error) {
		p.Domain.Value, p.Moving = domain, e
	})
}

func changeNotify(c *web.Ctx) error {
	value := func(name string) string { return strings.TrimSpace(c.Value(name)) }
	n := agent.Notify{Webhook: value("webhook"), Ntfy: value("ntfy"), Email: value("email"), SMTP: value("smtp"), SMTPPassword: c.Value("smtp_password")}
	return apply(c, agent.SettingsChange{Notify: &n}, saved(c, c.T("Saved. Send a test to see that it arrives.")), func(p *cloudPage, e *agent.Error) {
		n.HasPassword = p.Settings.Notify.HasPassword
		p.Notify, p.Telling = notifyFields(c, n), e
	})
}

func testNotify(c *web.Ctx) error {
	err := c.Cloud.TestNotify(c.Context())
	if err == nil {
		return c.Done("/settings/cloud", c.T("A test was sent. Look whether it arrived."))
	}
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	p, err := cloudPageOf(c)
	if err != nil {
		return err
	}
	p.Telling = e
	return c.PageAs(http.StatusUnprocessableEntity, pages, "cloud.html", p)
}
