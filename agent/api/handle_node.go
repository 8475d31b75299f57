package api

import (
	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
)

func (s *Server) nodeToken() endpoint {
	return takes(func(c echo.Context, req agent.TokenRequest) (agent.Token, error) {
		return s.svc.NodeToken(c.Request().Context(), req)
	})
}

func (s *Server) removeNode() endpoint {
	return answers(func(c echo.Context) (agent.Operation, error) {
		abandon, err := queryBool(c, "abandon")
		if err != nil {
			return agent.Operation{}, err
		}
		return s.svc.RemoveNode(c.Request().Context(), c.Param("name"), agent.NodeRemove{Abandon: abandon})
	})
}
