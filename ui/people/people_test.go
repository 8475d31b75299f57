package people

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func TestEverybodyIsListedWithTheirRoleInWords(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	page := b.Get("owner", "/people")
	webtest.Has(t, page, "Ada", "Owner", "invited", "you", "Opens the apps that are open to guests", `value="owner"`)
	if strings.Index(page, ">Ada<") > strings.Index(page, ">Tim<") {
		t.Error("who may most is not first")
	}
	webtest.HasNot(t, b.Get("admin", "/people"), `value="owner"`, `value="admin"`)
	for _, who := range []string{"member", "guest"} {
		if w := b.Ask(who, http.MethodGet, "/people", nil); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
}

func TestAnInvitationIsALinkThatIsShownOnce(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	w := b.Send("admin", "/people", "/people", url.Values{"name": {"rosa"}, "title": {"Rosa"}, "role": {"guest"}})
	webtest.Has(t, w.Body.String(), "/join/sample-", `class="qr"`, "A link for Rosa", "in 3 days")
	webtest.HasNot(t, b.Get("admin", "/people")+b.Get("admin", "/people/rosa"), "/join/sample-")
	w = b.Send("admin", "/people/mary", "/people/mary/link", nil)
	webtest.Has(t, w.Body.String(), "/join/sample-", "A link for Mary")
}

func TestAnInvitationThatCannotBeIsRefusedWithWhatWasTyped(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	for _, name := range []string{"", "Rosa", "<b>x</b>", strings.Repeat("x", 4000), "owner"} {
		w := b.Send("owner", "/people", "/people", url.Values{"name": {name}, "email": {"rosa@example.org"}, "role": {"member"}})
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%.20q: %d", name, w.Code)
		}
		webtest.Has(t, w.Body.String(), "rosa@example.org")
		webtest.HasNot(t, w.Body.String(), "<b>x", "/join/sample-")
	}
	if w := b.Ask("calm", http.MethodPost, "/people", url.Values{}); w.Code == http.StatusOK {
		t.Error("a form without its token, and without a proof, is taken")
	}
}

func TestOnePersonIsChangedAndTheLastOwnerStays(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	if w := b.Send("owner", "/people/member", "/people/member", url.Values{"title": {"Linus T"}, "email": {"l@example.org"}, "role": {"admin"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.Has(t, b.Get("owner", "/people/member"), "Linus T", "Admin")
	w := b.Send("owner", "/people/owner", "/people/owner", url.Values{"title": {"Ada"}, "role": {agent.RoleGuest}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	webtest.Has(t, w.Body.String(), "Owner is the only owner")
	page := b.Get("owner", "/people/hedy")
	webtest.Has(t, page, "a code from an app", "2 passkeys")
	webtest.HasNot(t, b.Get("admin", "/people/hedy"), "<form")
	if w := b.Ask("owner", http.MethodGet, "/people/nobody", nil); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

func TestSomebodyIsRemovedByTheirNameTyped(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	if w := b.Send("admin", "/people/guest/remove", "/people/guest/remove", url.Values{"confirm": {"Tim"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	if w := b.Ask("calm", http.MethodGet, "/people/guest/remove", nil); w.Code != http.StatusSeeOther {
		t.Errorf("without a proof: %d", w.Code)
	}
	if w := b.Send("admin", "/people/guest/remove", "/people/guest/remove", url.Values{"confirm": {"guest"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.HasNot(t, b.Get("owner", "/people"), "/people/guest")
}
