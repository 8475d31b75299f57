package main

import (
	"embed"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

func shelfRoutes() []web.Route {
	return []web.Route{{Method: http.MethodGet, Path: "/gallery", Action: agent.ActOpenApps, Handle: shelfPage}}
}

// shelf is every part with all that it may be given.
type shelf struct {
	Schemes  []string
	States   []struct{ Name, About string }
	Roles    []string
	Pages    []string
	Words    []string
	Accents  []string
	Fields   []web.Field
	Warnings []web.Warning
	Errors   []*agent.Error
	Rings    []int
	Meters   []map[string]any
	Points   []*float64
	Gap      []*float64
	Ops      []live.Op
	Times    []time.Time
	Link     string
	Verdicts []agent.Verdict
	Diff     []agent.Change
	Cautions []string
}

func shelfPage(c *web.Ctx) error {
	number := func(f float64) *float64 { return &f }
	s := shelf{
		Schemes: []string{"light", "dark"}, States: states, Roles: agent.Roles(), Accents: agent.Accents(), Pages: places(c.Kernel.Routes()),
		Words: []string{agent.StateInstalling, agent.StateRunning, agent.StateDegraded, agent.StateStopped, agent.StateFailed,
			agent.NodeJoining, agent.NodeReady, agent.NodeDown, agent.NodeDraining, agent.NodeLeft, agent.OutcomeDone, "under way", "passing", "critical", "something new"},
		Warnings: []web.Warning{
			{Level: web.LevelInfo, Text: "A new version of Miniflux is there.", Href: "/apps/miniflux", Action: "Have a look"},
			{Level: web.LevelWarn, Text: "pi1 is nearly full.", Hint: "246 MB of its memory are free.", Href: "/machines/pi1"},
			{Level: web.LevelBad, Text: "Jellyfin does not run.", Hint: "It ended with exit code 137."},
		},
		Errors: []*agent.Error{agent.Errorf(agent.CodeConflict, "files is busy: restart is under way since 10:12:03"),
			agent.Errorf(agent.CodeFailed, "Nextcloud needs 300 MB more than pi1 has").WithHint("put it on vps1, or stop an app")},
		Rings: []int{-1, 0, 7, 62, 100},
		Meters: []map[string]any{
			{"Label": "Memory", "Used": 410, "Total": 2048, "Text": "410 MB of 2 GB"},
			{"Label": "Memory", "Used": 1800, "Total": 2048, "Text": "1.8 of 2 GB"},
			{"Label": "Memory", "Used": 2040, "Total": 2048, "Text": "2 of 2 GB"},
			{"Label": "Disk", "Used": -1, "Total": 0, "Text": ""},
		},
		Times: []time.Time{{}, c.Now(), c.Now().Add(-4 * time.Minute), c.Now().Add(-26 * time.Hour), c.Now().Add(-400 * 24 * time.Hour), c.Now().Add(time.Hour)},
		Link:  "https://panel.ada.xyz/join/sample-k3yk3yk3yk3yk3y",
		Fields: []web.Field{
			{Name: "text", Label: "Name", Help: "What it is called.", Required: true, Value: "Miniflux"},
			{Name: "empty", Label: "Address", Type: web.FieldURL, Default: "https://example.org"},
			{Name: "wrong", Label: "E-mail address", Type: web.FieldEmail, Value: "ada", Error: "must be an e-mail address, as in ada@example.org"},
			{Name: "number", Label: "How many", Type: web.FieldNumber, Value: "4", Min: number(1), Max: number(64)},
			{Name: "choice", Label: "Language", Type: web.FieldChoice, Choices: []string{"en", "de"}, Value: "de", Required: true},
			{Name: "off", Label: "Anybody may make an account", Type: web.FieldBool, Help: "Off is safer."},
			{Name: "on", Label: "Keep it up to date", Type: web.FieldBool, Value: "true"},
			{Name: "password", Label: "Password", Type: web.FieldPassword, Autocomplete: "new-password", Required: true},
			{Name: "path", Label: "Folder", Type: web.FieldPath, Value: "/srv/media"},
			{Name: "timezone", Label: "Time zone", Type: web.FieldTimezone, Value: "Europe/Berlin"},
		},
		Ops: ops(c.Now()),
		Verdicts: []agent.Verdict{{Do: agent.VerdictNothing}, {Do: agent.VerdictInPlace}, {Do: agent.VerdictRestart}, {Do: agent.VerdictPlace, Node: "pi1"}, {Do: agent.VerdictStop},
			{Do: agent.VerdictBlocked, Why: []string{"pi1: 300 MB of memory short", "vps1: no build for its kind of processor"}}},
		Diff: []agent.Change{{Address: "group.miniflux.task.web.env.LOG_LEVEL", Op: agent.DiffAdded, New: `"debug"`},
			{Address: "group.miniflux.task.web.resources.memory", Op: agent.DiffChanged, Old: "128", New: "256"},
			{Address: `group.miniflux.task.web.template["secrets/a-file-with-a-rather-long-name.env"]`, Op: agent.DiffChanged, Old: "(a template with secrets)", New: "(a template with secrets)"},
			{Address: "group.miniflux.task.web.env.RUN_MIGRATIONS", Op: agent.DiffRemoved, Old: `"1"`}},
		Cautions: []string{"web uses the network of its machine", "web runs privileged: it is root on the machine"},
	}
	for k := range 60 {
		v := 20 + 15*math.Sin(float64(k)/6)
		s.Points, s.Gap = append(s.Points, &v), append(s.Gap, &v)
	}
	for k := 20; k < 35; k++ {
		s.Gap[k] = nil
	}
	return c.Page(pages, "gallery.html", s)
}

// ops are an operation in the middle, one that is done and one that failed.
func ops(now time.Time) []live.Op {
	stage := func(name, state, message string) live.Stage {
		return live.Stage{Name: name, State: state, Message: message, Began: now}
	}
	begun := []live.Stage{stage(agent.StageResolve, agent.EventDone, "Miniflux 2.2.15"), stage(agent.StageCheck, agent.EventDone, "fits pi1"), stage(agent.StageSecrets, agent.EventDone, "2 passwords made")}
	pulling := append(slices.Clone(begun), stage(agent.StagePull, agent.EventProgress, "48 of 77 MB"))
	failed := append(slices.Clone(begun), stage(agent.StagePull, agent.EventFailed, "the registry does not answer"))
	return []live.Op{
		{ID: "1", Stages: pulling, Began: now, Last: agent.Event{App: "miniflux", Stage: agent.StagePull, State: agent.EventProgress, Percent: 62, Bytes: 48 << 20, Total: 77 << 20, Left: 9}},
		{ID: "2", Stages: failed, Began: now, Last: agent.Event{App: "miniflux", Stage: agent.StagePull, State: agent.EventFailed, Percent: 62, Final: true, Error: agent.Errorf(agent.CodeFailed, "the registry does not answer")}},
	}
}

// places are the pages that can be looked at, with names in the place of parameters.
func places(routes []web.Route) []string {
	names := strings.NewReplacer("/store/:store/:entry", "/store/casaos/jellyfin", "/stores/:store", "/stores/umbrel", "/store/:entry", "/store/nextcloud", "/apps/:name", "/apps/miniflux", "/machines/:name", "/machines/pi1", "/people/:user", "/people/member")
	var out []string
	for _, r := range routes {
		p := names.Replace(r.Path)
		if r.Method == http.MethodGet && !r.Stream && !strings.ContainsAny(p, ":*.") && p != "/gallery" {
			out = append(out, p)
		}
	}
	for _, app := range []string{"nextcloud", "jellyfin", "gitea", "vaultwarden", "syncthing", "nothing"} {
		out = append(out, "/apps/"+app)
	}
	return append(out, "/store/umbrel/mempool", "/store/casaos/memos", "/settings/stores/casaos", "/store?store=casaos", "/machines/pi2", "/machines/vps1", "/people/mary", "/people/hedy", "/welcome/first", "/join/invite", "/join/reset")
}
