// Package store is the app store: search, an entry's page, and the install.
//
// It depends on ui/web, ui/live and on the words in agent. What is found, what a pill
// says, what an install asks and where an error belongs are pure functions. Start
// reading at Routes, then choose (choose.go), pillOf (pill.go) and formOf (form.go).
package store

import (
	"embed"
	"net/http"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/store", Action: agent.ActSeeStore, Handle: list},
		{Method: http.MethodGet, Path: "/live/store", Action: agent.ActSeeStore, Stream: true, Handle: follow},
		{Method: http.MethodGet, Path: "/store/:entry", Action: agent.ActSeeStore, Handle: entryPage},
		{Method: http.MethodGet, Path: "/store/:entry/install", Action: agent.ActInstall, Handle: askInstall},
		{Method: http.MethodPost, Path: "/store/:entry/install", Action: agent.ActInstall, Handle: install},
		{Method: http.MethodPost, Path: "/store/:entry/check", Action: agent.ActInstall, Handle: checkInstall},
		// The same of an entry of a store, STORE/ENTRY.
		{Method: http.MethodGet, Path: "/store/:store/:entry", Action: agent.ActSeeStore, Handle: entryPage},
		{Method: http.MethodGet, Path: "/store/:store/:entry/install", Action: agent.ActInstall, Handle: askInstall},
		{Method: http.MethodPost, Path: "/store/:store/:entry/install", Action: agent.ActInstall, Handle: install},
		{Method: http.MethodPost, Path: "/store/:store/:entry/check", Action: agent.ActInstall, Handle: checkInstall},
	}
}
