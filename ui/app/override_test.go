package app

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func (f *fake) Override(context.Context, string) (agent.Override, error) {
	return agent.Override{}, nil
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// desk is an app's pages over the sample cloud.
type desk struct {
	*sample.Cloud
	*webtest.Panel
}

func newDesk(t *testing.T) desk {
	t.Helper()
	c := sample.New(sample.At(noon))
	return desk{c, webtest.NewPanel(t, c, c.Accounts(), Routes(), noon)}
}

const page = "/apps/miniflux/override"

func TestATextIsLookedAtWithoutChangingAnything(t *testing.T) {
	d := newDesk(t)
	webtest.Has(t, d.Get("admin", page), "Begin with an example", `name="text"`)
	webtest.Has(t, d.Get("admin", page+"?example=1"), `job &#34;miniflux&#34;`, "An example")
	w := d.Send("admin", page, page+"/plan", url.Values{"text": {"job \"miniflux\" {\r\n}\r\n"}})
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.Has(t, w.Body.String(), "would start anew", "POLLING_FREQUENCY", "taken away", "job &#34;miniflux&#34; {\n}\n</textarea>")
	if o, _ := d.Override(t.Context(), "miniflux"); o.Text != "" {
		t.Errorf("it is set: %q", o.Text)
	}
	w = d.Send("admin", page, page+"/plan", url.Values{"text": {"memory = 99999"}})
	webtest.Has(t, w.Body.String(), "fits on none of your machines", "pi1: 96421 MB of memory short")
}

func TestWhatIsWrongWithATextIsToldAtItsLineAndNothingIsLost(t *testing.T) {
	d := newDesk(t)
	for _, to := range []string{page, page + "/plan"} {
		w := d.Send("admin", page, to, url.Values{"text": {"job {\n  task \"wrong\" {}\n}"}})
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", to, w.Code)
		}
		webtest.Has(t, w.Body.String(), `data-line="2"`, `data-column="9"`, "Line 2, column 9:", "There is no task wrong.", "Did you mean web?", `aria-invalid="true"`, "task &#34;wrong&#34;")
		webtest.HasNot(t, w.Body.String(), `name="allow"`)
	}
}

func TestWhatBreaksOutOfTheContainerIsAskedForAndProven(t *testing.T) {
	d := newDesk(t)
	text := "config {\n  network_mode = \"host\"\n}"
	webtest.HasNot(t, d.Get("owner", page), `name="allow"`)
	w := d.Send("owner", page, page, url.Values{"text": {text}})
	webtest.Has(t, w.Body.String(), `name="allow"`, "If you trust the app with that")
	webtest.HasNot(t, w.Body.String(), "--allow-privileged")

	w = d.Send("calm", page, page, url.Values{"text": {text}, "allow": {"true"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a proof: %d", w.Code)
	}
	webtest.Has(t, w.Body.String(), "/sudo?next=%2Fapps%2Fminiflux%2Foverride", "network_mode", `value="true" checked`)
	if o, _ := d.Override(t.Context(), "miniflux"); o.Text != "" {
		t.Fatal("it is set without a proof")
	}
	w = d.Send("owner", page, page, url.Values{"text": {text}, "allow": {"true"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/apps/miniflux" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if o, _ := d.Override(t.Context(), "miniflux"); o.Text != text || !o.Privileged {
		t.Errorf("%+v", o)
	}
}

func TestAnOverrideThatDoesNotFitAnyMoreIsToldOnAllOfTheAppsPages(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/apps/files", "/apps/files/settings", "/apps/files/override"} {
		webtest.Has(t, d.Get("admin", path), "does not fit any more", "Line 3 does not go with")
	}
	webtest.Has(t, d.Get("admin", "/apps/files/override"), `data-line="3"`, "What you wrote is gone then", `action="/apps/files/override/remove"`)
	webtest.HasNot(t, d.Get("admin", "/apps/miniflux/override"), "/override/remove")
	webtest.HasNot(t, d.Get("member", "/apps/files"), "/apps/files/override")
	webtest.Has(t, d.Get("admin", "/apps/syncthing"), "allowed to reach beyond its container", "Web uses the network of its machine")
	webtest.Has(t, d.Get("admin", "/apps/syncthing/advanced"), "The job is changed by hand", "uses the network of its machine")
	w := d.Send("admin", page, "/apps/files/override/remove", nil)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if o, _ := d.Override(t.Context(), "files"); o.Text != "" {
		t.Errorf("it is still there: %q", o.Text)
	}
}

func TestTheJobIsAFileToTakeAway(t *testing.T) {
	d := newDesk(t)
	for path, begin := range map[string]string{"/apps/miniflux/job.hcl": "# The app", "/apps/miniflux/job.json": "{"} {
		w := d.Ask("admin", http.MethodGet, path, nil)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), begin) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), `attachment; filename="miniflux.nomad.`) {
			t.Errorf("%s: %d %v %.60s", path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestAChangeOfSettingsIsLookedAtBeforeItIsMade(t *testing.T) {
	d := newDesk(t)
	at := "/apps/miniflux/settings"
	form := url.Values{"set-admin_email": {"ada@example.org"}, "set-language": {"de"}}
	w := d.Send("admin", at, at+"/plan", form)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.Has(t, w.Body.String(), "would start anew", "LANGUAGE", `value="ada@example.org"`)
	config, err := d.Config(t.Context(), "miniflux")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings {
		if s.Value == "de" {
			t.Error("it is changed")
		}
	}
}
