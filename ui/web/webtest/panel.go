package webtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/web"
)

// Panel is some pages over a cloud, for the people who ask for them: an owner, an admin,
// a member, a guest, "calm", who is an owner that has not shown who they are of late,
// and nobody.
type Panel struct {
	Hub    *live.Hub
	Kernel *web.Kernel
	t      testing.TB
	tokens map[string]string
}

// Accounts have everybody whom a Panel knows.
type Accounts interface {
	web.Accounts
	// Token is of a session, with sudo of one that has shown of late who it is.
	Token(user string, sudo bool) string
}

// NewPanel serves the pages at a time that stands still.
func NewPanel(t testing.TB, cloud web.Cloud, accounts Accounts, routes []web.Route, now time.Time) *Panel {
	t.Helper()
	p := &Panel{Hub: live.New(cloud, nil), t: t, tokens: map[string]string{"nobody": ""}}
	_ = p.Hub.Refresh(t.Context()) // a cloud that is away is one of the states
	p.Kernel = web.New(web.Options{Cloud: cloud, Accounts: accounts, Live: p.Hub, Now: func() time.Time { return now }}, routes)
	for _, name := range []string{"owner", "admin", "member", "guest"} {
		p.tokens[name] = accounts.Token(name, true)
	}
	p.tokens["calm"] = accounts.Token("owner", false)
	return p
}

// Ask makes a request as somebody.
func (p *Panel) Ask(who, method, path string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	token, known := p.tokens[who]
	if !known {
		p.t.Fatalf("there is no %q", who)
	}
	r := httptest.NewRequestWithContext(p.t.Context(), method, path, strings.NewReader(form.Encode()))
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	p.Kernel.Handler().ServeHTTP(w, r)
	return w
}

// Token is of somebody's session.
func (p *Panel) Token(who string) string { return p.tokens[who] }

// Get is a page as somebody gets it.
func (p *Panel) Get(who, path string) string {
	p.t.Helper()
	w := p.Ask(who, http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		p.t.Fatalf("%s to %s: %d %s", path, who, w.Code, w.Body)
	}
	return w.Body.String()
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// Send sends a form as the page that has it would.
func (p *Panel) Send(who, from, to string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	found := csrfField.FindStringSubmatch(p.Get(who, from))
	if found == nil {
		p.t.Fatalf("%s has no form", from)
	}
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrf", found[1])
	return p.Ask(who, http.MethodPost, to, form)
}

// Has fails where something is missing in a page, HasNot where something is there.
func Has(t testing.TB, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in:\n%s", w, page)
		}
	}
}

// HasNot is the opposite of Has.
func HasNot(t testing.TB, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("%q should not be in:\n%s", w, page)
		}
	}
}
