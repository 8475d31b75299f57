package ui

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/live"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

// desk is the panel of a sample cloud, and what its pages ask of it.
type desk struct {
	t        *testing.T
	kernel   *web.Kernel
	accounts *sample.Accounts
	calls    *webtest.Calls
	log      bytes.Buffer
}

func newDesk(t *testing.T, words func(string) string) *desk {
	t.Helper()
	cloud := sample.New()
	d := &desk{t: t, accounts: cloud.Accounts(), calls: &webtest.Calls{}}
	log := slog.New(slog.NewTextHandler(&d.log, nil))
	d.kernel = New(web.Options{Cloud: &webtest.Recorder{Calls: d.calls, Cloud: cloud}, Log: log, Words: words,
		Accounts: &webtest.AccountsRecorder{Calls: d.calls, Accounts: d.accounts}, Live: live.New(cloud, log)})
	if err := d.kernel.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// begun is an answer whose browser goes away once the first of it has come.
type begun struct {
	*httptest.ResponseRecorder
	leave func()
}

func (b begun) Flush() {
	b.ResponseRecorder.Flush()
	b.leave()
}

// do makes a request; a stream is ended by its browser once it has begun.
func (d *desk) do(r web.Route, token, target, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(r.Method, target, strings.NewReader(body))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req = req.WithContext(ctx)
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "dcloud_session", Value: token})
	}
	if r.Method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k := 0; k+1 < len(headers); k += 2 {
		req.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	if r.Stream {
		d.kernel.Handler().ServeHTTP(begun{w, cancel}, req)
	} else {
		d.kernel.Handler().ServeHTTP(w, req)
	}
	return w
}

var csrfToken = regexp.MustCompile(`"X-CSRF-Token":"([^"]+)"`)

// secret is the token for forms of a person, or of a browser that is nobody's with the
// cookie that goes with it.
func (d *desk) secret(session string) (token, cookie string) {
	page := "/settings"
	if session == "" {
		page = "/sign-in"
	}
	w := d.do(web.Route{Method: "GET"}, session, page, "")
	m := csrfToken.FindStringSubmatch(w.Body.String())
	if m == nil {
		d.t.Fatalf("%s has no token: %d", page, w.Code)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "dcloud_csrf" {
			cookie = c.Name + "=" + c.Value
		}
	}
	return m[1], cookie
}

// there fills a route's path with what there is in the sample.
func there(path string) string {
	thing := "miniflux"
	if strings.Contains(path, "/machines/") {
		thing = "vps1"
	}
	return strings.NewReplacer("/store/:store/:entry", "/store/casaos/jellyfin", ":store", "casaos", ":name", thing, ":entry", "gitea", ":user", "guest", ":id", "ask-1", ":key", "key", ":file", "gitea.svg").Replace(path)
}

// who are those that ask; guest to owner have shown of late who they are.
var who = []struct {
	name, role string
	sudo       bool
}{{"", "", false}, {"guest", agent.RoleGuest, true}, {"member", agent.RoleMember, true}, {"admin", agent.RoleAdmin, true},
	{"owner", agent.RoleOwner, true}, {"owner", agent.RoleOwner, false}}

// TestEachPageIsForThoseWhomTheTableNames walks the table by who asks, by the token of
// the form, and by what is sent.
func TestEachPageIsForThoseWhomTheTableNames(t *testing.T) {
	bodies := map[string]string{"empty": "", "oversized": "x=" + strings.Repeat("a", 1<<20), "malformed": "x=%zz", "NUL": "x=%00", "odd": "name=%E2%80%AE&n=-1&data=on"}
	for _, r := range Routes() {
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			d := newDesk(t, nil)
			for _, p := range who {
				if r.Method == http.MethodGet {
					d.look(t, r, p.name, p.role, p.sudo)
					continue
				}
				for what, body := range bodies {
					for _, form := range []string{"none", "wrong", "right"} {
						d.send(t, r, p.name, p.role, p.sudo, form, what, body)
					}
				}
			}
			if strings.Contains(d.log.String(), "panic") {
				t.Errorf("the log says %s", d.log.String())
			}
		})
	}
}

// session signs somebody in anew, since some pages sign out.
func (d *desk) session(name string, sudo bool) string {
	if name == "" {
		return ""
	}
	return d.accounts.Token(name, sudo)
}

func (d *desk) look(t *testing.T, r web.Route, name, role string, sudo bool) {
	for _, target := range []string{there(r.Path), there(r.Path) + "?q=%ff", there(r.Path) + "?q=%zz", strings.NewReplacer(":", "no-such-").Replace(r.Path)} {
		token := d.session(name, sudo)
		d.calls.Take()
		w := d.do(r, token, target, "")
		if w.Code >= 500 {
			t.Errorf("%s by %q: %d %.300s", target, role, w.Code, w.Body)
		}
		d.judge(t, fmt.Sprintf("%s by %q (%t)", target, role, sudo), r, w, role, sudo, !strings.Contains(target, "%"))
	}
}

// judge holds an answer to the row. readable tells that the request itself was no reason
// to refuse it.
func (d *desk) judge(t *testing.T, what string, r web.Route, w *httptest.ResponseRecorder, role string, sudo, readable bool) {
	t.Helper()
	calls, to := d.calls.Take(), w.Header().Get("Location")
	refused := true
	switch {
	case !readable:
		if w.Code < 300 || w.Code >= 500 {
			t.Errorf("%s: %d", what, w.Code)
		}
	case r.Action != web.Open && role == "":
		if w.Code != 401 && (w.Code != 303 || !strings.HasPrefix(to, "/sign-in?next=")) {
			t.Errorf("%s: %d %s", what, w.Code, to)
		}
	case r.Action != web.Open && !agent.Allows(role, r.Action):
		if w.Code != 403 {
			t.Errorf("%s: %d", what, w.Code)
		}
	case r.Sudo && !sudo:
		if w.Code != 403 && (w.Code != 303 || !strings.HasPrefix(to, "/sudo?next=")) {
			t.Errorf("%s: %d %s", what, w.Code, to)
		}
	default:
		if refused = false; w.Code == 403 || w.Code == 401 && r.Action != web.Open && r.Path != "/sudo" && !strings.HasSuffix(r.Path, "/finish") {
			t.Errorf("%s: refused with %d though the table allows it: %.200s", what, w.Code, w.Body)
		}
	}
	if refused && len(calls) > 0 {
		t.Errorf("%s: refused with %d, and yet %v was called", what, w.Code, calls)
	}
}

func (d *desk) send(t *testing.T, r web.Route, name, role string, sudo bool, form, what, body string) {
	token := d.session(name, sudo)
	secret, cookie := d.secret(token)
	headers := []string{}
	if token == "" && cookie != "" {
		headers = append(headers, "Cookie", cookie)
	}
	switch form {
	case "wrong":
		headers = append(headers, "X-CSRF-Token", strings.Repeat("A", len(secret)))
	case "right":
		headers = append(headers, "X-CSRF-Token", secret)
	}
	d.calls.Take()
	w := d.do(r, token, there(r.Path), body, headers...)
	about := fmt.Sprintf("%s by %q (%t), token %s, %s", there(r.Path), role, sudo, form, what)
	if w.Code >= 500 {
		t.Errorf("%s: %d %.300s", about, w.Code, w.Body)
	}
	readable := what == "empty" || what == "odd"
	allowed := r.Action == web.Open || agent.Allows(role, r.Action)
	if form != "right" && readable && allowed {
		if calls := d.calls.Take(); w.Code != 403 || len(calls) > 0 {
			t.Errorf("%s: %d, %v called", about, w.Code, calls)
		}
		return
	}
	d.judge(t, about, r, w, role, sudo, readable)
}

func TestTheTableNamesNothingTwiceAndOnlyActionsThatThereAre(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range New(web.Options{Cloud: sample.New(), Accounts: sample.NewAccounts()}).Routes() {
		key := r.Method + " " + r.Path
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if r.Action != web.Open && !agent.Allows(agent.RoleOwner, r.Action) {
			t.Errorf("%s: %q is no action", key, r.Action)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodPost || r.Handle == nil {
			t.Errorf("%s cannot be served", key)
		}
		if r.Action == web.Open && r.Sudo {
			t.Errorf("%s asks nobody for a proof", key)
		}
		if _, err := url.Parse(there(r.Path)); err != nil {
			t.Error(err)
		}
	}
}
