package api

import (
	"errors"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// signIn begins a session. It needs no token, and so wrong passwords count like wrong
// tokens; the service slows them down beside that, by the account.
func (s *Server) signIn() endpoint {
	return takes(func(c echo.Context, in agent.SignIn) (agent.SignedIn, error) {
		if err := s.guarded(c); err != nil {
			return agent.SignedIn{}, err
		}
		in.Browser = agent.Browser{Address: c.RealIP(), Agent: cut(c.Request().UserAgent(), 200)}
		signed, err := s.svc.SignIn(c.Request().Context(), in)
		var e *agent.Error
		if errors.As(err, &e) && e.Code == agent.CodeUnauthorized {
			s.guard.wrong(c.RealIP())
		}
		return signed, err
	})
}

// cut shortens what a stranger sent.
func cut(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

func (s *Server) invite() endpoint {
	return takes(func(c echo.Context, req agent.InviteRequest) (agent.Invitation, error) {
		if err := checkUser(req.Name); err != nil {
			return agent.Invitation{}, err
		}
		return s.svc.Invite(c.Request().Context(), req)
	})
}

func (s *Server) changeUser() endpoint {
	return takes(func(c echo.Context, change agent.UserChange) (agent.User, error) {
		if change == (agent.UserChange{}) {
			return agent.User{}, agent.Errorf(agent.CodeInvalid, "the request changes nothing")
		}
		return s.svc.ChangeUser(c.Request().Context(), c.Param("name"), change)
	})
}
