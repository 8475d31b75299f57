package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// planNow is what would happen to an app as it is asked for. The values of a job are for
// those who may see the job; who may not is told where it would change.
func (s *Server) planNow(ctx context.Context, name string) (agent.Plan, error) {
	p, err := s.svc.PlanApp(ctx, name, agent.PlanRequest{})
	if !agent.Allows(agent.Role(ctx), agent.ActSeeJob) {
		p.Diff = slices.Clone(p.Diff)
		for k := range p.Diff {
			p.Diff[k].Old, p.Diff[k].New = "", ""
		}
	}
	return p, err
}

func (s *Server) planApp() endpoint {
	return takes(func(c echo.Context, req agent.PlanRequest) (agent.Plan, error) {
		ctx := c.Request().Context()
		if req.Override != nil && !agent.Allows(agent.Role(ctx), agent.ActOverride) {
			return agent.Plan{}, withStatus(http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "you may not %s", agent.ActOverride).
				WithHint("ask the cloud's owner"))
		}
		return s.svc.PlanApp(ctx, c.Param("name"), req)
	})
}

func (s *Server) setOverride() endpoint {
	return takes(func(c echo.Context, change agent.OverrideChange) (agent.Operation, error) {
		return s.svc.SetOverride(c.Request().Context(), c.Param("name"), change)
	})
}

func (s *Server) clearOverride() endpoint {
	return named(func(ctx context.Context, name string) (agent.Operation, error) {
		return s.svc.SetOverride(ctx, name, agent.OverrideChange{})
	})
}
