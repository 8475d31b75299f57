package store

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
)

// BenchmarkSearch answers a key in a catalog of two thousand entries, compressed: all
// but the browser's part of the 100 ms from the key to the result.
func BenchmarkSearch(b *testing.B) {
	c := sample.New()
	c.Entries(2000)
	accounts := c.Accounts()
	hub := live.New(c, nil)
	if err := hub.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	h := web.New(web.Options{Cloud: c, Accounts: accounts, Live: hub}, Routes()).Handler()
	token := accounts.Token("owner", false)
	size := 0
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/store?q=a", nil)
		r.Header.Set("HX-Request", "true")
		r.Header.Set("Accept-Encoding", "gzip")
		r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size), "bytes/answer")
}

// TestEveryEntryOfTheSampleCanBeLookedAtAndAskedFor walks through pages with settings of
// every type, machines on which entries fit and do not, and long words.
func TestEveryEntryOfTheSampleCanBeLookedAtAndAskedFor(t *testing.T) {
	c := sample.New()
	c.Entries(60)
	accounts := c.Accounts()
	hub := live.New(c, nil)
	if err := hub.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := web.New(web.Options{Cloud: c, Accounts: accounts, Live: hub}, Routes()).Handler()
	token := accounts.Token("owner", false)
	entries, err := c.Catalog(t.Context(), "")
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		for _, path := range []string{"/store/" + e.Name, "/store/" + e.Name + "/install"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}
}
