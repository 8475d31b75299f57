package store

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

func simple() agent.Entry {
	return agent.Entry{Name: "hello", Title: "Hello", Access: "app", Fits: []string{"pi1"}, Nodes: []agent.NodeFit{{Name: "pi1", Fits: true}},
		Settings: []agent.ConfigSetting{{Name: "greeting", Title: "Greeting", Type: "string", Default: "hi", Value: "hi"}}}
}

func TestAnEntryThatNeedsNothingIsInstalledWithOneTap(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{simple()}})
	sheet := b.htmx("store-sheet").page("/store/hello/install")
	has(t, sheet, `id="sheet-title"`, "Who can open it", "What it may do", `type="submit"`, "Choose its name, address and more", "It will run on pi1, at https://hello.ada.xyz.")
	hasNot(t, sheet, "<html")
	form := url.Values{"name": {"hello"}, "access": {"app"}, "node": {""}, "set.greeting": {"hi"}}
	w := b.htmx("store-sheet").post("/store/hello/install", form)
	if w.Code != http.StatusOK || w.Header().Get("HX-Trigger") != "store-begun" || w.Header().Get("HX-Reswap") != "none" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	has(t, w.Body.String(), `id="store-live"`, "Hello is being installed", `href="/apps/hello"`)
	want := agent.InstallRequest{Entry: "hello", Name: "hello", Settings: map[string]string{}}
	if diff := cmp.Diff([]agent.InstallRequest{want}, b.asked); diff != "" {
		t.Error(diff)
	}
}

func TestAnInstallWorksWithoutAScript(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	has(t, b.page("/store/sync/install"), `<form`, `method="post"`, `name="csrf"`, `name="set.mail"`, `type="email"`, `role="switch"`, `name="subdomain"`, `name="access"`, `name="node"`, "More settings", "100 MB of memory short")
	w := b.post("/store/sync/install", url.Values{"name": {"family"}, "subdomain": {"files"}, "access": {"private"}, "node": {"pi1"}, "set.mail": {"ada@example.org"}, "set.size": {"9"}, "set.replicas": {"1"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/apps/family" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	want := agent.InstallRequest{Entry: "sync", Name: "family", Subdomain: "files", Access: "private", Node: "pi1",
		Settings: map[string]string{"mail": "ada@example.org", "open": "false", "size": "9"}}
	if diff := cmp.Diff([]agent.InstallRequest{want}, b.asked); diff != "" {
		t.Error(diff)
	}
}

func TestARefusalKeepsAllThatWasTypedAndStandsAtItsField(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	b.refuse = agent.Errorf(agent.CodeInvalid, "a setting is not right: mail: must be an e-mail address; size: must be at most 8").WithHint("see with: dcloud app show sync")
	form := url.Values{"name": {"family"}, "subdomain": {"files"}, "access": {"public"}, "node": {"pi1"}, "set.mail": {"nonsense<"}, "set.size": {"99"}}
	w := b.post("/store/sync/install", form)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatal(w.Code)
	}
	page := w.Body.String()
	has(t, page, `value="family"`, `value="files"`, `value="nonsense&lt;"`, `value="99"`, "Must be an e-mail address.", "Must be at most 8.", `id="f-set.mail-error"`)
	hasNot(t, page, "dcloud app", `id="f-set.open" name="set.open" value="true" checked`)
	if n := strings.Count(page, " autofocus>"); n != 1 {
		t.Errorf("the page begins at %d fields", n)
	}
	if !strings.Contains(page, `value="public" checked`) || !strings.Contains(page, `value="pi1" checked`) {
		t.Error("what was chosen is gone")
	}
	has(t, b.htmx("store-sheet").post("/store/sync/install", form).Body.String(), "Must be an e-mail address.", `id="sheet-title"`)
}

func TestACloudThatIsAwayKeepsTheFormToo(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{simple()}})
	b.refuse = agent.Errorf(agent.CodeUnavailable, "no machine is ready to run apps").WithHint("see why with: dcloud doctor")
	w := b.post("/store/hello/install", url.Values{"name": {"mine"}})
	has(t, w.Body.String(), "No machine is ready to run apps", `value="mine"`)
	b.refuse = errors.New("disk on fire at /secret/path")
	w = b.post("/store/hello/install", url.Values{"name": {"mine"}})
	if w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
	hasNot(t, w.Body.String(), "/secret/path")
}

func TestWhileTypingOnlyWhatWasTypedIsCalledWrong(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{syncing()}})
	form := url.Values{"name": {"family"}, "set.mail": {""}, "set.size": {"x"}}
	b.refuse = agent.Errorf(agent.CodeInvalid, "a setting is not right: mail: must be given")
	part := b.htmx("store-check").post("/store/sync/check", form).Body.String()
	has(t, part, `id="store-check"`, "Fill in what is asked for", `id="w-set.mail" hx-swap-oob="true"`)
	hasNot(t, part, "Must be given", "<html")
	b.refuse = agent.Errorf(agent.CodeInvalid, "a setting is not right: mail: must be given; size: must be a number, as in 8 or 0.5")
	has(t, b.htmx("store-check").post("/store/sync/check", form).Body.String(), "Must be a number, as in 8 or 0.5.", "not right yet")
	b.refuse = agent.Errorf(agent.CodeConflict, "there is an app called %q already", "family").WithHint("choose another name with --name")
	has(t, b.htmx("store-check").post("/store/sync/check", form).Body.String(), "There is an app called &#34;family&#34; already.")
	b.refuse = nil
	has(t, b.htmx("store-check").post("/store/sync/check", form).Body.String(), "It will run on pi1, at https://family.ada.xyz.")
	if len(b.asked) > 0 {
		t.Error("a check installed something")
	}
}

func TestTryingAgainFillsTheFormAndSaysWhyItFailed(t *testing.T) {
	request := agent.InstallRequest{Entry: "sync", Name: "family", Subdomain: "files", Access: "private", Node: "pi1", Settings: map[string]string{"mail": "ada@example.org", "open": "false"}}
	history := []agent.Activity{{ID: "7", Action: "install", App: "family", Outcome: agent.OutcomeFailed, Request: &request,
		Error: agent.Errorf(agent.CodeFailed, "the image of web cannot be fetched"), Logs: []string{"last <words>"}}}
	b := newBed(t, &cloud{entries: []agent.Entry{syncing(), simple()}, history: history})
	page := b.page("/store/sync/install?again=7")
	has(t, page, "It did not work before.", "The image of web cannot be fetched", "last &lt;words&gt;", `value="family"`, `value="files"`, `value="ada@example.org"`, `value="private" checked`, `value="pi1" checked`)
	hasNot(t, page, `name="set.open" value="true" checked`)
	hasNot(t, b.page("/store/hello/install?again=7"), "It did not work before.", "family")
	hasNot(t, b.page("/store/sync/install?again=%3Cx%3E"), "It did not work before.")
}

func TestANewAppGetsANameThatIsFree(t *testing.T) {
	apps := []agent.App{{Name: "sync"}, {Name: "sync-2"}}
	if got := freeName("sync", apps); got != "sync-3" {
		t.Error(got)
	}
	long := strings.Repeat("a", 40)
	if got := freeName(long, []agent.App{{Name: long}}); len(got) > 40 || got == long {
		t.Error(got)
	}
}

func TestEveryRefusalFindsItsField(t *testing.T) {
	names := []string{"mail", "size"}
	for message, field := range map[string]string{
		`"A b" cannot be an app's name`:                                         fieldName,
		`"A b" cannot be an app's subdomain`:                                    fieldAddress,
		`there is an app called "x" already`:                                    fieldName,
		`the data of an app called x is still here, and it was gitea`:           fieldName,
		`the address x.ada.xyz belongs to another app`:                          fieldAddress,
		`the address "panel" is the cloud's own`:                                fieldAddress,
		`"all" is no kind of access`:                                            fieldAccess,
		`there is no machine called "pi9"`:                                      fieldNode,
		`sync does not fit on pi1: 300 MB of memory short`:                      fieldNode,
		`sync cannot run on pi1: its data is on pi2`:                            fieldNode,
		`a setting is not right: mail: must match [a-z]+; no more than 9; size`: setting + "mail",
	} {
		byField, rest := place(agent.Errorf(agent.CodeInvalid, "%s", message).WithHint("dcloud x"), names)
		if byField[field] == "" || rest != nil || len(byField) != 1 {
			t.Errorf("%s: %v %v", message, byField, rest)
		}
	}
	byField, rest := place(agent.Errorf(agent.CodeFailed, "sync fits on no machine: pi1: no").WithHint("see what there is with: dcloud node list"), names)
	if len(byField) > 0 || rest == nil || rest.Hint != "" {
		t.Errorf("%v %v", byField, rest)
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("a setting is not right: mail: x; size: y; z", "mail")
	f.Add("there is an app called", "")
	f.Fuzz(func(t *testing.T, message, name string) {
		byField, rest := place(agent.Errorf(agent.CodeInvalid, "%s", message), []string{name})
		if len(byField) == 0 && rest == nil {
			t.Fatal("an error was lost")
		}
	})
}

func TestItSaysWhyThatMachine(t *testing.T) {
	fits := func(name string) agent.NodeFit { return agent.NodeFit{Name: name, Fits: true} }
	most := agent.NodeFit{Name: "pi1", Fits: true, Chosen: true}
	short := agent.NodeFit{Name: "pi2", Why: []string{"300 MB of memory short"}}
	for _, c := range []struct {
		nodes []agent.NodeFit
		asked string
		want  string
	}{
		{nil, "", ""},
		{[]agent.NodeFit{most}, "", ""},
		{[]agent.NodeFit{most, short}, "", "It fits on no other of your machines."},
		{[]agent.NodeFit{most, fits("vps1")}, "", "There is the most room."},
		{[]agent.NodeFit{fits("pi1"), fits("vps1")}, "", "Your cloud picks one of them."},
		{[]agent.NodeFit{most, {Name: "pi2", Why: []string{"not the machine that was asked for"}}}, "pi1", ""},
		{[]agent.NodeFit{most, {Name: "pi2", Why: []string{"its data is on pi1"}}}, "", "Its data is there already."},
	} {
		if got := whyThere(agent.Plan{Nodes: c.nodes}, c.asked, web.Language{}); got != c.want {
			t.Errorf("%+v, asked for %q: %q", c.nodes, c.asked, got)
		}
	}
}
