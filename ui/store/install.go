package store

import (
	"net/http"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// again is how many changes are looked through for the one to be tried again.
const again = 500

// askInstall shows the form of an install: as a page, or over the page that is there.
func askInstall(c *web.Ctx) error {
	e, err := c.Cloud.Entry(c.Context(), nameOf(c))
	if err != nil {
		// A store may have an entry that is called install.
		if other, found := c.Cloud.Entry(c.Context(), c.Param("entry")+"/install"); found == nil && c.Param("store") == "" {
			return showEntry(c, other)
		}
		return err
	}
	apps := c.State().Apps
	v := fresh(e, apps)
	var failed *agent.Activity
	if id := c.Query("again"); id != "" {
		if failed, err = activity(c, id, e.Name); err != nil {
			return err
		}
		if failed != nil {
			v = before(*failed.Request, e, apps)
		}
	}
	f := formOf(e, v, nil, c.State().Settings.Domain, c)
	f.Again = failed
	f.Check = look(c, e, v)
	return show(c, http.StatusOK, f)
}

// activity finds an install that failed; nil where there is none of this entry.
func activity(c *web.Ctx, id, entry string) (*agent.Activity, error) {
	is := func(a agent.Activity) bool { return a.ID == id && a.Request != nil && a.Request.Entry == entry }
	all := c.State().Latest
	k := slices.IndexFunc(all, is)
	if k < 0 {
		var err error
		if all, err = c.Cloud.Activity(c.Context(), agent.ActivityQuery{Limit: again}); err != nil {
			return nil, err
		}
		if k = slices.IndexFunc(all, is); k < 0 {
			return nil, nil
		}
	}
	return &all[k], nil
}

// show answers with the form.
func show(c *web.Ctx, status int, f form) error {
	if c.Enhanced() {
		f.Sheet, f.Fold = true, f.folded()
		return c.Part(pages, "store-form", f)
	}
	return c.PageAs(status, pages, "install.html", f)
}

// install begins it. What is refused is shown with all that was typed.
func install(c *web.Ctx) error {
	e, v, err := sent(c)
	if err != nil {
		return err
	}
	if f := foreignOf(e); f.MustRead && !v.Read {
		form := formOf(e, v, nil, c.State().Settings.Domain, c)
		form.Foreign.Error = c.T("Say first that you have read this.")
		form.askAgain(v.Settings, c)
		return show(c, http.StatusUnprocessableEntity, form)
	}
	op, err := c.Cloud.Install(c.Context(), v.request(e))
	if err != nil {
		refused, ok := web.Refused(err)
		if !ok {
			return err
		}
		f := formOf(e, v, refused, c.State().Settings.Domain, c)
		f.beginAtError()
		f.askAgain(v.Settings, c)
		return show(c, http.StatusUnprocessableEntity, f)
	}
	if !c.Enhanced() {
		return c.Done("/apps/"+op.App, "")
	}
	// The sheet goes, and the pill behind it becomes a ring.
	c.Echo.Response().Header().Set("HX-Trigger", "store-begun")
	c.Echo.Response().Header().Set("HX-Reswap", "none")
	s := withApp(c.State(), agent.App{Name: op.App, Entry: e.Name, State: agent.StateInstalling})
	return c.Part(pages, "store-live", []pill{pillOf(e, s, c.Session.Role)})
}

// withApp is a state in which an app is there that the hub has not heard of yet.
func withApp(s *live.State, a agent.App) *live.State {
	if slices.ContainsFunc(s.Apps, func(b agent.App) bool { return b.Name == a.Name }) {
		return s
	}
	with := *s
	with.Apps = append(slices.Clone(s.Apps), a)
	return &with
}

// sent reads the form of an entry.
func sent(c *web.Ctx) (agent.Entry, values, error) {
	e, err := c.Cloud.Entry(c.Context(), nameOf(c))
	if err != nil {
		return e, values{}, err
	}
	f, err := c.Echo.FormParams()
	if err != nil {
		return e, values{}, agent.Errorf(agent.CodeInvalid, "the panel could not read what was sent")
	}
	return e, read(e, f), nil
}
