package settings

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func TestStoresAreAddedReadAnewAndTakenAwayByAdmins(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	page := b.Get("admin", "/settings/stores")
	webtest.Has(t, page, "casaos", "2 apps", "1 refused", "Could not be read", `aria-current="page">Stores`)
	webtest.HasNot(t, page, "/settings/cloud") // which is the owner's
	w := b.Send("admin", "/settings/stores", "/settings/stores", url.Values{"url": {"https://git.example/mine.git"}, "name": {"mine"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/settings/stores/mine" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.Has(t, b.Get("admin", "/settings/stores/mine"), "https://git.example/mine.git", "See its apps")
	webtest.Has(t, b.Get("admin", "/settings/stores/umbrel"), "does not answer", "still those from before")
	if w := b.Send("admin", "/settings/stores", "/settings/stores/umbrel/sync", nil); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	webtest.HasNot(t, b.Get("admin", "/settings/stores/umbrel"), "could not be read")
	if w := b.Send("admin", "/settings/stores", "/settings/stores/mine/remove", nil); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	if _, err := b.Store(t.Context(), "mine"); err == nil {
		t.Error("it is still there")
	}
}

func TestAStoreThatIsRefusedSaysWhyInWordsForAPageAndKeepsWhatWasTyped(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	for _, c := range []struct {
		form url.Values
		want string
	}{
		{url.Values{}, "neither an address nor a file"},
		{url.Values{"url": {"https://fail.example/x.zip"}, "name": {"new"}}, "does not answer"},
		{url.Values{"url": {"https://git.example/casaos.git"}, "name": {"casaos"}}, "There is a store called"},
	} {
		w := b.Send("admin", "/settings/stores", "/settings/stores", c.form)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", c.form, w.Code)
		}
		webtest.Has(t, w.Body.String(), c.want, `value="`+c.form.Get("url")+`"`)
		webtest.HasNot(t, w.Body.String(), "--name", "dcloud catalog")
	}
}

func TestAStoresPageSaysWhatBecameOfItsApps(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	webtest.Has(t, b.Get("admin", "/settings/stores/casaos"), "portainer", "Docker&#39;s socket", "left out", "/dev/dri", "/store?store=casaos")
	if w := b.Ask("member", http.MethodGet, "/settings/stores", nil); w.Code != http.StatusForbidden {
		t.Errorf("a member: %d", w.Code)
	}
}

func TestAStoreOfThousandsOfAppsIsAPageThatEnds(t *testing.T) {
	d := agent.StoreDetail{}
	for range 5000 {
		d.Apps = append(d.Apps, agent.StoreApp{Name: "s/refused", Refused: "no"}, agent.StoreApp{Name: "s/noted", Notes: []agent.StoreNote{{Kind: "changed", Text: "x"}}})
	}
	d.Apps = append(d.Apps, agent.StoreApp{Name: "s/well", Notes: []agent.StoreNote{{Kind: "info", Text: "x"}}})
	p := storePageOf(d, nil)
	if len(p.Refused) != mostShown || len(p.Noted) != mostShown || p.Left != 10_000-2*mostShown {
		t.Errorf("%d, %d and %d", len(p.Refused), len(p.Noted), p.Left)
	}
	if strings.Contains(p.Refused[0].Name, "/") {
		t.Errorf("its name is %s", p.Refused[0].Name)
	}
}
