package web

import (
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Bell leads to the activity.
type Bell struct {
	Here   bool
	Unread bool // somebody else changed something, or something failed, since the last look
}

// seenCookie holds the ID of the newest change that the activity page has shown.
const seenCookie = "dcloud_seen"

// Bell is nil for those who may not see the activity. On its page it notes what is
// seen there.
func (c *Ctx) Bell() *Bell {
	if !c.May(agent.ActActivity) {
		return nil
	}
	path := c.Echo.Request().URL.Path
	b := &Bell{Here: path == "/activity" || strings.HasPrefix(path, "/activity/")}
	latest := c.State().Latest
	if path == "/activity" {
		if len(latest) > 0 {
			c.SetCookie(seenCookie, latest[0].ID, c.Now().Add(365*24*time.Hour))
		}
		return b
	}
	seen := c.Cookie(seenCookie)
	for _, a := range latest {
		if a.ID > seen && (a.Outcome == agent.OutcomeFailed || a.Actor != c.Session.Actor()) {
			b.Unread = true
		}
	}
	return b
}

// Theme is the scheme of colours that the person chose in this browser; "" follows
// the system's.
func (c *Ctx) Theme() string {
	cookie, err := c.Echo.Cookie("dcloud_theme")
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}
