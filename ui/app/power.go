package app

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// power is a change of one button. The page tells live what comes of it.
func power(do func(web.Cloud, context.Context, string) (agent.Operation, error)) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		if _, err := do(c.Cloud, c.Context(), c.Param("name")); err != nil {
			return err
		}
		if c.Enhanced() {
			return c.Echo.NoContent(http.StatusNoContent)
		}
		return c.Go(at(c.Param("name"), ""))
	}
}

// removePage asks whether an app is really to go.
type removePage struct {
	Frame   *frame
	Data    bool // its data is to be deleted too
	Sudo    bool // the person has just shown who they are
	Typed   string
	Wrong   string
	Problem *agent.Error
}

func askRemove(c *web.Ctx) error {
	f, err := enter(c, "")
	if err != nil {
		return err
	}
	return c.Page(pages, "remove.html", removePage{Frame: f, Data: c.Query("data") == "true", Sudo: sudo(c)})
}

// remove removes an app whose name was typed. Its data goes only with a box that was
// ticked, by somebody who has just shown who they are.
func remove(c *web.Ctx) error {
	f, err := enter(c, "")
	if err != nil {
		return err
	}
	page := removePage{Frame: f, Data: c.Value("data") == "true", Typed: c.Value("confirm"), Sudo: sudo(c)}
	if page.Data && !page.Sudo {
		return c.Go("/sudo?next=" + url.QueryEscape(at(f.Name, "/remove?data=true")))
	}
	if strings.TrimSpace(page.Typed) != f.Name {
		page.Wrong = c.T("Type %s, as it stands above.", f.Name)
		return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", page)
	}
	if _, err := c.Cloud.Remove(c.Context(), f.Name, page.Data); err != nil {
		if e, ok := web.Refused(err); ok {
			page.Problem = e
			return c.PageAs(http.StatusUnprocessableEntity, pages, "remove.html", page)
		}
		return err
	}
	if page.Data {
		return c.Done("/", c.T("%s is being removed, with its data.", f.Title))
	}
	return c.Done("/", c.T("%s is being removed. Its data is kept.", f.Title))
}

// sudo tells whether the person has shown within ten minutes who they are.
func sudo(c *web.Ctx) bool { return c.Now().Before(c.Session.Sudo) }
