package store

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func strangers() []agent.Entry {
	return []agent.Entry{
		{Name: "aaa/photos", Title: "Aaa Photos", Category: "photos", Store: "aaa", Fits: []string{"pi1"}, Access: "app",
			Warnings: []string{"Risky: web runs as root", "Changed: a folder became a volume"}},
		{Name: "bbb/photos", Title: "Bbb Photos", Category: "photos", Store: "bbb", Fits: []string{"pi1"}, Access: "app", Warnings: []string{"Changed: another port"}},
		{Name: "aaa/install", Title: "Installer", Category: "tools", Store: "aaa", Fits: []string{"pi1"}, Access: "app"},
		{Name: "photos", Title: "Photos of ours", Category: "photos", Access: "app"},
	}
}

func TestEntriesOfStoresNeverStandBeforeOurOwn(t *testing.T) {
	for _, q := range []question{{}, {Q: "photos"}, {Q: "photos", Sort: byMatch}} {
		if got := choose(strangers(), q.Turn(1)); got.Entries[0].Name != "photos" {
			t.Errorf("%+v: %s is first", q, got.Entries[0].Name)
		}
	}
	same := []agent.Entry{{Name: "x/a", Title: "A", Store: "x"}, {Name: "a", Title: "A"}}
	for _, sort := range []string{byName, bySize} {
		if got := choose(same, question{Sort: sort, Page: 1}); got.Entries[0].Name != "a" {
			t.Errorf("by %s a namesake is first", sort)
		}
	}
}

func TestEntriesAreChosenByTheirStore(t *testing.T) {
	for store, want := range map[string]int{"": 4, "aaa": 2, ownStore: 1, "none": 0} {
		q := ask(url.Values{"store": {store}})
		if got := choose(strangers(), q.Turn(1)); got.Total != want {
			t.Errorf("%q: %d", store, got.Total)
		}
		if again := ask(parsed(t, q.Link())); again.Store != store {
			t.Errorf("its link says %q", again.Store)
		}
	}
	b := newBed(t, &cloud{entries: strangers()})
	page := b.page("/store")
	has(t, page, `<option value="aaa">`, `<option value="bbb">`, `<option value="-">`, `class="badge store-from"`, `href="/store/aaa/photos"`, `href="/store/aaa/photos/install"`)
	b = newBed(t, &cloud{entries: shelfFull(3)})
	hasNot(t, b.page("/store"), `name="store"`)
}

func parsed(t *testing.T, link string) url.Values {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestAnEntryOfAStoreSaysWhereItComesFromAndWhatWasChanged(t *testing.T) {
	b := newBed(t, &cloud{entries: strangers()})
	for _, path := range []string{"/store/aaa/photos", "/store/aaa/photos/install"} {
		has(t, b.page(path), "comes from the store aaa, not from us", "Web runs as root.", "Changed: a folder became a volume.")
	}
	hasNot(t, b.page("/store/photos"), "not from us", "From the store")
	has(t, b.page("/store/aaa/install"), "<h1>Installer</h1>") // and no form of an entry called aaa
	if w := b.get("/store/none/photos"); w.Code != http.StatusNotFound {
		t.Errorf("an entry that is not there: %d", w.Code)
	}
}

func TestARiskyEntryOfAStoreIsInstalledOnlyByWhoHasReadWhatItMayDo(t *testing.T) {
	b := newBed(t, &cloud{entries: strangers()})
	has(t, b.page("/store/aaa/photos/install"), `name="read"`, "data-unlocks")
	hasNot(t, b.page("/store/bbb/photos/install"), `name="read"`)
	hasNot(t, b.page("/store/photos/install"), `name="read"`)
	w := b.post("/store/aaa/photos/install", url.Values{"name": {"pictures"}})
	if w.Code != http.StatusUnprocessableEntity || len(b.cloud.asked) > 0 {
		t.Fatalf("unread: %d, %v", w.Code, b.cloud.asked)
	}
	has(t, w.Body.String(), "Say first that you have read this.", `value="pictures"`)
	w = b.post("/store/aaa/photos/install", url.Values{"name": {"pictures"}, "read": {"true"}})
	if w.Code != http.StatusSeeOther || len(b.cloud.asked) != 1 || b.cloud.asked[0].Entry != "aaa/photos" {
		t.Fatalf("%d, %+v", w.Code, b.cloud.asked)
	}
	if w := b.post("/store/bbb/photos/install", url.Values{"name": {"p"}}); w.Code != http.StatusSeeOther {
		t.Errorf("one without risks: %d", w.Code)
	}
}

func TestAnAppOfAStoreIsCalledAsItsEntryWithoutTheStore(t *testing.T) {
	e := strangers()[0]
	if v := fresh(e, nil); v.Name != "photos" {
		t.Errorf("it is called %q", v.Name)
	}
	if v := fresh(e, []agent.App{{Name: "photos"}}); v.Name != "photos-2" {
		t.Errorf("the second is called %q", v.Name)
	}
}
