// Package web is what all pages of the panel share: who may go where, forms that only
// our own pages can send, templates and their texts, errors in words, live updates.
//
// It depends on the words in agent, on ui/live and ui/assets, and on echo. Start
// reading at Route, then Ctx, then Kernel.
package web

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// Options are what the panel works with.
type Options struct {
	Cloud    Cloud
	Accounts Accounts
	Live     *live.Hub
	Log      *slog.Logger
	Version  string // of dcloud
	// Host is the name that the panel answers to, "panel.ada.xyz"; "" for any.
	Host string
	// Doors are the addresses of the front doors, beside loopback, whose word is
	// taken for whom they speak for.
	Doors []netip.Prefix
	Now   func() time.Time
	// Gallery shows /gallery and signs everybody in: for development alone.
	Gallery bool
	// Words translates all texts; nil for the languages that there are. Tests see with
	// it which texts were left out.
	Words func(english string) string
}

// Open is the action of a route that needs nobody to be signed in.
const Open agent.Action = ""

// Route is one row of the panel's table: what is served, and who may.
type Route struct {
	Method string // GET or POST
	Path   string // as echo writes it: /apps/:name
	Action agent.Action
	// Sudo asks for a proof of who it is that is not older than ten minutes.
	Sudo bool
	// Slow gives the answer minutes: it fetches something from elsewhere. Upload takes
	// a form with a file too (Ctx.File).
	Slow   bool
	Upload bool
	Stream bool // answers for as long as the page is open: no time limit, no compression
	Handle func(*Ctx) error
}
