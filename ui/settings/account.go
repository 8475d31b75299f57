package settings

import (
	"net/http"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// accountRoutes are the pages of one's own account.
func accountRoutes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/settings", Action: agent.ActOwnAccount, Handle: account},
	}
}

func account(c *web.Ctx) error {
	user, err := c.Accounts.User(c.Context(), c.Session.User)
	if err != nil {
		return err
	}
	return c.Page(pages, "account.html", user)
}
