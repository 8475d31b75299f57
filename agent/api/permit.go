package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// proven is an endpoint that a session reaches only for a while after its person has
// shown who they are: a session's token that was stolen is not worth that much.
func proven(e endpoint) endpoint {
	next := e.handle
	e.handle = func(c echo.Context) error {
		if err := provenNow(c); err != nil {
			return err
		}
		return next(c)
	}
	return e
}

// provenNow refuses a session whose proof is too old. Root and who has a token of the
// cloud's are not asked.
func provenNow(c echo.Context) error {
	who, _ := c.Get(callerKey).(*caller)
	if who == nil || who.session == nil || time.Now().Before(who.session.Sudo) {
		return nil
	}
	return withStatus(http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "this needs a sign-in that is newer").
		WithHint("sign in again, or confirm it in the panel"))
}

// permitted refuses what the role of who asks does not allow.
func (r route) permitted(c echo.Context) error {
	who, _ := c.Get(callerKey).(*caller)
	switch {
	case r.action == open:
		return nil
	case who == nil:
		return agent.Errorf(agent.CodeUnauthorized, "nobody knows who asks")
	case who.session == nil || agent.Allows(who.session.Role, r.action):
		return nil
	}
	return withStatus(http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "you are %s, and that does not go as far as this: %s", article(who.role), r.action).
		WithHint("ask the cloud's owner"))
}

// article is a role as one is it.
func article(role string) string {
	switch role {
	case agent.RoleOwner, agent.RoleAdmin:
		return "an " + role
	case agent.RoleMember, agent.RoleGuest:
		return "a " + role
	}
	return "nobody"
}

// sessionCheck is how often a stream asks whether the session that opened it goes on.
const sessionCheck = 15 * time.Second

// whileSignedIn ends a stream with the session that opened it: when it was ended, or its
// role is another now. It returns at once; the channel is closed when nobody is asked any
// more, soon after the end of ctx.
func (s *Server) whileSignedIn(ctx context.Context, c echo.Context, end func()) (over <-chan struct{}) {
	done := make(chan struct{})
	who, _ := c.Get(callerKey).(*caller)
	if who == nil || who.session == nil {
		close(done)
		return done
	}
	go func() {
		defer close(done)
		tick := time.NewTicker(s.sessionCheck)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			// One that cannot be asked for now may go on a little.
			now, err := s.session(ctx, who.token)
			if err == nil && (now == nil || now.Role != who.session.Role) {
				end()
				return
			}
		}
	}()
	return done
}
