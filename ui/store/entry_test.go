package store

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

// sync is an entry with everything that a page can tell.
func syncing() agent.Entry {
	return agent.Entry{
		Name: "sync", Title: "Sync", Tagline: "Folders, the same everywhere", Category: "files", Version: "2.1", License: "MPL-2.0",
		Website: "https://sync.example", Source: "https://code.example/sync", Memory: 256, Disk: 1024, Access: "members", Architectures: []string{"amd64", "arm"},
		Description: "First words.\n\nSecond words.", Fits: []string{"pi1"},
		Nodes:  []agent.NodeFit{{Name: "pi1", Fits: true}, {Name: "pi2", Why: []string{"100 MB of memory short", "no build for arm"}}},
		Ports:  []string{"22000/tcp: Sync"},
		Public: []string{"/share"}, Data: []string{"media: /media", "database: /db"}, Secrets: 2, User: "admin",
		Risks: []string{"may change network settings (NET_ADMIN, service web)", "opens port 22000/tcp of the machine to its network (service web, Sync)", "leaves the path /share open to everyone (service web)"},
		Settings: []agent.ConfigSetting{
			{Name: "mail", Title: "Your e-mail address", Type: "email", Required: true},
			{Name: "open", Title: "Let anybody in", Type: "bool", Default: "true", Value: "true"},
			{Name: "size", Title: "Largest file", Type: "number", Default: "5", Value: "5", Advanced: true},
			{Name: "replicas", Title: "Copies", Type: "number", Default: "1", Value: "1"},
		},
	}
}

func TestAnEntrysPageTellsWhatItIsUsesMayAndKeeps(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	has(t, b.page("/store/sync"), "<h1>Sync</h1>", "Folders, the same everywhere", "<p>First words.</p>", "<p>Second words.</p>", "2.1", "MPL-2.0", `"https://code.example/sync"`, ">code.example/sync<", "Intel or AMD, 64 bits; ARM, 32 bits",
		"256 MB", "1024 MB", "22000/tcp: Sync", "pi2", "100 MB of memory short, no build for arm", "/media", "Your files", "2 passwords are made", "called admin",
		`<a class="pill small" href="/store/sync/install"`)
}

func TestAnInstalledEntrySaysWhereItIs(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}, apps: []agent.App{{Name: "family", Entry: "sync", State: agent.StateRunning, URL: "https://family.ada.xyz"}}})
	has(t, b.page("/store/sync"), `href="https://family.ada.xyz"`, `href="/apps/family"`, "Install it once more")
	hasNot(t, b.as(agent.RoleMember).page("/store/sync"), "Install it once more")
}

func TestWhatFitsNowhereSaysSoAndCannotBeTapped(t *testing.T) {
	e := syncing()
	e.Fits, e.Nodes = nil, []agent.NodeFit{{Name: "pi2", Why: []string{"100 MB of memory short"}}}
	b := newBed(t, &cloud{entries: []agent.Entry{e}})
	page := b.page("/store/sync")
	has(t, page, "fits on none of your machines", "100 MB of memory short")
	hasNot(t, page, "/store/sync/install")
}

func TestTheTrustCardSaysInThreeLinesWhatIsUnusual(t *testing.T) {
	w := func(text string, _ ...any) string { return text }
	plain := trustOf(agent.Entry{Access: "app"}, w)
	if len(plain.Lines) != 3 {
		t.Fatalf("%d lines", len(plain.Lines))
	}
	for _, l := range plain.Lines {
		if l.Unusual || len(l.Texts) == 0 {
			t.Errorf("of a plain app it says %+v", l)
		}
	}
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	page := b.page("/store/sync")
	has(t, page, "It may change network settings (NET_ADMIN, service web).", "/share is open to everybody", "It opens 22000/tcp: Sync to the network of its machine.")
	if n := strings.Count(page, "data-unusual"); n != 3 {
		t.Errorf("%d lines are marked as unusual", n)
	}
	hasNot(t, page, "leaves the path", "opens port")
}

func TestAnEntryThatThereIsNotIsSaidPlainly(t *testing.T) {
	b := newBed(t, &cloud{})
	for _, path := range []string{"/store/none", "/store/none/install", "/store/%3Cscript%3E"} {
		w := b.get(path)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		hasNot(t, w.Body.String(), "<script>alert", "went wrong")
	}
}

func TestWhoMayWhatInTheStore(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	for path, least := range map[string]string{"/store": agent.RoleMember, "/store/sync": agent.RoleMember, "/store/sync/install": agent.RoleAdmin} {
		for _, role := range agent.Roles() {
			want := http.StatusOK
			if agent.Rank(role) < agent.Rank(least) {
				want = http.StatusForbidden
			}
			if got := b.as(role).get(path).Code; got != want {
				t.Errorf("%s gets %d at %s", role, got, path)
			}
		}
	}
	hasNot(t, b.as(agent.RoleMember).page("/store"), "/install")
}
