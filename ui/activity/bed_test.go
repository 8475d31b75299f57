package activity

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bed is a panel of this package's pages over the sample cloud.
type bed struct {
	*sample.Cloud
	t      *testing.T
	hub    *live.Hub
	kernel *web.Kernel
	tokens map[string]string
}

func newBed(t *testing.T, c *sample.Cloud) *bed {
	t.Helper()
	accounts := c.Accounts()
	b := &bed{c, t, live.New(c, nil), nil, map[string]string{"nobody": ""}}
	_ = b.hub.Refresh(t.Context()) // a cloud that is away is one of the states
	b.kernel = web.New(web.Options{Cloud: c, Accounts: accounts, Live: b.hub, Now: func() time.Time { return noon }}, Routes())
	for _, name := range []string{"owner", "admin", "member", "guest"} {
		b.tokens[name] = accounts.Token(name, true)
	}
	b.tokens["calm"] = accounts.Token("owner", false) // has not shown who they are of late
	return b
}

func (b *bed) ask(who, method, path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form.Encode()))
	if token := b.tokens[who]; token != "" {
		r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	b.kernel.Handler().ServeHTTP(w, r)
	return w
}

// get is a page as somebody gets it.
func (b *bed) get(who, path string) string {
	b.t.Helper()
	w := b.ask(who, http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		b.t.Fatalf("%s to %s: %d %s", path, who, w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in:\n%s", w, page)
		}
	}
}

func hasNot(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("%q should not be in:\n%s", w, page)
		}
	}
}
