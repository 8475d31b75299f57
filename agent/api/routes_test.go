package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// TestEveryCallOfTheClientReachesTheServiceAndComesBack also shows who asked.
func TestEveryCallOfTheClientReachesTheServiceAndComesBack(t *testing.T) {
	var said []string
	op := func(verb string) func(context.Context, string) (agent.Operation, error) {
		return func(ctx context.Context, name string) (agent.Operation, error) {
			said = append(said, verb+" "+name+" by "+agent.Actor(ctx))
			return agent.Operation{ID: verb, App: name}, nil
		}
	}
	req := agent.InstallRequest{Entry: "miniflux", Name: "news", Settings: map[string]string{"a": `b"\`}}
	f := &fake{
		status: func(context.Context) (agent.Status, error) { return agent.Status{Ready: true, Domain: "d"}, nil },
		nodes:  func(context.Context) ([]agent.Node, error) { return []agent.Node{{Name: "pi"}}, nil },
		apps:   func(context.Context) ([]agent.App, error) { return nil, nil },
		app: func(_ context.Context, n string) (agent.AppDetail, error) {
			return agent.AppDetail{App: agent.App{Name: n}}, nil
		},
		plan: func(_ context.Context, r agent.InstallRequest) (agent.Plan, error) {
			return agent.Plan{Name: r.Name, URL: r.Settings["a"]}, nil
		},
		planApp: func(_ context.Context, n string, _ agent.PlanRequest) (agent.Plan, error) {
			return agent.Plan{Name: n}, nil
		},
		install: func(_ context.Context, r agent.InstallRequest) (agent.Operation, error) {
			if !reflect.DeepEqual(r, req) {
				t.Errorf("install got %+v", r)
			}
			return agent.Operation{ID: "install", App: r.Name}, nil
		},
		start: op("start"), stop: op("stop"), restart: op("restart"),
		remove: func(_ context.Context, n string, purge bool) (agent.Operation, error) {
			if !purge {
				t.Error("purge got lost")
			}
			return agent.Operation{ID: "remove", App: n}, nil
		},
		config: func(_ context.Context, n string) (agent.Config, error) { return agent.Config{Name: n}, nil },
		configure: func(_ context.Context, n string, set map[string]string) (agent.Operation, error) {
			return agent.Operation{ID: set["k"], App: n}, nil
		},
		secrets: func(context.Context, string) (map[string]string, error) { return map[string]string{"p": "<&>"}, nil },
		catalog: func(_ context.Context, w string) ([]agent.Entry, error) {
			return []agent.Entry{{Name: "x", Title: w}}, nil
		},
		entry: func(_ context.Context, n string) (agent.Entry, error) { return agent.Entry{Name: n}, nil },
	}
	c, ctx := served(t, f), context.Background()
	check := func(what string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", what, got, err, want)
		}
	}
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	status, err := c.Status(ctx)
	check("status", status, err, agent.Status{Ready: true, Domain: "d"})
	nodes, err := c.Nodes(ctx)
	check("nodes", nodes, err, []agent.Node{{Name: "pi"}})
	apps, err := c.Apps(ctx)
	check("apps", apps, err, []agent.App{}) // and not null
	app, err := c.App(ctx, "news")
	check("app", app.Name, err, "news")
	plan, err := c.Plan(ctx, req)
	check("plan", plan.URL, err, `b"\`)
	plan, err = c.PlanApp(ctx, "news", agent.PlanRequest{})
	check("plan app", plan.Name, err, "news")
	got, err := c.Install(ctx, req)
	check("install", got, err, agent.Operation{ID: "install", App: "news"})
	for verb, call := range map[string]func(context.Context, string) (agent.Operation, error){
		"start": c.Start, "stop": c.Stop, "restart": c.Restart} {
		got, err := call(ctx, "news")
		check(verb, got, err, agent.Operation{ID: verb, App: "news"})
	}
	if len(said) != 3 || !strings.HasSuffix(said[0], "news by unix:root") {
		t.Errorf("who asked is %q", said)
	}
	got, err = c.Remove(ctx, "news", true)
	check("remove", got, err, agent.Operation{ID: "remove", App: "news"})
	config, err := c.Config(ctx, "news")
	check("config", config.Name, err, "news")
	got, err = c.Configure(ctx, "news", map[string]string{"k": "v"})
	check("configure", got, err, agent.Operation{ID: "v", App: "news"})
	secrets, err := c.Secrets(ctx, "news")
	check("secrets", secrets, err, map[string]string{"p": "<&>"})
	entries, err := c.Catalog(ctx, "feed reader")
	check("catalog", entries[0].Title, err, "feed reader")
	entry, err := c.Entry(ctx, "miniflux")
	check("entry", entry.Name, err, "miniflux")
}

func TestEveryCallOnMachinesReachesTheServiceAndComesBack(t *testing.T) {
	asked := agent.TokenRequest{TTL: 90 * time.Minute, Uses: 3, Role: "ingress", Addresses: []string{"home.example.org:51820"}, Call: "vps.example.org"}
	made := agent.Token{ID: "t", Token: "dcloud1_x", Command: "sudo dcloud node join dcloud1_x", Role: "ingress", Uses: 3,
		Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Addresses: []string{"192.0.2.1:51820"}}
	planned := agent.NodePlan{Name: "pi", Moves: []string{"web"}, Stays: []agent.NodeStay{{App: "db", Reason: "its data is on pi", Data: true}}}
	op := func(verb string) func(context.Context, string) (agent.Operation, error) {
		return func(ctx context.Context, name string) (agent.Operation, error) {
			return agent.Operation{ID: verb + " by " + agent.Actor(ctx), Node: name}, nil
		}
	}
	c, ctx := served(t, &fake{
		token: func(_ context.Context, r agent.TokenRequest) (agent.Token, error) {
			if !reflect.DeepEqual(r, asked) {
				t.Errorf("a token was asked for with %+v", r)
			}
			return made, nil
		},
		nodePlan: func(_ context.Context, n string) (agent.NodePlan, error) { return planned, nil },
		drain:    op("drain"), undrain: op("undrain"),
		unlist: func(_ context.Context, n string, how agent.NodeRemove) (agent.Operation, error) {
			return agent.Operation{ID: fmt.Sprint(how.Abandon), Node: n}, nil
		},
	}), context.Background()
	token, err := c.NodeToken(ctx, asked)
	if err != nil || !reflect.DeepEqual(token, made) {
		t.Errorf("token: %+v, %v", token, err)
	}
	plan, err := c.NodePlan(ctx, "2nd-"+strings.Repeat("p", 59)) // as a host name may be
	if err != nil || !reflect.DeepEqual(plan, planned) {
		t.Errorf("plan: %+v, %v", plan, err)
	}
	for want, call := range map[string]func() (agent.Operation, error){
		"drain by unix:root":   func() (agent.Operation, error) { return c.Drain(ctx, "pi") },
		"undrain by unix:root": func() (agent.Operation, error) { return c.Undrain(ctx, "pi") },
		"false":                func() (agent.Operation, error) { return c.RemoveNode(ctx, "pi", agent.NodeRemove{}) },
		"true":                 func() (agent.Operation, error) { return c.RemoveNode(ctx, "pi", agent.NodeRemove{Abandon: true}) },
	} {
		if got, err := call(); err != nil || got != (agent.Operation{ID: want, Node: "pi"}) {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
}

func TestAnErrorOfTheServiceReachesTheCallerWithItsCodeMessageAndHint(t *testing.T) {
	var next error
	c := served(t, &fake{status: func(context.Context) (agent.Status, error) { return agent.Status{}, next }})
	for _, code := range []string{agent.CodeInvalid, agent.CodeUnauthorized, agent.CodeNotFound, agent.CodeConflict,
		agent.CodeFailed, agent.CodeUnavailable, agent.CodeInternal} {
		next = agent.Errorf(code, "it is %s", code).WithHint("do %s", code)
		_, err := c.Status(context.Background())
		if e := wantCode(t, err, code); e.Message != "it is "+code || e.Hint != "do "+code {
			t.Errorf("%s came back as %+v", code, e)
		}
	}
}

func TestAnErrorNotMeantForPeopleIsHiddenBehindANumber(t *testing.T) {
	c := served(t, &fake{status: func(context.Context) (agent.Status, error) {
		return agent.Status{}, errors.New("password is hunter2")
	}})
	_, err := c.Status(context.Background())
	if e := wantCode(t, err, agent.CodeInternal); strings.Contains(e.Message, "hunter2") || !strings.Contains(e.Message, "request ") {
		t.Errorf("message is %q", e.Message)
	}
}

func TestAPanicIsAnInternalErrorAndTheServerGoesOn(t *testing.T) {
	c := served(t, &fake{nodes: func(context.Context) ([]agent.Node, error) { return nil, nil }})
	_, err := c.Status(context.Background()) // no such function: nil call
	wantCode(t, err, agent.CodeInternal)
	if _, err := c.Nodes(context.Background()); err != nil {
		t.Error(err)
	}
}

// local makes a request as root on the socket would.
func local(svc Service, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r = r.WithContext(context.WithValue(r.Context(), peerKey{}, peer{uid: 0}))
	w := httptest.NewRecorder()
	New(svc, Options{}).Handler().ServeHTTP(w, r)
	return w
}

func TestAWrongRequestIsRefusedBeforeItReachesTheService(t *testing.T) {
	for _, c := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"GET", "/v1/nope", "", 404, "there is no /v1/nope"},
		{"PUT", "/v1/apps", "", 405, "does not answer to PUT"},
		{"GET", "/v1/apps/..%2fetc", "", 400, "cannot be the name of an app"},
		{"GET", "/v1/apps/UPPER", "", 400, "cannot be the name of an app"},
		{"GET", "/v1/apps/" + strings.Repeat("a", 41), "", 400, "at most 40"},
		{"GET", "/v1/catalog/a_b", "", 400, "a catalog entry"},
		{"DELETE", "/v1/apps/a?purge-data=true", "", 400, "purge-data"},
		{"DELETE", "/v1/apps/a?purge_data=1", "", 400, "true or false"},
		{"GET", "/v1/nodes/UPPER/plan", "", 400, "cannot be the name of a machine"},
		{"DELETE", "/v1/nodes/pi?abandon=yes", "", 400, "true or false"},
		{"DELETE", "/v1/nodes/pi?force=true", "", 400, "force"},
		{"POST", "/v1/nodes/tokens", "", 400, "no body"},
		{"POST", "/v1/nodes/tokens", `{"ttl":"1h"}`, 400, `there is no field \"ttl\"`},
		{"POST", "/v1/nodes/tokens", `{"ttl_ns":"1h"}`, 400, `\"ttl_ns\" cannot be`},
		{"POST", "/v1/apps", "", 400, "no body"},
		{"POST", "/v1/apps", "null", 400, "null"},
		{"POST", "/v1/apps", "[]", 400, "an object is expected"},
		{"POST", "/v1/apps", `{"entry":"a","entyr":"b"}`, 400, `there is no field \"entyr\"`},
		{"POST", "/v1/apps", `{"entry":"a"} x`, 400, "something follows"},
		{"POST", "/v1/apps", `{"entry":"a"`, 400, "ends too soon"},
		{"POST", "/v1/apps", `{"entry":12}`, 400, `\"entry\" cannot be a number`},
		{"POST", "/v1/apps", "{\"entry\":\"\xff\"}", 400, "UTF-8"},
		{"POST", "/v1/apps", `{}`, 400, "entry is missing"},
		{"POST", "/v1/apps", `{"entry":"../x"}`, 400, "a catalog entry"},
		{"POST", "/v1/plan", `{"entry":"x","name":"A B"}`, 400, "an app"},
		{"POST", "/v1/apps", `{"entry":"` + strings.Repeat("a", maxBody) + `"}`, 413, "larger than"},
		{"PATCH", "/v1/apps/a/config", `{"settings":{}}`, 400, "no setting"},
		{"GET", "/v1/apps/a/logs?tail=-1", "", 400, "tail="},
		{"GET", "/v1/apps/a/logs?service=../x", "", 400, "a service"},
		{"GET", "/v1/events?after=x", "", 400, "after="},
		{"GET", "/v1/apps/a/exec", "", 426, "WebSocket"},
	} {
		w := local(&fake{}, c.method, c.target, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || !strings.HasPrefix(w.Body.String(), `{"error":{"code":"`) {
			t.Errorf("%s %.60s %.60s: got %d %s; want %d with %q", c.method, c.target, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
}

func TestAnAnswerCarriesSecurityHeadersAndNoCORS(t *testing.T) {
	w := local(&fake{}, "GET", "/v1/ping", "")
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Access-Control-Allow-Origin": ""} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if w.Header().Get("X-Request-Id") == "" || w.Code != http.StatusOK {
		t.Errorf("got %d without a request's number", w.Code)
	}
}

func FuzzABodyIsDecodedOrRefusedInWords(f *testing.F) {
	for _, seed := range []string{`{"entry":"a","settings":{"k":"v"}}`, `{"entry":{}}`, `null`, `[`, `{"settings":{"a":1}}`, "\xff", `{"x":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var req agent.InstallRequest
		err := decodeStrict(body, &req)
		if err == nil {
			return
		}
		if e := wantCode(t, err, agent.CodeInvalid); e.Message == "" || e.Hint == "" || len(e.Message) > 400 {
			t.Errorf("refused with %q", e.Message)
		}
	})
}
