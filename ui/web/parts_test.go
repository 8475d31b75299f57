package web

import (
	"bytes"
	"html/template"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
)

// noon is when the pages of these tests are made.
var noon = time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)

// renderPart renders a part of base with data, for somebody of English.
func renderPart(t *testing.T, name string, d any) string {
	t.Helper()
	k := New(Options{Live: live.New(nil, nil), Now: func() time.Time { return noon }}, nil)
	c := k.ctx(k.echo.NewContext(httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()))
	var b bytes.Buffer
	if err := ownPages[""].ExecuteTemplate(&b, name, View{c, d}); err != nil {
		t.Fatalf("%s of %v: %v", name, d, err)
	}
	html := b.String()
	if strings.Contains(html, "<no value>") || strings.Contains(html, "%!") {
		t.Errorf("%s of %v: %s", name, d, html)
	}
	return html
}

func number64(v float64) *float64 { return &v }

func TestEachPartShowsWhatItIsGiven(t *testing.T) {
	for _, c := range []struct {
		part string
		data any
		has  []string
		not  string
	}{
		{"icon", "house", []string{`#house"`, `aria-hidden="true"`}, ""},
		{"app-icon", map[string]any{"Entry": "miniflux", "Title": "Miniflux"}, []string{`src="/icons/miniflux.svg?v=`, `width="60" height="60"`, `alt=""`}, ""},
		{"app-icon", map[string]any{"Entry": "miniflux", "Size": "large"}, []string{`class="app-icon large"`, `width="96"`}, ""},
		{"app-icon", map[string]any{"Entry": `"><script>`}, []string{"/icons/"}, "<script"},
		{"state", agent.StateRunning, []string{`class="state ok"`, "Running"}, ""},
		{"state", agent.StateFailed, []string{`class="state bad"`, "Failed"}, ""},
		{"state", agent.NodeDown, []string{`class="state bad"`, "Away"}, ""},
		{"state", agent.OutcomeDone, []string{`class="state ok"`, "Done"}, ""},
		{"state", "<b>new</b>", []string{`class="state idle"`, "&lt;b&gt;new"}, "<b>"},
		{"message", agent.Errorf(agent.CodeFailed, "100%% of it is gone").WithHint("look in <logs>"), []string{`role="alert"`, "100% of it is gone.", "Look in &lt;logs&gt;."}, ""},
		{"meter", map[string]any{"Label": "Memory", "Used": 620, "Total": 1000, "Text": "620 MB"}, []string{`<rect width="62"`, `aria-valuenow="62"`, "620 MB", `class="meter ok"`}, ""},
		{"meter", map[string]any{"Label": "Disk", "Used": 99, "Total": 100, "Text": ""}, []string{`class="meter bad"`}, ""},
		{"meter", map[string]any{"Label": "Disk", "Used": 900, "Total": 100, "Text": ""}, []string{`<rect width="100"`}, ""},
		{"meter", map[string]any{"Label": "CPU", "Used": -1, "Total": 100}, []string{"not known"}, "<rect"},
		{"meter", map[string]any{"Label": "CPU", "Used": 3, "Total": 0}, []string{"not known"}, "<rect"},
		{"ring", 62, []string{`stroke-dasharray="62 100"`, `aria-valuenow="62"`}, "unknown"},
		{"ring", 900, []string{`stroke-dasharray="100 100"`}, ""},
		{"ring", -1, []string{`class="ring unknown"`}, "valuenow"},
		{"spark", []*float64{number64(1), number64(2), nil, number64(4), number64(3)}, []string{"<polyline", "<polygon"}, "NaN"},
		{"spark", []*float64{nil, nil}, []string{"<svg"}, "<polyline"},
		{"spark", []*float64{number64(0), number64(0), number64(math.NaN()), number64(math.Inf(1))}, []string{"<polyline"}, "NaN"},
		{"spark", []*float64(nil), []string{"<svg"}, "<polyline"},
		{"warning", Warning{LevelBad, "It is full.", "Remove something.", "/machines", "Machines"}, []string{`role="alert"`, "octagon-alert", `href="/machines"`, ">Machines<"}, ""},
		{"warning", Warning{Level: LevelInfo, Text: "A word."}, []string{`role="note"`, "A word."}, "<a"},
		{"warning", Warning{Level: LevelWarn, Text: "x", Href: "javascript:alert(1)"}, []string{"x"}, "javascript:"},
		{"empty", map[string]any{"Icon": "house", "Title": "No apps yet", "Text": "Words.", "Href": "/store", "Action": "Store"}, []string{"No apps yet", `href="/store"`, "#house"}, ""},
		{"empty", map[string]any{"Title": "Nothing"}, []string{"Nothing"}, "<a"},
		{"time", noon.Add(-3 * time.Minute), []string{`datetime="2026-05-03T11:57:00Z"`, "3 minutes ago", "Sunday, 3 May 2026"}, ""},
		{"time", time.Time{}, []string{"never"}, "<time"},
		{"copy", `echo "<x>"`, []string{"echo &#34;&lt;x&gt;&#34;", "data-copy"}, "<x>"},
		{"csrf", nil, []string{`name="csrf"`}, ""},
	} {
		html := renderPart(t, c.part, c.data)
		for _, want := range c.has {
			if !strings.Contains(html, want) {
				t.Errorf("%s of %v lacks %s:\n%s", c.part, c.data, want, html)
			}
		}
		if c.not != "" && strings.Contains(html, c.not) {
			t.Errorf("%s of %v has %s:\n%s", c.part, c.data, c.not, html)
		}
	}
}

func TestAFieldSaysWhatItWantsAndWhatIsWrong(t *testing.T) {
	least := 1.0
	for _, c := range []struct {
		field Field
		has   []string
	}{
		{Field{Name: "title", Label: "Name", Value: `"x"`, Required: true, Help: "As it is called.", Error: "it is taken"},
			[]string{`for="f-title"`, `value="&#34;x&#34;"`, " required", `aria-invalid="true"`, `aria-describedby="f-title-help f-title-error"`, `id="f-title-error"`, "it is taken"}},
		{Field{Name: "pw", Label: "Password", Type: FieldPassword, Autocomplete: "new-password"}, []string{`type="password"`, `autocomplete="new-password"`, "data-reveal"}},
		{Field{Name: "n", Label: "Limit", Type: FieldNumber, Default: "512", Min: &least}, []string{`type="number"`, `min="1"`, `placeholder="512"`, "optional"}},
		{Field{Name: "c", Label: "Who", Type: FieldChoice, Choices: []string{"a", "b"}, Value: "b"}, []string{`<option value="b" selected>`}},
		{Field{Name: "b", Label: "Open", Type: FieldBool, Value: "true", Required: true}, []string{`role="switch"`, " checked"}},
		{Field{Name: "t", Label: "Zone", Type: FieldTimezone, Default: "Europe/Berlin"}, []string{`type="text"`, `placeholder="Europe/Berlin"`}},
		{Field{Name: "code", Label: "Code", Autocomplete: "one-time-code"}, []string{`inputmode="numeric"`}},
		{FieldOf(agent.ConfigSetting{Name: "base_url", Type: "string", Value: "set", Default: "default"}, "", ""), []string{"base_url", `value="set"`, `placeholder="default"`}},
		{FieldOf(agent.ConfigSetting{Name: "pw", Type: "password", Given: true, Required: true}, "", ""),
			[]string{`type="password"`, `autocomplete="new-password"`, `value=""`, "Leave this empty to keep it", "optional"}},
		{FieldOf(agent.ConfigSetting{Name: "x", Title: "X", Type: "bool", Default: "true"}, "", ""), []string{" checked"}},
		{FieldOf(agent.ConfigSetting{Name: "x", Title: "X", Type: "email", Value: "old@example.org"}, "new", "no address"), []string{`value="new"`, "no address"}},
	} {
		html := renderPart(t, "field", c.field)
		for _, want := range c.has {
			if !strings.Contains(html, want) {
				t.Errorf("%+v lacks %s:\n%s", c.field, want, html)
			}
		}
	}
}

func TestAPasswordIsNeverSentBackToThePage(t *testing.T) {
	for _, value := range []string{"", "hunter2"} {
		html := renderPart(t, "field", FieldOf(agent.ConfigSetting{Name: "pw", Type: "password", Value: "hunter2", Default: "hunter2"}, value, "it is too long"))
		if strings.Contains(html, "hunter2") || !strings.Contains(html, `value=""`) || !strings.Contains(html, "it is too long") {
			t.Errorf("with %q typed:\n%s", value, html)
		}
	}
}

func TestASwitchThatIsOffIsNotSentAsRequired(t *testing.T) {
	if html := renderPart(t, "field", Field{Name: "b", Label: "Open", Type: FieldBool, Required: true}); strings.Contains(html, " required") {
		t.Errorf("a switch could not be left off:\n%s", html)
	}
}

func TestAnInstallSaysWhatIsDoneUnderWayAndToCome(t *testing.T) {
	op := live.Op{Stages: []live.Stage{
		{Name: agent.StageResolve, State: agent.EventDone}, {Name: agent.StageCheck, State: agent.EventDone, Message: "fits pi2"},
		{Name: agent.StagePull, State: agent.EventProgress, Message: "48 of 77 MB"}}}
	html := renderPart(t, "stages", op)
	at := -1
	for _, want := range []string{"Checked", "fits pi2", `class="now"`, "Downloading", "48 of 77 MB", `class="next"`, "Started", "On the web"} {
		next := strings.Index(html[at+1:], want)
		if next < 0 {
			t.Fatalf("%s is not there, or not in its place:\n%s", want, html)
		}
		at += 1 + next
	}
	op.Stages[2].State, op.Last.Final = agent.EventFailed, true
	if html := renderPart(t, "stages", op); strings.Contains(html, `class="next"`) || !strings.Contains(html, `class="failed"`) {
		t.Errorf("after it failed:\n%s", html)
	}
}

func TestNothingIsUnderWayInAnOperationThatIsOver(t *testing.T) {
	op := live.Op{Last: agent.Event{Final: true, State: agent.EventFailed}, Stages: []live.Stage{
		{Name: agent.StageResolve, State: agent.EventDone}, {Name: agent.StagePull, State: agent.EventStarted},
		{Name: agent.StageStart, State: agent.EventFailed}, {Name: agent.StageHealthy, State: agent.EventStarted},
		{Name: agent.StageRemove, State: agent.EventProgress}}}
	html := renderPart(t, "stages", op)
	if strings.Contains(html, `class="now"`) || strings.Contains(html, "Waiting until it answers") {
		t.Errorf("after it failed:\n%s", html)
	}
	for _, want := range []string{"Downloaded", "Removed", `class="failed"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not there:\n%s", want, html)
		}
	}
	op.Last.Final, op.Stages = false, op.Stages[:3]
	if op.Stages[2].State = agent.EventProgress; strings.Count(renderPart(t, "stages", op), `class="now"`) != 2 {
		t.Error("what goes on beside something else is not under way")
	}
}

func TestATimeIsSaidAsPeopleSayIt(t *testing.T) {
	k := New(Options{Now: func() time.Time { return noon }}, nil)
	c := &Ctx{Kernel: k, lang: languages[0]}
	for _, w := range []struct {
		before time.Duration
		words  string
	}{
		{10 * time.Second, "just now"}, {-10 * time.Second, "in a moment"}, {time.Minute, "1 minute ago"}, {59 * time.Minute, "59 minutes ago"},
		{time.Hour, "1 hour ago"}, {23 * time.Hour, "23 hours ago"}, {24 * time.Hour, "1 day ago"}, {-2 * time.Hour, "in 2 hours"},
		{60 * 24 * time.Hour, "4 March"}, {400 * 24 * time.Hour, "29 March 2025"},
	} {
		if got := c.Ago(noon.Add(-w.before)); got != w.words {
			t.Errorf("%v before: %q, want %q", w.before, got, w.words)
		}
	}
}

func TestAQRCodeIsDrawnOfNumbersAlone(t *testing.T) {
	html := renderPart(t, "qr", `https://panel.ada.xyz/join/"><script>`)
	if !strings.Contains(html, "<path d=") || strings.Contains(html, "script") {
		t.Error(html)
	}
	if html := renderPart(t, "qr", strings.Repeat("x", 5000)); strings.Contains(html, "<svg") {
		t.Error("something was drawn of a text that is too long for a code")
	}
}

// TestPartsAreToBeUsedByPagesOfOtherPackages holds what a page package does.
func TestPartsAreToBeUsedByPagesOfOtherPackages(t *testing.T) {
	pages := MustParse(fstest.MapFS{
		"_x.html": {Data: []byte(`{{define "x"}}{{template "state" (part $ .D)}}{{end}}`)},
		"p.html":  {Data: []byte(`{{define "title"}}P{{end}}{{define "main"}}{{template "x" (part . "running")}}{{end}}`)},
	})
	var b bytes.Buffer
	k := New(Options{Live: live.New(nil, nil)}, nil)
	c := k.ctx(k.echo.NewContext(httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()))
	if err := pages["p.html"].ExecuteTemplate(&b, "layout", View{c, nil}); err != nil || !strings.Contains(b.String(), "Running") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if _, err := template.New("").Parse(b.String()); err != nil {
		t.Error(err)
	}
}
