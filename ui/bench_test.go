package ui

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
)

// BenchmarkAPage is what the home page costs with fifty apps, compressed.
func BenchmarkAPage(b *testing.B) {
	cloud := sample.New()
	cloud.Fill(50)
	accounts := cloud.Accounts()
	k := New(web.Options{Cloud: cloud, Accounts: accounts, Live: live.New(cloud, nil)})
	if err := k.Live.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: accounts.Token("owner", true)})
	for b.Loop() {
		w := httptest.NewRecorder()
		if k.Handler().ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
		b.ReportMetric(float64(w.Body.Len()), "bytes/page")
	}
}
