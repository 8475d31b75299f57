package activity

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func TestWhatWasDoneIsToldWithWhoAndWhatCameOfIt(t *testing.T) {
	page := newBed(t, sample.New(sample.At(noon))).Get("admin", "/activity")
	webtest.Has(t, page, "tried to install blog", "is about to install nextcloud", "Under way", "Failed", "jellyfin ended by itself", "Somebody with the cloud&#39;s token", "pi2 went away", "3 hours ago")
	webtest.HasNot(t, page, "%!", "The cloud</strong> jellyfin")
}

func TestOnlyThoseWhoLookAfterTheCloudSeeIt(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	for _, who := range []string{"member", "guest"} {
		if w := b.Ask(who, http.MethodGet, "/activity", nil); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", who, w.Code)
		}
	}
}

var older = regexp.MustCompile(`href="([^"]+)" rel="next"`)

func TestOlderPagesLeadToTheOldestChangeOnceEach(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	all, _ := b.Activity(t.Context(), agent.ActivityQuery{Limit: 500})
	seen := 0
	for at := "/activity"; ; {
		page := b.Get("admin", at)
		seen += strings.Count(page, `class="activity-text"`)
		next := older.FindStringSubmatch(page)
		if next == nil {
			break
		}
		at = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	if seen != len(all) {
		t.Errorf("%d of %d changes on all pages", seen, len(all))
	}
}

func TestTheListIsNarrowedToAnAppOrAMachine(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	page := b.Get("admin", "/activity?app=jellyfin")
	webtest.Has(t, page, "jellyfin ended by itself", `<option value="jellyfin" selected>`)
	webtest.HasNot(t, page, "emptied vps1")
	webtest.Has(t, b.Get("admin", "/activity?machine=vps1"), "emptied vps1")
	webtest.Has(t, b.Get("admin", "/activity?app="+url.QueryEscape(`"><script>`)), "Nothing here", "&#34;&gt;&lt;script&gt;")
	if w := b.Ask("admin", http.MethodGet, "/activity?before="+strings.Repeat("9", 5000), nil); w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
}

func TestAFailedInstallSaysWhyAndCanBeTriedAgain(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	all, _ := b.Activity(t.Context(), agent.ActivityQuery{App: "blog"})
	webtest.Has(t, b.Get("admin", "/activity/"+all[0].ID), "did not become healthy", "FATAL: giving up", "took 38 seconds", "Waiting until it answers", "/store/wordpress/install?again="+all[0].ID)
	for _, id := range []string{"nothing", strings.Repeat("x", 5000), "%3Cb%3E"} {
		if w := b.Ask("admin", http.MethodGet, "/activity/"+id, nil); w.Code != http.StatusNotFound {
			t.Errorf("%.20s: %d", id, w.Code)
		}
	}
}

func TestTheBellIsQuietOnceTheActivityWasLookedAt(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	w := b.Ask("admin", http.MethodGet, "/activity", nil)
	latest, _ := b.Activity(t.Context(), agent.ActivityQuery{Limit: 1})
	if set := strings.Join(w.Header().Values("Set-Cookie"), "; "); !strings.Contains(set, latest[0].ID) {
		t.Errorf("%s is not noted as seen: %s", latest[0].ID, set)
	}
}
