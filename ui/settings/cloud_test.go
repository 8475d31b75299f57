package settings

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func TestTheCloudsSettingsAreTheOwnersAlone(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	page := b.Get("owner", "/settings/cloud")
	webtest.Has(t, page, `value="indigo" checked`, `value="violet"`, "Ada&#39;s cloud", "https://ntfy.example/adas-cloud", "Send a test", "traefik 3.6.2", "port 443 is taken", "panel.ada.xyz")
	if n := strings.Count(page, `name="accent"`); n != 8 {
		t.Errorf("%d colours", n)
	}
	for _, who := range []string{"admin", "member", "guest"} {
		if w := b.Ask(who, http.MethodGet, "/settings/cloud", nil); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
}

func TestNameAndColourAreSavedAndWhatCannotBeIsRefused(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	if w := b.Send("owner", "/settings/cloud", "/settings/cloud", url.Values{"name": {"Home"}, "accent": {"rose"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	// The frame of the very next page has them too.
	webtest.Has(t, b.Get("owner", "/settings/cloud"), `value="rose" checked`, `value="Home"`, `data-accent="rose"`, "Home</title>")
	w := b.Send("owner", "/settings/cloud", "/settings/cloud", url.Values{"name": {"<b>Mine"}, "accent": {"plaid"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	webtest.Has(t, w.Body.String(), "&lt;b&gt;Mine", "none of the colours")
}

func TestTheDomainChangesOnlyWithAProofAndTypedTwice(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	if w := b.Send("calm", "/settings/cloud", "/settings/domain", url.Values{"domain": {"ada.org"}, "confirm": {"ada.org"}}); !strings.HasPrefix(w.Header().Get("Location"), "/sudo") {
		t.Errorf("without a proof: %d", w.Code)
	}
	for _, form := range []url.Values{{"domain": {"ada.org"}, "confirm": {"ada.or"}}, {"domain": {"no domain"}, "confirm": {"no domain"}}} {
		if w := b.Send("owner", "/settings/cloud", "/settings/domain", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	if s, _ := b.Settings(t.Context()); s.Domain != "ada.xyz" {
		t.Errorf("it moved to %s", s.Domain)
	}
	w := b.Send("owner", "/settings/cloud", "/settings/domain", url.Values{"domain": {"Ada.org "}, "confirm": {"ada.ORG"}})
	webtest.Has(t, w.Body.String(), "moves to ada.org", "http://panel.ada.org/sign-in", `http-equiv="refresh"`)
}

func TestWhereFailuresAreToldIsTriedAndItsPasswordNeverShown(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	form := url.Values{"webhook": {"https://fail.example"}, "smtp": {"smtps://ada@mail.example"}, "smtp_password": {"s3cret-s3cret"}}
	if w := b.Send("owner", "/settings/cloud", "/settings/notify", form); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	page := b.Get("owner", "/settings/cloud")
	webtest.Has(t, page, "https://fail.example", "kept as it is")
	webtest.HasNot(t, page, "s3cret")
	w := b.Send("owner", "/settings/cloud", "/settings/notify/test", nil)
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	webtest.Has(t, w.Body.String(), "404 Not Found", "https://fail.example")
}
