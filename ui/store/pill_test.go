package store

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

func TestAPillSaysTheOneThingThatCanBeDone(t *testing.T) {
	news := agent.Entry{Name: "news", Title: "News", Fits: []string{"pi1"}}
	app := func(name, state, url string) agent.App {
		return agent.App{Name: name, Entry: "news", State: state, URL: url}
	}
	running, stopped := app("news", agent.StateRunning, "https://news.ada.xyz"), app("old", agent.StateStopped, "https://old.ada.xyz")
	coming := app("new", agent.StateInstalling, "")
	ops := map[string]live.Op{"new": {Last: agent.Event{Percent: 62}}}
	for _, c := range []struct {
		what, role string
		entry      agent.Entry
		apps       []agent.App
		kind, href string
		percent    int
	}{
		{"not installed", agent.RoleAdmin, news, nil, pillInstall, "/store/news/install", 0},
		{"who may not install looks", agent.RoleMember, news, nil, pillEntry, "/store/news", 0},
		{"it fits nowhere", agent.RoleAdmin, agent.Entry{Name: "news"}, nil, pillEntry, "/store/news", 0},
		{"another entry's app", agent.RoleAdmin, news, []agent.App{{Name: "news", Entry: "other", State: agent.StateRunning, URL: "https://x"}}, pillInstall, "/store/news/install", 0},
		{"being installed", agent.RoleAdmin, news, []agent.App{coming}, pillRing, "/apps/new", 62},
		{"installed", agent.RoleMember, news, []agent.App{running}, pillOpen, "https://news.ada.xyz", 0},
		{"stopped", agent.RoleAdmin, news, []agent.App{stopped}, pillApp, "/apps/old", 0},
		{"one of two runs", agent.RoleAdmin, news, []agent.App{stopped, running}, pillOpen, "https://news.ada.xyz", 0},
		{"what just began comes first", agent.RoleAdmin, news, []agent.App{running, coming, stopped}, pillRing, "/apps/new", 62},
		{"no page of its own", agent.RoleAdmin, news, []agent.App{app("news", agent.StateRunning, "")}, pillApp, "/apps/news", 0},
	} {
		p := pillOf(c.entry, &live.State{Apps: c.apps, Ops: ops}, c.role)
		if p.Kind != c.kind || p.Href != c.href || p.Percent != c.percent {
			t.Errorf("%s: %+v", c.what, p)
		}
	}
}

func TestAPillFollowsAnInstallOnAPageThatIsOpen(t *testing.T) {
	b := newBed(t, &cloud{entries: shelfFull(3)})
	server := httptest.NewServer(b.kernel.Handler())
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/live/store", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: agent.RoleAdmin})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	until := func(words string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), words) {
				return
			}
		}
		t.Fatalf("%q did not come: %v", words, lines.Err())
	}
	set := func(apps ...agent.App) {
		b.mu.Lock()
		b.apps = apps
		b.mu.Unlock()
		if err := b.kernel.Live.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	until(`id="store-live"`)
	set(agent.App{Name: "app-0001", Entry: "app-0001", State: agent.StateInstalling})
	until("App 0001 is being installed")
	set(agent.App{Name: "app-0001", Entry: "app-0001", State: agent.StateRunning, URL: "https://a.ada.xyz"})
	until(`href="https://a.ada.xyz"`)
	set()
	until(`href="/store/app-0001/install"`)
}
