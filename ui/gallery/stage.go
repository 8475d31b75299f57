package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
)

// states are the clouds that there are to look at, each with what is special about it.
var states = []struct{ Name, About string }{
	{"well", "apps and machines in every state"},
	{"calm", "all is well"},
	{"empty", "no apps yet, one machine"},
	{"many", "100 apps, 2,000 entries"},
	{"away", "the control service does not answer"},
	{"failing", "every change fails"},
}

const (
	stateCookie = "gallery_state"
	roleCookie  = "gallery_role"
)

// stage serves one panel for each state that was asked for. ?state= and ?as= choose,
// and cookies keep, what is shown.
type stage struct {
	ctx           context.Context
	as            string
	log           *slog.Logger
	pace          time.Duration // 0 where nothing is to move
	apps, entries int
	now           func() time.Time

	mu     sync.Mutex
	panels map[string]*panel
}

type panel struct {
	handler  http.Handler
	cloud    *sample.Cloud
	accounts *sample.Accounts
	tokens   map[string]string // by role
}

func newStage(ctx context.Context, as string, log *slog.Logger) *stage {
	return &stage{ctx: ctx, as: as, log: log, pace: time.Second, now: time.Now, panels: map[string]*panel{}}
}

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	state := chosen(w, r, "state", stateCookie, states[0].Name)
	if !slices.ContainsFunc(states, func(x struct{ Name, About string }) bool { return x.Name == state }) {
		state = states[0].Name
	}
	role := chosen(w, r, "as", roleCookie, s.as)
	p := s.panel(state)
	if !outside(r) && agent.Rank(role) >= 0 && !hasCookie(r, "dcloud_session") {
		r = r.Clone(r.Context())
		r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: p.tokens[role]})
	}
	p.handler.ServeHTTP(w, r)
}

// opens tells whether a page is one of those for who is not signed in, which would
// send somebody who is to the home screen.
func opens(path string) bool {
	for _, door := range []string{"/sign-in", "/welcome", "/join"} {
		if path == door || strings.HasPrefix(path, door+"/") {
			return true
		}
	}
	return false
}

// outside tells whether a request is of one of those pages, or sent by one, as when a
// password's strength is asked for.
func outside(r *http.Request) bool {
	from, err := url.Parse(r.Referer())
	return opens(r.URL.Path) || r.Method == http.MethodPost && err == nil && opens(from.Path)
}

func hasCookie(r *http.Request, name string) bool {
	_, err := r.Cookie(name)
	return err == nil
}

// chosen is what the address asks for, which is kept, or what was kept.
func chosen(w http.ResponseWriter, r *http.Request, query, cookie, otherwise string) string {
	if v := r.URL.Query().Get(query); v != "" && r.Method == http.MethodGet {
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: v, Path: "/", SameSite: http.SameSiteLaxMode, HttpOnly: true})
		return v
	}
	if c, err := r.Cookie(cookie); err == nil && c.Value != "" {
		return c.Value
	}
	return otherwise
}

// panel makes what shows a state, once.
func (s *stage) panel(state string) *panel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.panels[state]; p != nil {
		return p
	}
	cloud := cloudIn(state, s.now)
	if s.apps > 0 {
		cloud.Fill(s.apps)
	}
	if s.entries > 0 {
		cloud.Entries(s.entries)
	}
	accounts := cloud.Accounts()
	p := &panel{cloud: cloud, accounts: accounts, tokens: map[string]string{}}
	for _, role := range agent.Roles() {
		p.tokens[role] = accounts.Token(role, true)
	}
	hub := live.New(cloud, s.log)
	// The first page shows how things are, not that nothing is known yet.
	_ = hub.Refresh(s.ctx)
	kernel := web.New(web.Options{Cloud: cloud, Accounts: accounts, Live: hub, Log: s.log, Version: "0.4.0", Now: s.now},
		slices.Concat(ui.Routes(), shelfRoutes()))
	go func() { _ = kernel.Run(s.ctx) }()
	if s.pace > 0 {
		go cloud.Run(s.ctx, s.pace)
	}
	p.handler = kernel.Handler()
	s.panels[state] = p
	return p
}

func cloudIn(state string, now func() time.Time) *sample.Cloud {
	clock := sample.Clock(now)
	broken := agent.Errorf(agent.CodeFailed, "it did not work: the disk is full").WithHint("make room, then try again")
	switch state {
	case "calm":
		return calm(sample.New(clock))
	case "empty":
		return sample.New(clock, sample.Empty())
	case "many":
		c := sample.New(clock)
		c.Fill(100)
		c.Entries(2000)
		return c
	case "away":
		c := sample.New(clock)
		c.Away(agent.Errorf(agent.CodeUnavailable, "the cloud does not answer").WithHint("it is tried again every few seconds"))
		return c
	case "failing":
		c := sample.New(clock)
		for _, call := range []string{"NodeToken", "Drain", "Undrain", "RemoveNode", "Accept", "Refuse", "Install", "Start", "Stop", "Restart", "Remove",
			"Configure", "ChangeSettings", "TestNotify", "Invite", "ChangeUser", "RemoveUser",
			"SetOverride", "PlanApp", "AddStore", "SyncStore", "RemoveStore"} {
			c.Fail(call, broken)
		}
		return c
	}
	return sample.New(clock)
}
