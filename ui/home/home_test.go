package home

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func running(name, entry string) agent.App {
	return agent.App{Name: name, Entry: entry, State: agent.StateRunning, URL: "https://" + name + ".ada.xyz", Access: "members"}
}

func TestTheGreetingFollowsTheDay(t *testing.T) {
	for hour, want := range map[int]string{4: "Good evening", 5: "Good morning", 11: "Good morning", 12: "Good afternoon", 17: "Good afternoon", 18: "Good evening", 23: "Good evening"} {
		if got := greeting(time.Date(2026, 1, 1, hour, 59, 0, 0, time.UTC)); got != want {
			t.Errorf("at %d: %s", hour, got)
		}
	}
	has(t, newBed(t, &cloud{}).page(), "<h1>Good evening, Ada</h1>")
}

func TestATapOpensAnAppAndItsMenuLeadsToItsPage(t *testing.T) {
	b := newBed(t, &cloud{
		apps: []agent.App{
			running("filebrowser", "filebrowser"), running("family-photos", "photos"),
			{Name: "news", Entry: "news", State: agent.StateStopped, URL: "https://news.ada.xyz"},
			{Name: "sync", Entry: "sync", State: agent.StateRunning},
			{Name: "wiki", Entry: "wiki", State: agent.StateInstalling},
		},
		entries: []agent.Entry{{Name: "filebrowser", Title: "File Browser"}, {Name: "photos", Title: "Photos"}},
	})
	page := b.page()
	has(t, page, `href="https://filebrowser.ada.xyz"`, ">File Browser<", ">Family photos<", `href="/apps/family-photos"`, `id="tile-news-link" href="/apps/news"`, `id="tile-sync-link" href="/apps/sync"`,
		">Stopped<", ">Installing<", `role="progressbar"`, `popovertarget="tile-filebrowser-menu"`, `href="/store"`)
	if n := strings.Count(page, `class="state `); n != 2 {
		t.Errorf("%d states are shown: what is well says nothing", n)
	}
	b.page()
	if b.asked != 1 {
		t.Errorf("two pages asked for the whole catalog %d times", b.asked)
	}
}

func TestAGuestSeesTheAppsThatTheyMayOpenAndNothingElse(t *testing.T) {
	secret := running("diary", "diary")
	secret.Access = "private"
	b := newBed(t, &cloud{
		apps:    []agent.App{running("wiki", "wiki"), secret, {Name: "folders", Entry: "folders", State: agent.StateRunning, Access: "members"}, {Name: "broken", Entry: "broken", State: agent.StateFailed, Access: "app", URL: "https://broken.ada.xyz"}},
		nodes:   []agent.Node{{Name: "pi1", State: agent.NodeDown}},
		pending: []agent.PendingNode{{Name: "pi9"}},
	})
	page := b.as(agent.RoleGuest).page()
	has(t, page, `href="https://wiki.ada.xyz"`, ">Failed<")
	hasNot(t, page, "diary", "folders", "pi1", "pi9", "/store", "/apps/", "/machines", "does not run")
	has(t, newBed(t, &cloud{apps: []agent.App{secret}}).as(agent.RoleGuest).page(), "Nothing here yet")
}

func TestAnEmptyHomeProposesThreeAppsThatFit(t *testing.T) {
	entries := []agent.Entry{
		{Name: "huge", Title: "Huge", Category: "files"},
		{Name: "files", Title: "Files", Category: "files", Memory: 64, Fits: []string{"pi1"}},
		{Name: "more-files", Title: "More", Category: "files", Memory: 32, Fits: []string{"pi1"}},
		{Name: "photos", Title: "Photos", Category: "photos", Memory: 512, Fits: []string{"pi1"}},
		{Name: "ci", Title: "CI", Category: "development", Memory: 1, Fits: []string{"pi1"}},
		{Name: "feeds", Title: "Feeds", Category: "reading", Memory: 64, Fits: []string{"pi1"}},
		{Name: "else/files", Title: "Of another store", Category: "files", Memory: 1, Fits: []string{"pi1"}, Store: "else"},
	}
	var got []string
	for _, e := range suggestions(entries) {
		got = append(got, e.Name)
	}
	if s := strings.Join(got, " "); s != "more-files photos feeds" {
		t.Error(s)
	}
	b := newBed(t, &cloud{entries: entries})
	has(t, b.page(), "What should your cloud do first?", `href="/store/photos/install"`, "fit your machines")
	member := b.as(agent.RoleMember).page()
	has(t, member, "No apps yet", `href="/store"`)
	hasNot(t, member, "/install")
	has(t, newBed(t, &cloud{}).page(), "No apps yet")
}

func TestACloudThatIsAwayShowsWhatWasLastAndNoFalseEmptiness(t *testing.T) {
	c := &cloud{apps: []agent.App{running("wiki", "wiki")}, nodes: []agent.Node{{Name: "pi1", State: agent.NodeReady, Memory: 1024}}}
	b := newBed(t, c)
	c.mu.Lock()
	c.away = true
	c.mu.Unlock()
	_ = b.kernel.Live.Refresh(t.Context())
	has(t, b.page(), "The cloud does not answer", "https://wiki.ada.xyz", "1 machine, as last seen")
	never := newBed(t, &cloud{away: true}).page()
	has(t, never, "skeleton")
	hasNot(t, never, "No apps yet", "What should your cloud do first?")
}

func TestMachinesStandInALine(t *testing.T) {
	b := newBed(t, &cloud{apps: []agent.App{running("wiki", "wiki")}, nodes: []agent.Node{
		{Name: "vps1", State: agent.NodeReady, Memory: 4096, Load: &agent.Load{CPU: 11.6, MemoryUsed: 1945, DiskTotal: 40000, DiskFree: 30000}},
		{Name: "pi1", State: agent.NodeReady, Memory: 900, Load: &agent.Load{CPU: -1, MemoryUsed: 300, DiskTotal: -1, DiskFree: -1}},
	}})
	page := b.page()
	has(t, page, "2 machines, well", "1.9 of 4 GB", "300 of 900 MB", "busy: 12 %", `href="/machines/vps1"`)
	if strings.Index(page, "/machines/pi1") > strings.Index(page, "/machines/vps1") {
		t.Error("they are not in order")
	}
	b.nodes[0].State = agent.NodeDown
	b.nodes[0].Load = nil
	if err := b.kernel.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(t, b.page(), "2 machines, 1 away")
}

func TestNamesOnTheHomeScreenAreText(t *testing.T) {
	a := running("wiki", "wiki")
	a.URL, a.Reason, a.State = "javascript:alert(1)", "<script>1</script>", agent.StateDegraded
	page := newBed(t, &cloud{apps: []agent.App{a}, entries: []agent.Entry{{Name: "wiki", Title: "<b>Wiki</b>"}},
		nodes: []agent.Node{{Name: "<i>pi</i>", State: agent.NodeDown}}}).page()
	hasNot(t, page, "javascript:alert", "<b>Wiki", "<script>1", "<i>pi")
}

func TestAnOpenHomeFollowsWhatHappens(t *testing.T) {
	b := newBed(t, &cloud{apps: []agent.App{running("wiki", "wiki"), running("news", "news")}})
	server := httptest.NewServer(b.kernel.Handler())
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/live/home", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: agent.RoleOwner})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	// event is what the next one holds.
	event := func() string {
		t.Helper()
		var b strings.Builder
		for lines.Scan() {
			if lines.Text() == "" && b.Len() > 0 {
				return b.String()
			}
			if strings.HasPrefix(lines.Text(), "data: ") {
				b.WriteString(lines.Text())
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	set := func(apps ...agent.App) {
		b.mu.Lock()
		b.apps = apps
		b.mu.Unlock()
		if err := b.kernel.Live.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	has(t, event(), `id="home-apps" aria-label="Apps" hx-swap-oob="true"`, `id="home-machines"`, `id="home-notes"`)
	stopped := running("wiki", "wiki")
	stopped.State = agent.StateStopped
	set(stopped, running("news", "news"))
	one := event()
	has(t, one, `id="tile-wiki"`, "Stopped")
	hasNot(t, one, `id="home-apps"`, `id="tile-news"`)
	set(running("news", "news"))
	has(t, event(), `id="home-apps"`)
}
