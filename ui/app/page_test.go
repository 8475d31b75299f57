package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

func TestAnAppsPageSaysHowItIsWhatItUsesAndWhereItRuns(t *testing.T) {
	b := newBed(t)
	page := b.page("owner", "/apps/wiki")
	b.holds(page, "<h1>DokuWiki</h1>", "Running", `href="https://wiki.ada.xyz"`, "9 %", "2 of 64 MB", "Between 2 % and 9 % in the last hour",
		`href="/machines/pi1"`, "Data on", "Sign in as admin.", "/apps/wiki/logs", "/apps/wiki/terminal", "/apps/wiki/advanced", "· wiki<")
	b.lacks(page, "style=", "onclick", "allocation", "task group", "Backups")
	if at := []int{strings.Index(page, "app-head"), strings.Index(page, "app-needs"), strings.Index(page, "app-facts"), strings.Index(page, "app-tabs")}; !(at[0] < at[1] && at[1] < at[2] && at[2] < at[3]) {
		t.Errorf("the pieces are not in their order: %v", at)
	}
}

func TestAMemberSeesTheAppButNeitherLogsNorTerminalNorSecretsNorJob(t *testing.T) {
	b := newBed(t)
	d := wiki()
	d.State, d.Reason = agent.StateFailed, "web ended with code 1"
	b.lines = []agent.LogLine{{Service: "web", Text: "what somebody wrote"}}
	b.change(func() { b.apps["wiki"] = d })
	page := b.page("member", "/apps/wiki")
	b.holds(page, "DokuWiki has crashed")
	b.lacks(page, "/apps/wiki/logs", "/apps/wiki/terminal", "/apps/wiki/settings", "/apps/wiki/advanced", "/apps/wiki/stop", "/apps/wiki/restart", "/apps/wiki/remove", "what somebody wrote")
	for _, path := range []string{"logs", "logs.txt", "logs/live", "terminal", "terminal/socket", "settings", "advanced", "remove"} {
		if status, _, _ := b.do("member", http.MethodGet, "/apps/wiki/"+path, nil); status != http.StatusForbidden {
			t.Errorf("a member's %s is %d", path, status)
		}
	}
	for _, path := range []string{"start", "stop", "restart", "remove", "settings", "secrets"} {
		if status, _, _ := b.do("member", http.MethodPost, "/apps/wiki/"+path, nil); status != http.StatusForbidden {
			t.Errorf("a member may post %s: %d", path, status)
		}
	}
	if b.done() != "" {
		t.Errorf("a member did %s", b.done())
	}
}

func TestAnAppThatNeverWasIsSaidInWords(t *testing.T) {
	b := newBed(t)
	status, page, _ := b.do("owner", http.MethodGet, "/apps/nothing", nil)
	if status != http.StatusNotFound {
		t.Errorf("status is %d", status)
	}
	b.holds(page, "there is no app called nothing", "home screen")
	status, page, _ = b.do("owner", http.MethodGet, "/apps/"+url.PathEscape("<b>"+strings.Repeat("x", 300)), nil)
	if status != http.StatusNotFound || strings.Contains(page, "<b>x") || strings.Contains(page, strings.Repeat("x", 60)) {
		t.Errorf("a hostile name gives %d: %s", status, page)
	}
}

func TestAnInstallIsFollowedUntilItsPageIsTheApps(t *testing.T) {
	b := newBed(t)
	row := agent.AppDetail{App: agent.App{Name: "news", Entry: "miniflux", State: agent.StateInstalling}, Title: "Miniflux"}
	b.change(func() { b.apps["news"] = row })
	now := time.Now()
	b.events <- agent.Event{ID: 1, Op: "o1", App: "news", Stage: agent.StageResolve, State: agent.EventDone, Percent: 5, Time: now}
	b.events <- agent.Event{ID: 2, Op: "o1", App: "news", Stage: agent.StagePull, State: agent.EventProgress, Percent: 62, Bytes: 48_000_000, Total: 77_000_000, Left: 9, Time: now}
	b.until(func(s *live.State) bool { return s.Ops["news"].Last.Percent == 62 && len(s.Apps) == 2 })
	for range 2 { // a reload, and a second window
		page := b.page("owner", "/apps/news")
		b.holds(page, "Miniflux", "Installing", "62 %", "48 of 77 MB, 9 s", "Downloading", "On the web", `aria-valuenow="62"`)
		b.lacks(page, `id="app-open"`, "/apps/news/stop")
	}
	stream := b.stream("owner", "/live/apps/news?tab=overview")
	b.reads(stream, "62 %")
	row.State, row.URL, row.Node = agent.StateRunning, "https://news.ada.xyz", "pi1"
	b.change(func() { b.apps["news"] = row })
	b.events <- agent.Event{ID: 3, Op: "o1", App: "news", Stage: agent.StageRouted, State: agent.EventDone, Percent: 100, Final: true, URL: row.URL, Time: now}
	told := b.reads(stream, `id="app-open"`)
	b.holds(told, "event: patch", `hx-swap-oob="true"`, "https://news.ada.xyz")
}

// failed makes an install of news that was taken back.
func failed(b *bed) {
	b.history = []agent.Activity{{ID: "a7", Op: "o1", App: "news", Action: "install", Actor: "ada", Outcome: agent.OutcomeFailed, Stage: agent.StageHealthy,
		Error: agent.Errorf(agent.CodeFailed, "miniflux did not become healthy").WithHint("is the URL right?"), Ended: time.Now(),
		Logs: []string{"panic: \x1b[31mno database\x1b[0m"}, Request: &agent.InstallRequest{Entry: "miniflux", Name: "news"}}}
}

func TestAFailedInstallSaysWhyWithTheLastLinesAndATryAgain(t *testing.T) {
	b := newBed(t)
	failed(b)
	page := b.page("owner", "/apps/news")
	b.holds(page, "could not be installed", "Miniflux did not become healthy", "Is the URL right?", "panic: no database",
		"Waiting until it answers", `href="/store/miniflux/install?again=a7"`, "taken back")
	b.lacks(page, "\x1b", "/apps/news/logs\"")
	page = b.page("member", "/apps/news")
	b.holds(page, "did not become healthy")
	b.lacks(page, "no database", "again=a7")
}

func TestAnInstallThatFailsWhileSomebodyLooksTurnsIntoTheReason(t *testing.T) {
	b := newBed(t)
	b.change(func() {
		b.apps["news"] = agent.AppDetail{App: agent.App{Name: "news", Entry: "miniflux", State: agent.StateInstalling}}
	})
	b.events <- agent.Event{ID: 1, Op: "o1", App: "news", Stage: agent.StageResolve, State: agent.EventDone, Percent: 5, Time: time.Now()}
	stream := b.stream("owner", "/live/apps/news?tab=overview")
	b.reads(stream, "app-ring")
	b.change(func() { delete(b.apps, "news"); failed(b) })
	b.events <- agent.Event{ID: 2, Op: "o1", App: "news", Stage: agent.StageHealthy, State: agent.EventFailed, Final: true, Time: time.Now(),
		Error: agent.Errorf(agent.CodeFailed, "it never answered"), Logs: []string{"no database"}}
	told := b.reads(stream, "again=a7")
	b.holds(told, "It never answered", "no database", "Try again")
}

func TestAnAppThatWasRemovedSaysByWhom(t *testing.T) {
	b := newBed(t)
	b.history = []agent.Activity{{ID: "a9", App: "news", Action: "remove", Actor: "bob", Outcome: agent.OutcomeDone, Ended: time.Now()}}
	status, page, _ := b.do("owner", http.MethodGet, "/apps/news", nil)
	if status != http.StatusNotFound {
		t.Errorf("status is %d", status)
	}
	b.holds(page, "news was removed just now by bob")
}

func TestWhatIsBrokenSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name, state, reason string
		down                bool
		wants               []string
	}{
		{"crashed", agent.StateFailed, "web ended with code 1", false, []string{"DokuWiki has crashed.", "Web ended with code 1.", "out of memory", "Start anew", "/apps/wiki/logs"}},
		{"its machine is away", agent.StateDegraded, "pi1 does not answer", true, []string{"pi1 is away, and DokuWiki needs it.", "goes on by itself", "See pi1", "Away"}},
		{"starting", agent.StateDegraded, "web is starting", false, []string{"DokuWiki is starting.", "up to a minute"}},
		{"not all of it", agent.StateDegraded, "db ended: exit code 2", false, []string{"does not run as it should", "Db ended: exit code 2.", "Start anew"}},
		{"stopped", agent.StateStopped, "", false, []string{"DokuWiki is stopped.", "Its data is kept.", `action="/apps/wiki/start"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBed(t)
			d := wiki()
			d.State, d.Reason = c.state, c.reason
			b.lines = []agent.LogLine{{Service: "web", Text: "out of memory"}}
			b.change(func() {
				b.apps["wiki"] = d
				if c.down {
					b.nodes = []agent.Node{{Name: "pi1", State: agent.NodeDown}}
				}
			})
			b.until(func(s *live.State) bool {
				return s.Apps[0].State == c.state && (!c.down || s.Nodes[0].State == agent.NodeDown)
			})
			b.holds(b.page("owner", "/apps/wiki"), c.wants...)
		})
	}
}

func TestAChangeIsOneButtonAndWorksWithoutAScript(t *testing.T) {
	b := newBed(t)
	for _, what := range []string{"stop", "start", "restart"} {
		status, _, h := b.do("admin", http.MethodPost, "/apps/wiki/"+what, nil)
		if status != http.StatusSeeOther || h.Get("Location") != "/apps/wiki" {
			t.Errorf("%s is %d to %s", what, status, h.Get("Location"))
		}
	}
	if b.done() != "stop wiki, start wiki, restart wiki" {
		t.Errorf("did %s", b.done())
	}
}

func TestRemovingNeedsTheNameTypedAndKeepsTheData(t *testing.T) {
	b := newBed(t)
	b.holds(b.page("admin", "/apps/wiki/remove"), "What is kept", "web/data", "type wiki", "You will be asked who you are.")
	status, page, _ := b.do("admin", http.MethodPost, "/apps/wiki/remove", url.Values{"confirm": {"wikis"}})
	if status != http.StatusUnprocessableEntity || b.done() != "" {
		t.Errorf("a wrong name is %d, and did %q", status, b.done())
	}
	b.holds(page, "Type wiki, as it stands above.", `value="wikis"`, `aria-invalid="true"`)
	status, _, h := b.do("admin", http.MethodPost, "/apps/wiki/remove", url.Values{"confirm": {"wiki"}})
	if status != http.StatusSeeOther || h.Get("Location") != "/" || b.done() != "remove wiki data=false by bob" {
		t.Errorf("the right name is %d to %s, and did %q", status, h.Get("Location"), b.done())
	}
}

func TestTheDataGoesOnlyWithTheBoxAndAFreshProof(t *testing.T) {
	b := newBed(t)
	form := url.Values{"confirm": {"wiki"}, "data": {"true"}}
	status, _, h := b.do("admin", http.MethodPost, "/apps/wiki/remove", form)
	if status != http.StatusSeeOther || h.Get("Location") != "/sudo?next=%2Fapps%2Fwiki%2Fremove%3Fdata%3Dtrue" || b.done() != "" {
		t.Errorf("without a proof: %d to %s, did %q", status, h.Get("Location"), b.done())
	}
	b.holds(b.page("owner", "/apps/wiki/remove?data=true"), `name="data" value="true" checked`)
	b.do("owner", http.MethodPost, "/apps/wiki/remove", form)
	if b.done() != "remove wiki data=true by ada" {
		t.Errorf("with one: did %q", b.done())
	}
}

func TestWhatTheCloudRefusesIsSaidOnThePageOfTheForm(t *testing.T) {
	b := newBed(t)
	b.refuse = agent.Errorf(agent.CodeConflict, "wiki is busy").WithHint("wait")
	status, page, _ := b.do("owner", http.MethodPost, "/apps/wiki/remove", url.Values{"confirm": {"wiki"}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("status is %d", status)
	}
	b.holds(page, "Wiki is busy", `value="wiki"`)
}

func TestTheFiguresOfAChartComeAsJSON(t *testing.T) {
	b := newBed(t)
	for _, span := range []string{"hour", "day"} {
		text := b.page("member", "/apps/wiki/usage.json?range="+span)
		b.holds(text, `"range":"`+span+`"`, `"step":15`, `"cpu":[2,null,9]`, `in the last `+span)
		b.lacks(text, `"disk"`)
	}
}
