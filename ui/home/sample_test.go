package home

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
)

// hundred is the panel of a cloud with a hundred apps and two thousand entries.
func hundred(t testing.TB) (handler http.Handler, token string) {
	t.Helper()
	c := sample.New()
	c.Fill(100)
	c.Entries(2000)
	accounts := c.Accounts()
	hub := live.New(c, nil)
	if err := hub.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return web.New(web.Options{Cloud: c, Accounts: accounts, Live: hub}, Routes()).Handler(), accounts.Token("owner", false)
}

func get(t testing.TB, h http.Handler, token string) int {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	return w.Body.Len()
}

// BenchmarkHome makes the home screen of a hundred apps, compressed.
func BenchmarkHome(b *testing.B) {
	h, token := hundred(b)
	size := get(b, h, token)
	for b.Loop() {
		get(b, h, token)
	}
	b.ReportMetric(float64(size), "bytes/page")
}

// BenchmarkHomeAtFiftyASecond asks at a steady rate, whether or not the page before is
// done, and reports how long all but one in a hundred take at most: 30 ms is asked for.
func BenchmarkHomeAtFiftyASecond(b *testing.B) {
	h, token := hundred(b)
	get(b, h, token)
	took := make(chan time.Duration, 1000)
	tick := time.NewTicker(time.Second / 50)
	defer tick.Stop()
	n := 0
	for b.Loop() {
		<-tick.C
		n++
		go func() {
			begin := time.Now()
			get(b, h, token)
			took <- time.Since(begin)
		}()
	}
	all := make([]time.Duration, 0, n)
	for range n {
		all = append(all, <-took)
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
}
