// Package ui is the control panel: what people see in a browser at panel.DOMAIN.
//
// Pages are made on the server (html/template) and come alive with htmx and
// server-sent events; all but what changes by itself works without a script. Each
// folder beneath is a place of the panel; ui/web is what they share. It knows the
// control service only by the interfaces in ui/web. Start reading at Routes here, which
// is the table of all pages, then at ui/web.
package ui

import (
	"slices"

	"github.com/dentropy/dcloud/ui/activity"
	"github.com/dentropy/dcloud/ui/app"
	"github.com/dentropy/dcloud/ui/door"
	"github.com/dentropy/dcloud/ui/home"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/machines"
	"github.com/dentropy/dcloud/ui/people"
	"github.com/dentropy/dcloud/ui/settings"
	"github.com/dentropy/dcloud/ui/store"
	"github.com/dentropy/dcloud/ui/web"
)

// Routes is the table of all that the panel serves, and of who may.
func Routes() []web.Route {
	return slices.Concat(door.Routes(), home.Routes(), store.Routes(), app.Routes(), machines.Routes(),
		people.Routes(), settings.Routes(), activity.Routes())
}

// New returns the panel.
func New(o web.Options) *web.Kernel {
	if o.Live == nil {
		o.Live = live.New(o.Cloud, o.Log)
	}
	return web.New(o, Routes())
}
