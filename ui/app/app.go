// Package app is an app's page: its state, what it uses, its logs, terminal, settings and history.
//
// It depends on ui/web and on the words in agent. Start reading at Routes, then at
// frame, which is what all of an app's pages show above their tabs.
package app

import (
	"embed"
	"net/http"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	return routes(timing{signIn: 10 * time.Second, batch: 100 * time.Millisecond})
}

// timing is how often what stays open is looked after.
type timing struct {
	signIn time.Duration // how often a stream and a terminal ask whether the person is still signed in
	batch  time.Duration // how long log lines are gathered before they are sent
}

func routes(t timing) []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: "/apps/:name", Action: agent.ActSeeApp, Handle: overview},
		{Method: get, Path: "/live/apps/:name", Action: agent.ActSeeApp, Stream: true, Handle: follow},
		{Method: get, Path: "/apps/:name/usage.json", Action: agent.ActSeeApp, Handle: usage},
		{Method: post, Path: "/apps/:name/start", Action: agent.ActChangeApp, Handle: power(web.Cloud.Start)},
		{Method: post, Path: "/apps/:name/stop", Action: agent.ActChangeApp, Handle: power(web.Cloud.Stop)},
		{Method: post, Path: "/apps/:name/restart", Action: agent.ActChangeApp, Handle: power(web.Cloud.Restart)},
		{Method: get, Path: "/apps/:name/remove", Action: agent.ActChangeApp, Handle: askRemove},
		{Method: post, Path: "/apps/:name/remove", Action: agent.ActChangeApp, Handle: remove},
		{Method: get, Path: "/apps/:name/logs", Action: agent.ActSeeLogs, Handle: logs},
		{Method: get, Path: "/apps/:name/logs.txt", Action: agent.ActSeeLogs, Stream: true, Handle: logsText},
		{Method: get, Path: "/apps/:name/logs/live", Action: agent.ActSeeLogs, Stream: true, Handle: t.logsLive},
		{Method: get, Path: "/apps/:name/terminal", Action: agent.ActTerminal, Sudo: true, Handle: terminal},
		{Method: get, Path: "/apps/:name/terminal/socket", Action: agent.ActTerminal, Sudo: true, Stream: true, Handle: t.socket},
		{Method: get, Path: "/apps/:name/settings", Action: agent.ActChangeApp, Handle: settings},
		{Method: post, Path: "/apps/:name/settings", Action: agent.ActChangeApp, Handle: configure},
		{Method: post, Path: "/apps/:name/secrets", Action: agent.ActSecrets, Sudo: true, Handle: secrets},
		{Method: post, Path: "/apps/:name/settings/plan", Action: agent.ActChangeApp, Handle: trySettings},
		{Method: get, Path: "/apps/:name/override", Action: agent.ActOverride, Handle: editText},
		{Method: post, Path: "/apps/:name/override", Action: agent.ActOverride, Handle: applyText},
		{Method: post, Path: "/apps/:name/override/plan", Action: agent.ActOverride, Handle: tryText},
		{Method: post, Path: "/apps/:name/override/remove", Action: agent.ActOverride, Handle: removeText},
		{Method: get, Path: "/apps/:name/job.hcl", Action: agent.ActSeeJob, Handle: jobFile("hcl", inHCL)},
		{Method: get, Path: "/apps/:name/job.json", Action: agent.ActSeeJob, Handle: jobFile("json", inJSON)},
		{Method: get, Path: "/apps/:name/advanced", Action: agent.ActSeeJob, Handle: advanced},
	}
}

// at is a page of an app.
func at(name, rest string) string { return "/apps/" + name + rest }
