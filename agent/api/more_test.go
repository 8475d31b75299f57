package api

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestEveryCallOnTheCloudItselfReachesTheServiceAndComesBack(t *testing.T) {
	half, name := 0.5, "Ada's cloud"
	used := agent.Usage{Step: 15 * time.Second, Times: []int64{1, 2}, CPU: []*float64{&half, nil}, MemoryTotal: 8}
	notify := agent.Notify{SMTP: "smtps://ada@mail.example", SMTPPassword: "hunter2"}
	var said []string
	answer := func(what string) func(context.Context, string) error {
		return func(_ context.Context, id string) error { said = append(said, what+" "+id); return nil }
	}
	c, ctx := served(t, &fake{fakeMore: fakeMore{
		job: func(_ context.Context, n string) (agent.JobText, error) {
			return agent.JobText{Name: n, JSON: "{}"}, nil
		},
		pending: func(context.Context) ([]agent.PendingNode, error) {
			return []agent.PendingNode{{ID: "p1", Name: "pi"}}, nil
		},
		accept: answer("accept"), refuse: answer("refuse"),
		usage: func(_ context.Context, q agent.UsageQuery) (agent.Usage, error) {
			if q != (agent.UsageQuery{Node: "pi", Range: agent.LastDay}) {
				t.Errorf("usage of %+v", q)
			}
			return used, nil
		},
		activity: func(_ context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
			if q != (agent.ActivityQuery{App: "news", Before: "0190-a", Limit: 7}) {
				t.Errorf("activity of %+v", q)
			}
			return []agent.Activity{{ID: "1", Error: agent.Errorf(agent.CodeFailed, "no")}}, nil
		},
		settings: func(context.Context) (agent.Settings, error) { return agent.Settings{Name: name, Notify: notify}, nil },
		change: func(_ context.Context, ch agent.SettingsChange) (agent.Settings, error) {
			if ch.Notify == nil || ch.Notify.SMTPPassword != "hunter2" || ch.Domain != nil {
				t.Errorf("a change of %+v", ch)
			}
			return agent.Settings{Name: *ch.Name, Notify: *ch.Notify}, nil
		},
		testNotify: func(context.Context) error { return agent.Errorf(agent.CodeFailed, "the mail host refused it") },
	}}), context.Background()
	check := func(what string, got any, err error, want any) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", what, got, err, want)
		}
	}
	job, err := c.Job(ctx, "news")
	check("job", job, err, agent.JobText{Name: "news", JSON: "{}"})
	pending, err := c.Pending(ctx)
	check("pending", pending, err, []agent.PendingNode{{ID: "p1", Name: "pi"}})
	err = errors.Join(c.Accept(ctx, "p1"), c.Refuse(ctx, "p2"))
	check("answers", said, err, []string{"accept p1", "refuse p2"})
	usage, err := c.Usage(ctx, agent.UsageQuery{Node: "pi", Range: agent.LastDay})
	check("usage", usage, err, used)
	changes, err := c.Activity(ctx, agent.ActivityQuery{App: "news", Before: "0190-a", Limit: 7})
	if err != nil || len(changes) != 1 || changes[0].Error == nil {
		t.Errorf("activity: %+v, %v", changes, err)
	}
	hidden := agent.Notify{SMTP: notify.SMTP, HasPassword: true}
	settings, err := c.Settings(ctx)
	check("settings, the password of which only goes in", settings, err, agent.Settings{Name: name, Notify: hidden})
	settings, err = c.ChangeSettings(ctx, agent.SettingsChange{Name: &name, Notify: &notify})
	check("changed settings", settings, err, agent.Settings{Name: name, Notify: hidden})
	wantCode(t, c.TestNotify(ctx), agent.CodeFailed)
}

func TestEveryCallOnPeopleReachesTheServiceAndComesBack(t *testing.T) {
	role, gone := agent.RoleAdmin, ""
	c, ctx := served(t, &fake{fakeMore: fakeMore{
		firstLink: func(context.Context) (agent.Invitation, error) {
			return agent.Invitation{First: true, Link: "https://panel.x/welcome/k"}, nil
		},
		users: func(context.Context) ([]agent.User, error) { return nil, nil },
		invite: func(_ context.Context, r agent.InviteRequest) (agent.Invitation, error) {
			return agent.Invitation{Name: r.Name, Role: r.Role}, nil
		},
		changeUser: func(_ context.Context, n string, ch agent.UserChange) (agent.User, error) {
			return agent.User{Name: n, Role: *ch.Role}, nil
		},
		removeUser: func(_ context.Context, n string) error { gone = n; return nil },
		signIn: func(_ context.Context, in agent.SignIn) (agent.SignedIn, error) {
			if in.Password != "p" || in.Code != "123456" {
				t.Errorf("signed in with %+v", in)
			}
			return agent.SignedIn{Token: "s", Session: agent.Session{User: in.Name, Browser: in.Browser}}, nil
		},
	}}), context.Background()
	if link, err := c.FirstLink(ctx); err != nil || !link.First || link.Link == "" {
		t.Errorf("first link: %+v, %v", link, err)
	}
	if users, err := c.Users(ctx); err != nil || users == nil {
		t.Errorf("users: %#v, %v", users, err)
	}
	if inv, err := c.Invite(ctx, agent.InviteRequest{Name: "bob", Role: role}); err != nil || inv.Name != "bob" || inv.Role != role {
		t.Errorf("invite: %+v, %v", inv, err)
	}
	if user, err := c.ChangeUser(ctx, "bob", agent.UserChange{Role: &role}); err != nil || user.Name != "bob" || user.Role != role {
		t.Errorf("change: %+v, %v", user, err)
	}
	if err := c.RemoveUser(ctx, "bob"); err != nil || gone != "bob" {
		t.Errorf("remove: %q, %v", gone, err)
	}
	in, err := c.SignIn(ctx, agent.SignIn{Name: "ada", Password: "p", Code: "123456"})
	if err != nil || in.Token != "s" || in.Session.User != "ada" || !strings.Contains(in.Session.Browser.Agent, "Go-http-client") {
		t.Errorf("sign in: %+v, %v", in, err)
	}
}

func TestARequestAboutTheCloudThatMakesNoSenseIsRefused(t *testing.T) {
	for _, c := range []struct {
		method, target, body, says string
		status                     int
	}{
		{"GET", "/v1/usage", "", "one of app= and node=", 400},
		{"GET", "/v1/usage?app=a&node=b", "", "one of app= and node=", 400},
		{"GET", "/v1/usage?app=../a", "", "cannot be the name of an app", 400},
		{"GET", "/v1/usage?app=a&range=year", "", "hour or day", 400},
		{"GET", "/v1/activity?limit=501", "", "limit=", 400},
		{"GET", "/v1/activity?before=%00", "", "before=", 400},
		{"POST", "/v1/nodes/pending/a%2fb/accept", "", "cannot be an ID", 400},
		{"PATCH", "/v1/settings", `{"colour":"red"}`, `there is no field \"colour\"`, 400},
		{"PATCH", "/v1/settings", `{"notify":{"fax":"1"}}`, `there is no field \"fax\"`, 400},
		{"PATCH", "/v1/users/ada", `{}`, "changes nothing", 400},
		{"PATCH", "/v1/users/Ada", `{"role":"guest"}`, "name to sign in with", 400},
		{"POST", "/v1/users/invitations", `{"name":"` + strings.Repeat("a", 33) + `"}`, "at most 32", 400},
		{"POST", "/v1/sessions", `{"name":"ada","password":"hunter2","Browser":{}}`, `there is no field \"Browser\"`, 400},
		{"POST", "/v1/sessions", `{"password":["hunter2"]}`, `\"password\" cannot be`, 400},
	} {
		w := local(&fake{}, c.method, c.target, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s %s %.60s: got %d %s; want %d with %q", c.method, c.target, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
}

func TestAMachineMayBeCalledWhatARouteIsCalled(t *testing.T) {
	var asked []string
	c := served(t, &fake{
		unlist: func(_ context.Context, n string, _ agent.NodeRemove) (agent.Operation, error) {
			asked = append(asked, n)
			return agent.Operation{}, nil
		},
		drain: func(_ context.Context, n string) (agent.Operation, error) {
			asked = append(asked, n)
			return agent.Operation{}, nil
		},
	})
	_, err := c.RemoveNode(context.Background(), "pending", agent.NodeRemove{})
	_, err2 := c.Drain(context.Background(), "pending")
	if err != nil || err2 != nil || !reflect.DeepEqual(asked, []string{"pending", "pending"}) {
		t.Errorf("asked %q, %v, %v", asked, err, err2)
	}
}

func TestAWatchTellsOfChangesAndGoesOnWhenTheAgentComesBack(t *testing.T) {
	path := socketPath(t)
	changes := make(chan struct{}, 1)
	var watching sync.WaitGroup
	watch := func(ctx context.Context) (<-chan struct{}, error) {
		out := make(chan struct{})
		watching.Add(1)
		go func() {
			defer watching.Done()
			defer close(out)
			for {
				select {
				case <-changes:
				case <-ctx.Done():
					return
				}
				select {
				case out <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}()
		return out, nil
	}
	svc := &fake{fakeMore: fakeMore{watch: watch}}
	stop := serveOn(t, path, svc)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told, err := dial(t, path).Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	changes <- struct{}{}
	<-told
	stop()
	watching.Wait() // or it could take what is meant for the next
	serveOn(t, path, svc)
	changes <- struct{}{}
	<-told
	cancel()
	for range told {
	}
}
