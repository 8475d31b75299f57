package api

import (
	"context"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// apps are those that who asks may know of. Who only opens them learns where they are,
// not how and on which machine.
func (s *Server) apps(ctx context.Context) ([]agent.App, error) {
	list, err := s.svc.Apps(ctx)
	role := agent.Role(ctx)
	if err != nil || agent.Allows(role, agent.ActSeeApp) {
		return list, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(a agent.App) bool { return !agent.Sees(role, a) })
	for k, a := range list {
		list[k] = agent.App{Name: a.Name, Entry: a.Entry, State: a.State, URL: a.URL, Access: a.Access}
	}
	return list, nil
}

// app is one of them. What it is set to is for those who could change it: people type
// passwords of other services there.
func (s *Server) app(ctx context.Context, name string) (agent.AppDetail, error) {
	a, err := s.svc.App(ctx, name)
	if !agent.Allows(agent.Role(ctx), agent.ActChangeApp) {
		a.Settings = map[string]string{}
	}
	return a, err
}

func (s *Server) install() endpoint {
	return takes(func(c echo.Context, req agent.InstallRequest) (agent.Operation, error) {
		if err := checkInstall(req); err != nil {
			return agent.Operation{}, err
		}
		return s.svc.Install(c.Request().Context(), req)
	})
}

func (s *Server) plan() endpoint {
	return takes(func(c echo.Context, req agent.InstallRequest) (agent.Plan, error) {
		if err := checkInstall(req); err != nil {
			return agent.Plan{}, err
		}
		return s.svc.Plan(c.Request().Context(), req)
	})
}

// checkInstall checks the names; what the entry asks for only the service knows.
func checkInstall(req agent.InstallRequest) error {
	if req.Entry == "" {
		return agent.Errorf(agent.CodeInvalid, "the request does not say which app to install: entry is missing").
			WithHint("see what there is: dcloud app search")
	}
	if err := checkEntry(req.Entry); err != nil {
		return err
	}
	if req.Name == "" {
		return nil
	}
	return checkName("an app", req.Name)
}

func (s *Server) remove() endpoint {
	return answers(func(c echo.Context) (agent.Operation, error) {
		purge, err := queryBool(c, "purge_data")
		if err == nil && purge {
			err = provenNow(c)
		}
		if err != nil {
			return agent.Operation{}, err
		}
		return s.svc.Remove(c.Request().Context(), c.Param("name"), purge)
	})
}

func (s *Server) configure() endpoint {
	return takes(func(c echo.Context, body configChange) (agent.Operation, error) {
		if len(body.Settings) == 0 {
			return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "the request names no setting to change").
				WithHint("see them with: dcloud app config %s", c.Param("name"))
		}
		return s.svc.Configure(c.Request().Context(), c.Param("name"), body.Settings)
	})
}
