package store

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestTheStoreShowsAShelfAndMoreOnRequest(t *testing.T) {
	b := newBed(t, &cloud{entries: shelfFull(100)})
	page := b.page("/store")
	has(t, page, "<h1>Store</h1>", `placeholder="Search 100 apps"`, "App 0000", "App 0023", "Show more", `href="/store?page=2"`, "Music and film")
	hasNot(t, page, "App 0024", "The ones before")
	second := b.page("/store?page=2")
	has(t, second, "App 0024", "App 0047", "The ones before", `href="/store?page=3"`)
	hasNot(t, second, "App 0023", "App 0048")
	has(t, b.page("/store?page=5"), "App 0099")
}

func TestOnlyTheResultsAreSentWhileSomebodyTypes(t *testing.T) {
	b := newBed(t, &cloud{entries: shelfFull(100)})
	part := b.htmx("store-results").page("/store?q=0007")
	if !strings.HasPrefix(part, `<section id="store-results"`) {
		t.Errorf("a part begins with %.60q", part)
	}
	has(t, part, "App 0007", "1 app for “0007”")
	hasNot(t, part, "<html", "App 0008")
	more := b.htmx("store-more").page("/store?page=2")
	has(t, more, "App 0024", `id="store-more"`)
	hasNot(t, more, "<html", "<section")
	whole := b.as(agent.RoleAdmin, "HX-Request", "true", "HX-History-Restore-Request", "true").page("/store?q=0007")
	has(t, whole, "<html")
}

func TestChoicesNarrowAndOrderWhatIsFound(t *testing.T) {
	entries := []agent.Entry{
		{Name: "b", Title: "beta", Category: "files", Memory: 10, Fits: []string{"pi1"}},
		{Name: "a", Title: "Alpha", Category: "files", Memory: 300},
		{Name: "c", Title: "Gamma", Category: "media", Memory: 20, Fits: []string{"pi1"}},
	}
	names := func(q string) string {
		v, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range choose(entries, ask(v)).Entries {
			out = append(out, e.Name)
		}
		return strings.Join(out, " ")
	}
	for q, want := range map[string]string{
		"": "b c a", "sort=name": "a b c", "q=x": "b a c", "q=x&sort=name": "a b c", "sort=size": "b c a", "fits=1": "b c", "category=files": "b a", "category=none": "",
	} {
		if got := names(q); got != want {
			t.Errorf("%q: %s, not %s", q, got, want)
		}
	}
}

func TestALinkHoldsTheWholeQuestion(t *testing.T) {
	q := question{Q: "a & b", Category: "files", Fits: true, Sort: bySize, Page: 3}
	u, err := url.Parse(q.Link())
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(u.Query()); got != q {
		t.Errorf("%+v came back as %+v", q, got)
	}
	if l := (question{Page: 1}).Link(); l != "/store" {
		t.Errorf("the store is at %s", l)
	}
}

func TestHostileQuestionsGetAnAnswer(t *testing.T) {
	b := newBed(t, &cloud{entries: shelfFull(3)})
	for _, query := range []string{
		"q=" + strings.Repeat("x", 20_000), "q=" + url.QueryEscape("<script>alert(1)</script>"), "page=-1", "page=99999999999999999999", "page=x", "sort=drop", "category=" + url.QueryEscape(`"><img>`), "fits=maybe",
	} {
		w := b.get("/store?" + query)
		if w.Code != http.StatusOK {
			t.Errorf("%.40s: %d", query, w.Code)
		}
		hasNot(t, w.Body.String(), "<script>alert", "<img>")
	}
	for _, words := range b.searched {
		if len(words) > longest {
			t.Errorf("%d bytes were searched for", len(words))
		}
	}
	has(t, b.page("/store?page=77"), "App 0002")
}

func TestNothingFoundIsSaidInWordsWithAWayOut(t *testing.T) {
	b := newBed(t, &cloud{entries: shelfFull(3)})
	has(t, b.page("/store?q=zzz"), "Nothing for “zzz”", "Try another word", `href="/store"`)
	has(t, b.page("/store?q=app&category=games"), "Search all apps", `href="/store?q=app"`)
}

func TestNamesFromACatalogAreText(t *testing.T) {
	b := newBed(t, &cloud{entries: []agent.Entry{{Name: "x", Title: "<b>bold</b>", Tagline: `"><script>1</script>`, Fits: []string{"<i>pi</i>"}, Website: "javascript:alert(1)", Source: "https://example.org/x",
		Description: "<img src=x>", Screenshots: []string{"javascript:1", "https://example.org/1.png"}}}})
	for _, path := range []string{"/store", "/store/x", "/store/x/install"} {
		page := b.page(path)
		hasNot(t, page, "<b>bold", "<script>1", "<i>pi", "javascript:", "<img src=x>")
	}
	has(t, b.page("/store/x"), `href="https://example.org/1.png"`, `rel="noopener noreferrer"`)
}

func FuzzAsk(f *testing.F) {
	f.Add("q=a&page=2&fits=1")
	f.Add("page=-9&sort=%00")
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q := ask(v)
		if q.Page < 1 || len(q.Q) > longest {
			t.Fatalf("%+v", q)
		}
		u, err := url.Parse(q.Link())
		if err != nil {
			t.Fatal(err)
		}
		if again := ask(u.Query()); again != q {
			t.Fatalf("%+v came back as %+v", q, again)
		}
		choose(shelfFull(5), q)
	})
}
