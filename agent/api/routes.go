package api

import (
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// route is one row of the API: what is served, to whom, and what the OpenAPI document
// says of it.
type route struct {
	method, path string       // path as echo writes it: /v1/apps/:name
	action       agent.Action // what it is, and so who may: see agent.Allows
	id           string       // OpenAPI's operationId
	summary      string
	details      string
	query        []param
	endpoint
}

// open is the action of a route that needs no token.
const open agent.Action = ""

// param is a query parameter.
type param struct {
	name, kind, about string // kind: string, boolean, integer
}

// routes is the table of all that the API serves.
func (s *Server) routes() []route {
	svc := s.svc
	purge := param{"purge_data", "boolean", "delete the app's data too; it is kept unless this is true"}
	abandon := param{"abandon", "boolean", "give up apps' data that lies on the machine; without it such a machine stays"}
	after := param{"after", "integer", "only events after the one of this ID; the header Last-Event-ID wins over it"}
	logs := []param{
		{"service", "string", "only this service's lines"},
		{"tail", "integer", "this many lines from the end of each service, 0 for all"},
		{"follow", "boolean", "go on with what is written from now on"},
	}
	words := param{"q", "string", "words to look for; all entries without it"}
	ofApp := param{"app", "string", "about this app"}
	ofNode := param{"node", "string", "about this machine"}
	span := param{"range", "string", "hour (unless said) or day"}
	changes := []param{
		{"app", "string", "only changes of this app"},
		{"node", "string", "only changes of this machine"},
		{"before", "string", "only changes older than the one of this ID"},
		{"limit", "integer", "at most this many, 50 unless said, no more than 500"},
	}
	return slices.Concat([]route{
		{"GET", "/v1/ping", open, "ping", "Is anybody there", "", nil, plain(ping)},
		{"GET", "/v1/openapi.json", agent.ActOwnAccount, "openapi", "This document", "", nil, s.document()},
		{"GET", "/v1/status", agent.ActSeeMachines, "status", "The state of the cloud and its engines", "", nil, plain(svc.Status)},
		{"GET", "/v1/usage", agent.ActSeeApp, "usage", "What an app or a machine used of late", usageHint, []param{ofApp, ofNode, span}, s.usage()},
		{"GET", "/v1/activity", agent.ActActivity, "activity", "The changes that were made, the newest first", "", changes, s.activity()},
		{"GET", "/v1/watch", agent.ActOpenApps, "watch", "When something may have changed", watchHint, nil, s.watch()},
		{"GET", "/v1/catalog", agent.ActSeeStore, "catalog", "The apps that can be installed", "", []param{words}, s.catalog()},
		{"GET", "/v1/catalog/:entry", agent.ActSeeStore, "entry", "One app of the catalog", "", nil, s.entry()},
		{"GET", "/v1/catalog/:store/:entry", agent.ActSeeStore, "storeEntry", "One app of a store", "", nil, s.entry()},
	}, []route{
		{"GET", "/v1/stores", agent.ActSeeStore, "stores", "The sources of apps beside the catalog", "", nil, plain(listed(svc.Stores))},
		{"POST", "/v1/stores", agent.ActStores, "addStore", "Add a store", storeHint, nil, s.addStore()},
		{"GET", "/v1/stores/:name", agent.ActSeeStore, "store", "One store, and what became of its apps", "", nil, named(svc.Store)},
		{"POST", "/v1/stores/:name/sync", agent.ActStores, "syncStore", "Read a store anew", storeHint, nil, s.syncStore()},
		{"DELETE", "/v1/stores/:name", agent.ActStores, "removeStore", "Remove a store", "Apps that were installed from it stay.", nil, done("name", svc.RemoveStore)},
	}, []route{
		{"GET", "/v1/nodes", agent.ActSeeMachines, "nodes", "The machines of the cloud", "", nil, plain(listed(svc.Nodes))},
		{"POST", "/v1/nodes/tokens", agent.ActMachines, "nodeToken", "Make a token with which machines may join", "", nil, s.nodeToken()},
		{"GET", "/v1/nodes/pending", agent.ActMachines, "pending", "The machines that wait to be let in", "", nil, plain(listed(svc.Pending))},
		{"POST", "/v1/nodes/pending/:id/accept", agent.ActMachines, "accept", "Let a machine in that waits", "", nil, done("id", svc.Accept)},
		{"POST", "/v1/nodes/pending/:id/refuse", agent.ActMachines, "refuse", "Send a machine away that waits", "", nil, done("id", svc.Refuse)},
		{"GET", "/v1/nodes/:name/plan", agent.ActMachines, "nodePlan", "What draining or removing a machine would come to", "", nil, named(svc.NodePlan)},
		{"POST", "/v1/nodes/:name/drain", agent.ActMachines, "drain", "Move what runs on a machine elsewhere", nodeHint, nil, named(svc.Drain)},
		{"POST", "/v1/nodes/:name/undrain", agent.ActMachines, "undrain", "Let a drained machine run apps again", nodeHint, nil, named(svc.Undrain)},
		{"DELETE", "/v1/nodes/:name", agent.ActRemoveNode, "removeNode", "Remove a machine from the cloud", nodeHint, []param{abandon}, proven(s.removeNode())},
	}, []route{
		{"GET", "/v1/apps", agent.ActOpenApps, "apps", "The installed apps", "", nil, plain(listed(s.apps))},
		{"POST", "/v1/apps", agent.ActInstall, "install", "Install an app", followHint, nil, s.install()},
		{"POST", "/v1/plan", agent.ActSeeStore, "plan", "What an install would do", "Nothing is changed.", nil, s.plan()},
		{"GET", "/v1/apps/:name", agent.ActSeeApp, "app", "One app", "", nil, named(s.app)},
		{"DELETE", "/v1/apps/:name", agent.ActChangeApp, "remove", "Remove an app", followHint, []param{purge}, s.remove()},
		{"GET", "/v1/apps/:name/plan", agent.ActSeeApp, "planApp", "What the next pass would change about an app", "Nothing is changed.", nil, named(s.planNow)},
		{"POST", "/v1/apps/:name/plan", agent.ActChangeApp, "planChange", "What a change of an app would do", "Nothing is changed.", nil, s.planApp()},
		{"GET", "/v1/apps/:name/override", agent.ActOverride, "override", "What is changed of an app's job in the scheduler's own language", "", nil, named(svc.Override)},
		{"PUT", "/v1/apps/:name/override", agent.ActOverride, "setOverride", "Change an app's job in the scheduler's own language", overrideHint, nil, proven(s.setOverride())},
		{"DELETE", "/v1/apps/:name/override", agent.ActOverride, "clearOverride", "Take an app's override away", followHint, nil, s.clearOverride()},
		{"POST", "/v1/apps/:name/start", agent.ActChangeApp, "start", "Start a stopped app", followHint, nil, named(svc.Start)},
		{"POST", "/v1/apps/:name/stop", agent.ActChangeApp, "stop", "Stop an app", followHint, nil, named(svc.Stop)},
		{"POST", "/v1/apps/:name/restart", agent.ActChangeApp, "restart", "Restart an app", followHint, nil, named(svc.Restart)},
		{"GET", "/v1/apps/:name/config", agent.ActChangeApp, "config", "An app's settings", "", nil, named(svc.Config)},
		{"PATCH", "/v1/apps/:name/config", agent.ActChangeApp, "configure", "Change settings of an app", followHint, nil, s.configure()},
		{"GET", "/v1/apps/:name/secrets", agent.ActSecrets, "secrets", "The secrets that an app's owner may see", "", nil, proven(named(svc.Secrets))},
		{"GET", "/v1/apps/:name/job", agent.ActSeeJob, "job", "An app as it was given to the scheduler", "Secrets are references in it.", nil, named(svc.Job)},
		{"GET", "/v1/apps/:name/events", agent.ActSeeApp, "appEvents", "What happens to an app", eventsHint, []param{after}, s.events()},
		{"GET", "/v1/events", agent.ActSeeApp, "events", "What happens to all apps", eventsHint, []param{after}, s.events()},
		{"GET", "/v1/apps/:name/logs", agent.ActSeeLogs, "logs", "What an app writes", logsHint, logs, s.logs()},
		{"GET", "/v1/apps/:name/exec", agent.ActTerminal, "exec", "Run a command in a container", execHint, nil, proven(s.exec())},
	}, []route{
		{"GET", "/v1/settings", agent.ActSettings, "settings", "The cloud's own settings", "", nil, plain(s.settings)},
		{"PATCH", "/v1/settings", agent.ActSettings, "changeSettings", "Change settings of the cloud", settingsHint, nil, proven(s.changeSettings())},
		{"POST", "/v1/settings/notify/test", agent.ActSettings, "testNotify", "Tell a trial failure where failures are told", "", nil, done("", s.testNotify)},
		{"POST", "/v1/sessions", open, "signIn", "Begin a session", signInHint, nil, s.signIn()},
		{"POST", "/v1/users/first-link", agent.ActSettings, "firstLink", "Make the link with which the first owner makes an account", "", nil, plain(svc.FirstLink)},
		{"GET", "/v1/users", agent.ActPeople, "users", "Those who may sign in", "", nil, plain(listed(svc.Users))},
		{"POST", "/v1/users/invitations", agent.ActPeople, "invite", "Make a link with which somebody makes an account, or chooses a new password", "", nil, proven(s.invite())},
		{"PATCH", "/v1/users/:name", agent.ActPeople, "changeUser", "Change somebody's account", "", nil, proven(s.changeUser())},
		{"DELETE", "/v1/users/:name", agent.ActPeople, "removeUser", "Remove somebody's account", "", nil, proven(done("name", svc.RemoveUser))},
	})
}

const (
	followHint = "Returns at once. The operation's events, of which the last is final, tell what comes of it: see the app's events."
	nodeHint   = "Returns at once. The operation's events, of which the last is final, tell what comes of it: see the events of all apps."
	eventsHint = "Server-sent events, named step, or final for the last of an operation; their data is an Event. " +
		"Begins with those still remembered. A comment each 15 s shows that the stream lives."
	logsHint = "One JSON value a line. A line with an error in it is the last of a stream that broke."
	execHint = "A WebSocket. The first message is text, an ExecStart. Then binary frames carry a stream each, " +
		"which their first byte names: 0 stdin, 1 stdout, 2 stderr; no frame is larger than 64 KiB. Text frames are ExecControl: " +
		"resize and stdin-close to the server, heartbeat and the last one, exit or error, from it."
	storeHint = "Answers when the store has been read, which takes up to five minutes. Its files come from a URL, which the " +
		"cloud fetches itself, or as archive: a .tar.gz or .zip in base64, the whole request no larger than 32 MiB."
	usageHint = "One of app and node is given. Where nothing is known a point is null."
	watchHint = "Server-sent events named change, without data worth reading: one at the beginning, then whenever apps, machines, " +
		"activity or settings may have changed, at most a few times a second. A comment each 15 s shows that the stream lives."
	overrideHint = "Replaces the text. What is wrong with it is in the error's problems, and nothing is changed then. " + followHint
	settingsHint = "Changes what is given. A new domain makes the agent start anew: the API is away for a few seconds."
	signInHint   = "Answers with a token that is good for this API too, within what the person's role may do. Where the account " +
		"has a second factor, its code goes along."
)

// checked is the route's handler behind the checks that its row implies: who may, names
// that can be names, and no query parameter that would be ignored. (One that was
// mistyped, purge-data say, must not be.)
func (r route) checked() echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := r.permitted(c); err != nil {
			return err
		}
		for _, name := range c.ParamNames() {
			if err := r.checkParam(name, c.Param(name)); err != nil {
				return err
			}
		}
		for name := range c.QueryParams() {
			if !slices.ContainsFunc(r.query, func(p param) bool { return p.name == name }) {
				return agent.Errorf(agent.CodeInvalid, "there is no parameter %q here", shown(name)).
					WithHint("GET /v1/openapi.json describes what is expected")
			}
		}
		return r.handle(c)
	}
}

// isOpen says whether a route is served to anybody.
func isOpen(table []route, method, path string) bool {
	return slices.ContainsFunc(table, func(r route) bool {
		return r.action == open && r.method == method && r.path == path
	})
}
