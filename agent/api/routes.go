package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// route is one row of the API: what is served, and what the OpenAPI document says
// of it.
type route struct {
	method, path string // path as echo writes it: /v1/apps/:name
	id           string // OpenAPI's operationId
	summary      string
	details      string
	query        []param
	open         bool // needs no token
	endpoint
}

// param is a query parameter.
type param struct {
	name, kind, about string // kind: string, boolean, integer
}

// endpoint is a handler and the types of what goes in and comes out.
type endpoint struct {
	handle  echo.HandlerFunc
	in, out reflect.Type // nil for none
	status  int
	media   string // of the answer
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
	return []route{
		{"GET", "/v1/ping", "ping", "Is anybody there", "", nil, true, plain(ping)},
		{"GET", "/v1/openapi.json", "openapi", "This document", "", nil, false, s.document()},
		{"GET", "/v1/status", "status", "The state of the cloud and its engines", "", nil, false, plain(svc.Status)},
		{"GET", "/v1/nodes", "nodes", "The machines of the cloud", "", nil, false, plain(listed(svc.Nodes))},
		{"POST", "/v1/nodes/tokens", "nodeToken", "Make a token with which machines may join", "", nil, false, s.nodeToken()},
		{"GET", "/v1/nodes/:name/plan", "nodePlan", "What draining or removing a machine would come to", "", nil, false, named(svc.NodePlan)},
		{"POST", "/v1/nodes/:name/drain", "drain", "Move what runs on a machine elsewhere", nodeHint, nil, false, named(svc.Drain)},
		{"POST", "/v1/nodes/:name/undrain", "undrain", "Let a drained machine run apps again", nodeHint, nil, false, named(svc.Undrain)},
		{"DELETE", "/v1/nodes/:name", "removeNode", "Remove a machine from the cloud", nodeHint, []param{abandon}, false, s.removeNode()},
		{"GET", "/v1/apps", "apps", "The installed apps", "", nil, false, plain(listed(svc.Apps))},
		{"POST", "/v1/apps", "install", "Install an app", followHint, nil, false, s.install()},
		{"POST", "/v1/plan", "plan", "What an install would do", "Nothing is changed.", nil, false, s.plan()},
		{"GET", "/v1/apps/:name", "app", "One app", "", nil, false, named(svc.App)},
		{"DELETE", "/v1/apps/:name", "remove", "Remove an app", followHint, []param{purge}, false, s.remove()},
		{"GET", "/v1/apps/:name/plan", "planApp", "What the next pass would change about an app", "", nil, false, named(svc.PlanApp)},
		{"POST", "/v1/apps/:name/start", "start", "Start a stopped app", followHint, nil, false, named(svc.Start)},
		{"POST", "/v1/apps/:name/stop", "stop", "Stop an app", followHint, nil, false, named(svc.Stop)},
		{"POST", "/v1/apps/:name/restart", "restart", "Restart an app", followHint, nil, false, named(svc.Restart)},
		{"GET", "/v1/apps/:name/config", "config", "An app's settings", "", nil, false, named(svc.Config)},
		{"PATCH", "/v1/apps/:name/config", "configure", "Change settings of an app", followHint, nil, false, s.configure()},
		{"GET", "/v1/apps/:name/secrets", "secrets", "The secrets that an app's owner may see", "", nil, false, named(svc.Secrets)},
		{"GET", "/v1/apps/:name/events", "appEvents", "What happens to an app", eventsHint, []param{after}, false, s.events()},
		{"GET", "/v1/events", "events", "What happens to all apps", eventsHint, []param{after}, false, s.events()},
		{"GET", "/v1/apps/:name/logs", "logs", "What an app writes", logsHint, logs, false, s.logs()},
		{"GET", "/v1/apps/:name/exec", "exec", "Run a command in a container", execHint, nil, false, s.exec()},
		{"GET", "/v1/catalog", "catalog", "The apps that can be installed", "", []param{words}, false, s.catalog()},
		{"GET", "/v1/catalog/:entry", "entry", "One app of the catalog", "", nil, false, s.entry()},
	}
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
)

// plain is an endpoint that takes nothing.
func plain[T any](fn func(context.Context) (T, error)) endpoint {
	return answers(func(c echo.Context) (T, error) { return fn(c.Request().Context()) })
}

// named is an endpoint that takes the name of an app.
func named[T any](fn func(context.Context, string) (T, error)) endpoint {
	return answers(func(c echo.Context) (T, error) { return fn(c.Request().Context(), c.Param("name")) })
}

// listed makes an empty list of none, which is null in JSON.
func listed[T any](fn func(context.Context) ([]T, error)) func(context.Context) ([]T, error) {
	return func(ctx context.Context) ([]T, error) {
		list, err := fn(ctx)
		if list == nil {
			list = []T{}
		}
		return list, err
	}
}

// answers is an endpoint that answers with a T as JSON: 202 if it is an operation
// that goes on, else 200.
func answers[T any](fn func(echo.Context) (T, error)) endpoint {
	out, status := reflect.TypeFor[T](), http.StatusOK
	if out == reflect.TypeFor[agent.Operation]() {
		status = http.StatusAccepted
	}
	return endpoint{out: out, status: status, media: echo.MIMEApplicationJSON, handle: func(c echo.Context) error {
		v, err := fn(c)
		if err != nil {
			return err
		}
		return writeJSON(c, status, v)
	}}
}

// takes is an endpoint with a body, which is a B.
func takes[B, T any](fn func(echo.Context, B) (T, error)) endpoint {
	e := answers(func(c echo.Context) (T, error) {
		body, err := readBody[B](c)
		if err != nil {
			var none T
			return none, err
		}
		return fn(c, body)
	})
	e.in = reflect.TypeFor[B]()
	return e
}

// checked is the route's handler behind the checks that its row implies: names
// that can be names, and no query parameter that would be ignored. (One that was
// mistyped, purge-data say, must not be.)
func (r route) checked() echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, name := range c.ParamNames() {
			var err error
			switch {
			case r.ofNode():
				err = checkNode(c.Param(name))
			case name == "entry":
				err = checkName("a catalog entry", c.Param(name))
			default:
				err = checkName("an app", c.Param(name))
			}
			if err != nil {
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

// ofNode tells whether the path names a machine.
func (r route) ofNode() bool { return strings.HasPrefix(r.path, "/v1/nodes/:name") }

// isOpen says whether a route is served to anybody.
func isOpen(table []route, method, path string) bool {
	return slices.ContainsFunc(table, func(r route) bool {
		return r.open && r.method == method && r.path == path
	})
}
