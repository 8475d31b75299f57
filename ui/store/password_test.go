package store

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAPasswordIsInstalledWithAndInNoAnswer(t *testing.T) {
	entry := simple()
	entry.Settings = append(entry.Settings, agent.ConfigSetting{Name: "pw", Title: "Mail password", Type: "password", Required: true})
	b := newBed(t, &cloud{entries: []agent.Entry{entry}})
	has(t, b.page("/store/hello/install"), `type="password"`, `autocomplete="new-password"`, `name="set.pw"`)
	form := url.Values{"name": {"hello"}, "access": {"app"}, "node": {""}, "set.greeting": {"hi"}, "set.pw": {"hunter2"}}
	// While it is typed, its field stays as it is.
	part := b.htmx("store-check").post("/store/hello/check", form).Body.String()
	has(t, part, `id="w-set.greeting" hx-swap-oob="true"`)
	hasNot(t, part, "hunter2", "w-set.pw")

	b.refuse = agent.Errorf(agent.CodeConflict, "there is an app called %q already", "hello").WithHint("choose another name with --name")
	w := b.post("/store/hello/install", form)
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	has(t, w.Body.String(), "Type it once more", "There is an app called")
	hasNot(t, w.Body.String(), "hunter2")

	b.refuse = nil
	if w := b.post("/store/hello/install", form); w.Code != http.StatusSeeOther || len(b.asked) == 0 || b.asked[len(b.asked)-1].Settings["pw"] != "hunter2" {
		t.Errorf("%d, %v", w.Code, b.asked)
	}
}
