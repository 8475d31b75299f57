package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// maxChanges bounds ?limit= of the activity.
const maxChanges = 500

// idPattern is what the ID of a change, of a machine that waits or of the like can be.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$`)

// queryAbout reads which app or machine a request is about; each may be missing.
func queryAbout(c echo.Context) (app, node string, err error) {
	if app = c.QueryParam("app"); app != "" {
		err = checkName("an app", app)
	}
	if node = c.QueryParam("node"); node != "" && err == nil {
		err = checkNode(node)
	}
	return app, node, err
}

func (s *Server) usage() endpoint {
	return answers(func(c echo.Context) (agent.Usage, error) {
		app, node, err := queryAbout(c)
		if err != nil {
			return agent.Usage{}, err
		}
		if (app == "") == (node == "") {
			return agent.Usage{}, agent.Errorf(agent.CodeInvalid, "usage is that of one app or of one machine: one of app= and node= is needed")
		}
		q := agent.UsageQuery{App: app, Node: node, Range: c.QueryParam("range")}
		switch q.Range {
		case "", agent.LastHour, agent.LastDay:
			return s.svc.Usage(c.Request().Context(), q)
		}
		return agent.Usage{}, agent.Errorf(agent.CodeInvalid, "range= is either %s or %s", agent.LastHour, agent.LastDay)
	})
}

func (s *Server) activity() endpoint {
	return answers(func(c echo.Context) ([]agent.Activity, error) {
		app, node, err := queryAbout(c)
		if err != nil {
			return nil, err
		}
		before := c.QueryParam("before")
		if before != "" && !idPattern.MatchString(before) {
			return nil, agent.Errorf(agent.CodeInvalid, "before= is the ID of a change")
		}
		limit, err := queryUint(c, "limit", maxChanges)
		if err != nil {
			return nil, err
		}
		q := agent.ActivityQuery{App: app, Node: node, Before: before, Limit: int(limit)}
		return listed(func(ctx context.Context) ([]agent.Activity, error) {
			return s.svc.Activity(ctx, q)
		})(c.Request().Context())
	})
}

// settings are the cloud's; what goes in as a secret does not come out.
func (s *Server) settings(ctx context.Context) (agent.Settings, error) {
	settings, err := s.svc.Settings(ctx)
	return withoutSecrets(settings), err
}

func (s *Server) changeSettings() endpoint {
	return takes(func(c echo.Context, change agent.SettingsChange) (agent.Settings, error) {
		settings, err := s.svc.ChangeSettings(c.Request().Context(), change)
		return withoutSecrets(settings), err
	})
}

func withoutSecrets(s agent.Settings) agent.Settings {
	s.Notify.HasPassword = s.Notify.HasPassword || s.Notify.SMTPPassword != ""
	s.Notify.SMTPPassword = ""
	return s
}

func (s *Server) testNotify(ctx context.Context, _ string) error { return s.svc.TestNotify(ctx) }

// watch tells that something may have changed.
func (s *Server) watch() endpoint {
	return endpoint{out: reflect.TypeFor[change](), status: http.StatusOK, media: "text/event-stream", handle: func(c echo.Context) error {
		ctx, done, err := s.stream(c)
		if err != nil {
			return err
		}
		defer done()
		changes, err := s.svc.Watch(ctx)
		if err != nil {
			return err
		}
		return sendStream(ctx, c, s.streamGrace, changes, func(w io.Writer, _ struct{}) error {
			data, err := json.Marshal(change{})
			if err != nil {
				return err
			}
			return writeSSE(w, 0, "change", data)
		})
	}}
}
