package api

import (
	"context"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// maxWords bounds a search.
const maxWords = 200

func (s *Server) catalog() endpoint {
	return answers(func(c echo.Context) ([]agent.Entry, error) {
		words := c.QueryParam("q")
		if len(words) > maxWords {
			return nil, agent.Errorf(agent.CodeInvalid, "q= is longer than %d bytes", maxWords)
		}
		return listed(func(ctx context.Context) ([]agent.Entry, error) {
			return s.svc.Catalog(ctx, words)
		})(c.Request().Context())
	})
}

func (s *Server) entry() endpoint {
	return answers(func(c echo.Context) (agent.Entry, error) {
		name := c.Param("entry")
		if store := c.Param("store"); store != "" {
			name = store + "/" + name
		}
		return s.svc.Entry(c.Request().Context(), name)
	})
}
