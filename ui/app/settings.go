package app

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// prefix keeps the names of settings apart from the form's own fields; none that of the
// switch by which a password is taken away.
const (
	prefix = "set-"
	none   = "none-"
)

// settingsPage is an app's settings, and the passwords that were made for it.
type settingsPage struct {
	Frame        *frame
	Fields, More []web.Field
	Problem      *agent.Error
	Secrets      int // that can be shown
	Shown        []secret
	Tried        *tried // what would come of what was typed
}

// tried is what would come of a change of the settings, without any.
type tried struct {
	Title   string
	Nothing bool // nothing was changed
	Plan    agent.Plan
	Problem *agent.Error
}

type secret struct{ Name, Value string }

func settings(c *web.Ctx) error {
	f, err := enter(c, "settings")
	if err != nil {
		return err
	}
	page, _, err := settingsOf(c, f, nil, nil)
	if err != nil {
		return err
	}
	return c.Page(pages, "settings.html", page)
}

// settingsOf makes the page of what is set, or of what was typed and why it was refused.
func settingsOf(c *web.Ctx, f *frame, typed map[string]string, problem *agent.Error) (settingsPage, agent.Config, error) {
	page := settingsPage{Frame: f, Secrets: len(f.Detail.Secrets)}
	config, err := c.Cloud.Config(c.Context(), f.Name)
	if err != nil {
		return page, config, err
	}
	wrong := map[string]string{}
	if problem != nil {
		var rest bool
		if wrong, rest = problemsOf(problem, config.Settings); rest {
			page.Problem = problem
		}
	}
	for _, s := range config.Settings {
		value, ok := typed[s.Name]
		if ok {
			s.Value = value
		}
		field := web.FieldOf(s, s.Value, wrong[s.Name])
		field.Name = prefix + s.Name
		fields := []web.Field{field}
		if s.Type == web.FieldPassword {
			fields = passwordFields(c, s, field, value)
		}
		if s.Advanced && fields[0].Error == "" {
			page.More = append(page.More, fields...)
		} else {
			page.Fields = append(page.Fields, fields...)
		}
	}
	return page, config, nil
}

// passwordFields are a password's: to type a new one, and to take away the one that
// there is.
func passwordFields(c *web.Ctx, s agent.ConfigSetting, field web.Field, typed string) []web.Field {
	if typed != "" && typed != agent.Unset && field.Error == "" {
		field.Error = c.T("Type it once more: a password is not sent back to this page.")
	}
	if !s.Given || s.Required {
		return []web.Field{field}
	}
	away := web.Field{Name: none + s.Name, Label: c.T("Take it away: %s", field.Label), Type: web.FieldBool}
	if typed == agent.Unset {
		away.Value = "true"
	}
	return []web.Field{field, away}
}

// problemsOf sorts what is wrong to the settings that it is about: the control service
// says "a setting is not right: NAME: why; NAME: why". It tells whether something is
// left that is about none.
func problemsOf(e *agent.Error, settings []agent.ConfigSetting) (map[string]string, bool) {
	wrong := map[string]string{}
	_, list, found := strings.Cut(e.Message, ": ")
	if e.Code != agent.CodeInvalid || !found {
		return wrong, true
	}
	last := ""
	for _, part := range strings.Split(list, "; ") {
		name, why, ok := strings.Cut(part, ": ")
		switch {
		case ok && slices.ContainsFunc(settings, func(s agent.ConfigSetting) bool { return s.Name == name }):
			wrong[name], last = web.Sentence(why), name
		case last != "": // what is wrong had a semicolon in it
			wrong[last] = strings.TrimSuffix(wrong[last], ".") + "; " + part + "."
		default:
			return wrong, true
		}
	}
	return wrong, false
}

// configure sets what was changed. The app starts anew with it.
func configure(c *web.Ctx) error {
	f, err := enter(c, "settings")
	if err != nil {
		return err
	}
	config, err := c.Cloud.Config(c.Context(), f.Name)
	if err != nil {
		return err
	}
	typed, changed, err := readSettings(c, config.Settings)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return c.Done(at(f.Name, "/settings"), c.T("Nothing was changed."))
	}
	_, err = c.Cloud.Configure(c.Context(), f.Name, changed)
	if err == nil {
		return c.Done(at(f.Name, ""), c.T("Saved. %s starts anew with it.", f.Title))
	}
	problem, ok := web.Refused(err)
	if !ok {
		return err
	}
	page, _, err := settingsOf(c, f, typed, problem)
	if err != nil {
		return err
	}
	return c.PageAs(http.StatusUnprocessableEntity, pages, "settings.html", page)
}

// trySettings says what a change of the settings would come to. A script gets that
// alone, so that passwords that were typed stay in their fields.
func trySettings(c *web.Ctx) error {
	f, err := enter(c, "settings")
	if err != nil {
		return err
	}
	config, err := c.Cloud.Config(c.Context(), f.Name)
	if err != nil {
		return err
	}
	typed, changed, err := readSettings(c, config.Settings)
	if err != nil {
		return err
	}
	t := &tried{Title: f.Title, Nothing: len(changed) == 0}
	var problem *agent.Error
	if !t.Nothing {
		if t.Plan, err = c.Cloud.PlanApp(c.Context(), f.Name, agent.PlanRequest{Settings: changed}); err != nil {
			refused, ok := web.Refused(err)
			if !ok {
				return err
			}
			problem, t.Problem = refused, refused
		}
	}
	if c.Enhanced() {
		return c.Part(pages, "settings-tried", t)
	}
	page, _, err := settingsOf(c, f, typed, problem)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if page.Tried = t; problem != nil {
		page.Tried, status = nil, http.StatusUnprocessableEntity
	}
	return c.PageAs(status, pages, "settings.html", page)
}

// readSettings takes the form apart: what was typed, and what of it is new. A switch
// that is off is not sent by browsers.
func readSettings(c *web.Ctx, settings []agent.ConfigSetting) (typed, changed map[string]string, err error) {
	form, err := c.Echo.FormParams()
	if err != nil {
		return nil, nil, err
	}
	typed, changed = map[string]string{}, map[string]string{}
	for _, s := range settings {
		values, sent := form[prefix+s.Name]
		value := ""
		if sent {
			value = values[len(values)-1]
		}
		was := s.Value
		if s.Type == web.FieldPassword {
			// Empty keeps what is there, which is nothing that the form shows.
			if was = ""; value == "" && form.Get(none+s.Name) == "true" {
				value, sent = agent.Unset, true
			}
		}
		if s.Type == web.FieldBool {
			value = cmp.Or(value, "false")
			was = cmp.Or(s.Value, s.Default, "false")
		} else if !sent {
			continue
		}
		if typed[s.Name] = value; value != was {
			changed[s.Name] = value
		}
	}
	return typed, changed, nil
}

// secrets shows the passwords that were made for an app, on this one answer.
func secrets(c *web.Ctx) error {
	f, err := enter(c, "settings")
	if err != nil {
		return err
	}
	page, _, err := settingsOf(c, f, nil, nil)
	if err != nil {
		return err
	}
	values, err := c.Cloud.Secrets(c.Context(), f.Name)
	var e *agent.Error
	if err != nil && !errors.As(err, &e) {
		return err
	}
	page.Problem = e
	for name, value := range values {
		page.Shown = append(page.Shown, secret{name, value})
	}
	slices.SortFunc(page.Shown, func(a, b secret) int { return cmp.Compare(a.Name, b.Name) })
	return c.Page(pages, "settings.html", page)
}
