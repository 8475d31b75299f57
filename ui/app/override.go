package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// overridePage is what somebody changes of an app's job by hand.
type overridePage struct {
	Frame *frame
	There agent.Override // what holds now
	Text  string         // in the editor
	// Example: the text is one to begin with, and nothing of it holds.
	Example bool
	Result  overrideResult
}

// overrideResult is what came of looking at a text, or of trying to apply it: all that
// is sent to a page that is open.
type overrideResult struct {
	App      string
	Title    string
	Problems []textProblem
	Refused  *agent.Error // for a reason that is at no line
	Plan     *agent.Plan
	// Ask shows the tick for what breaks out of the container, Allowed whether it is set.
	Ask, Allowed bool
	// Prove asks for a proof of who it is, at this address.
	Prove string
}

// textProblem is one place of the text that is wrong, or worth knowing.
type textProblem struct {
	agent.Problem
	Warning bool
	First   bool // the page begins at it
}

// asking is what the control service says where a text asks for what has to be allowed.
const asking = "--allow-privileged"

// editText shows the text that holds.
func editText(c *web.Ctx) error {
	page, err := overrideOf(c)
	if err != nil {
		return err
	}
	page.Text = page.There.Text
	page.Result.Ask, page.Result.Allowed = page.There.Privileged, page.There.Privileged
	page.Result.Problems, _ = problemsOfText(c, page.There.Problems)
	if page.Text == "" && c.Query("example") != "" {
		page.Text, page.Example = example(page.Frame), true
	}
	return c.Page(pages, "override.html", page)
}

func overrideOf(c *web.Ctx) (overridePage, error) {
	f, err := enter(c, "advanced")
	if err != nil {
		return overridePage{}, err
	}
	page := overridePage{Frame: f, Result: overrideResult{App: f.Name, Title: f.Title}}
	page.There, err = c.Cloud.Override(c.Context(), f.Name)
	return page, err
}

// typedText is the page with what was sent: browsers end lines as HTTP does.
func typedText(c *web.Ctx) (overridePage, agent.OverrideChange, error) {
	page, err := overrideOf(c)
	if err != nil {
		return page, agent.OverrideChange{}, err
	}
	page.Text = strings.ReplaceAll(c.Value("text"), "\r\n", "\n")
	page.Result.Allowed = c.Value("allow") == "true"
	page.Result.Ask = page.Result.Allowed || page.There.Privileged
	return page, agent.OverrideChange{Text: page.Text, AllowPrivileged: page.Result.Allowed}, nil
}

// tryText says what a text would change.
func tryText(c *web.Ctx) error {
	page, change, err := typedText(c)
	if err != nil {
		return err
	}
	p, err := c.Cloud.PlanApp(c.Context(), page.Frame.Name, agent.PlanRequest{Override: &change})
	if err != nil {
		return page.refused(c, err)
	}
	page.Result.Plan = &p
	return page.show(c, http.StatusOK)
}

// applyText sets it. The app starts anew with it, and its page tells how far that is.
func applyText(c *web.Ctx) error {
	page, change, err := typedText(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(change.Text) == "" && page.There.Text == "" {
		page.Result.Refused = agent.Errorf(agent.CodeInvalid, "%s", c.T("there is nothing to apply")).WithHint("%s", c.T("Write what is to be different, or begin with the example."))
		return page.show(c, http.StatusUnprocessableEntity)
	}
	if change.AllowPrivileged && !sudo(c) {
		page.Result.Prove = "/sudo?next=" + url.QueryEscape(at(page.Frame.Name, "/override"))
		return page.show(c, http.StatusUnprocessableEntity)
	}
	if _, err := c.Cloud.SetOverride(c.Context(), page.Frame.Name, change); err != nil {
		return page.refused(c, err)
	}
	return c.Done(at(page.Frame.Name, ""), c.T("%s starts anew with your changes.", page.Frame.Title))
}

// removeText takes it away.
func removeText(c *web.Ctx) error {
	page, err := overrideOf(c)
	if err != nil {
		return err
	}
	if _, err := c.Cloud.SetOverride(c.Context(), page.Frame.Name, agent.OverrideChange{}); err != nil {
		page.Text = page.There.Text
		return page.refused(c, err)
	}
	return c.Done(at(page.Frame.Name, ""), c.T("%s starts anew as its entry has it.", page.Frame.Title))
}

// refused shows what is wrong, at the lines where it is.
func (p *overridePage) refused(c *web.Ctx, err error) error {
	e, ok := web.Refused(err)
	if !ok {
		return err
	}
	var ask bool
	p.Result.Problems, ask = problemsOfText(c, e.Problems)
	p.Result.Ask = p.Result.Ask || ask
	if len(p.Result.Problems) == 0 {
		p.Result.Refused = e
	}
	return p.show(c, http.StatusUnprocessableEntity)
}

// show answers a script with what came of it alone, so that the editor keeps what was
// typed and where; the whole page to everybody else.
func (p *overridePage) show(c *web.Ctx, status int) error {
	if c.Enhanced() {
		return c.Part(pages, "override-result", p.Result)
	}
	return c.PageAs(status, pages, "override.html", p)
}

// problemsOfText are the places that are wrong as the page tells of them, and whether
// one of them would be none if it were allowed.
func problemsOfText(c *web.Ctx, problems []agent.Problem) (out []textProblem, ask bool) {
	first := true
	for _, p := range problems {
		t := textProblem{Problem: p}
		t.Message, t.Warning = strings.CutPrefix(p.Message, "warning: ")
		if strings.Contains(p.Hint, asking) {
			ask, t.Hint = true, c.T("If you trust the app with that, allow it below.")
		}
		t.Message, t.Hint = web.Sentence(t.Message), web.Sentence(t.Hint)
		if !t.Warning && first {
			t.First, first = true, false
		}
		out = append(out, t)
	}
	return out, ask
}

// example is a text to begin with, in which nothing is wrong.
func example(f *frame) string {
	task := f.Name
	if k := slices.IndexFunc(f.Detail.Services, func(s agent.Service) bool { return s.Name == "web" }); k >= 0 {
		task = "web"
	} else if len(f.Detail.Services) > 0 {
		task = f.Detail.Services[0].Name
	}
	return strings.NewReplacer("APP", f.Name, "TASK", task).Replace(exampleText)
}

const exampleText = `job "APP" {
  group "APP" {
    task "TASK" {
      env {
        LOG_LEVEL = "debug"
      }
      resources {
        memory_max = 512
      }
    }
  }
}
`
