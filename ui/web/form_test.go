package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
)

func manyFields(n int) string {
	var b strings.Builder
	for k := range n {
		fmt.Fprintf(&b, "f%d=&", k)
	}
	return b.String()
}

func TestWhatCannotBeReadIsRefusedAndNotTakenForEmpty(t *testing.T) {
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), act(agent.ActOwnAccount, &done))
	shown := p.do(ada, "GET", "/page", "")
	ok := form(shown)
	_, value, _ := strings.Cut(ok, "csrf=")
	multipart := "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + value + "\r\n--b--\r\n"
	for _, c := range []struct {
		what, body, kind string
		status           int
	}{
		{"no content type", ok, "", 415},
		{"text", ok, "text/plain", 415},
		{"a content type that is none", ok, ";;;", 415},
		{"multipart", multipart, "multipart/form-data; boundary=b", 415},
		{"multipart without end", multipart[:20], "multipart/form-data", 415},
		{"too large", ok + "&x=" + strings.Repeat("a", maxForm), "application/x-www-form-urlencoded", 413},
		{"JSON that is too large, as far as the token", strings.Repeat("1", maxForm+1), "application/json", 303},
		{"percent without digits", ok + "&x=%zz", "application/x-www-form-urlencoded", 400},
		{"percent at the end", ok + "&x=%", "application/x-www-form-urlencoded", 400},
		{"a semicolon", ok + "&x=1;y=2", "application/x-www-form-urlencoded", 400},
		{"NUL", ok + "&x=a%00b", "application/x-www-form-urlencoded", 400},
		{"NUL in a name", ok + "&x%00=a", "application/x-www-form-urlencoded", 400},
		{"no UTF-8", ok + "&x=%ff%fe", "application/x-www-form-urlencoded", 400},
		{"2,000 fields", ok + "&" + manyFields(2000), "application/x-www-form-urlencoded", 413},
		{"10,000 fields", ok + "&" + manyFields(10_000), "application/x-www-form-urlencoded", 400},
		{"a field 2,000 times", ok + strings.Repeat("&x=1", 2000), "application/x-www-form-urlencoded", 413},
		{"a form", ok, "application/x-www-form-urlencoded; charset=UTF-8", 303},
	} {
		before := done
		headers := []string{"Content-Type", c.kind}
		if strings.HasPrefix(c.what, "JSON") {
			headers = append(headers, "X-CSRF-Token", value)
		}
		w := p.do(ada, "POST", "/act", c.body, headers...)
		if w.Code != c.status || (done > before) != (c.status == 303) {
			t.Errorf("%s: %d, %d calls", c.what, w.Code, done-before)
		}
	}
	for what, query := range map[string]string{"NUL": "?q=%00", "no UTF-8": "?q=%ff", "percent": "?q=%zz", "a path with NUL": "%00",
		"10,000 parameters": "?" + manyFields(10_000)} {
		if w := p.do(ada, "GET", "/page"+query, ""); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s in the address: %d", what, w.Code)
		}
	}
}

func TestAHandlerThatReadsJSONReadsNoMoreThanAForm(t *testing.T) {
	var read int
	var failed error
	p := newPanel(t, page(agent.ActOwnAccount), Route{Method: "POST", Path: "/json", Action: agent.ActOwnAccount, Handle: func(c *Ctx) error {
		b, err := io.ReadAll(c.Echo.Request().Body)
		read, failed = len(b), err
		return err
	}})
	_, value, _ := strings.Cut(form(p.do(ada, "GET", "/page", "")), "csrf=")
	w := p.do(ada, "POST", "/json", strings.Repeat("1", 2*maxForm), "Content-Type", "application/json", "X-CSRF-Token", value)
	if w.Code != http.StatusRequestEntityTooLarge || read > maxForm || failed == nil || !strings.HasPrefix(w.Body.String(), `{"error":`) {
		t.Errorf("answered %d after %d bytes: %s", w.Code, read, w.Body)
	}
}

func TestAFormThatNeverArrivesHoldsNothingForever(t *testing.T) {
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), act(agent.ActOwnAccount, &done))
	p.Host = ""
	s := httptest.NewServer(p.Handler())
	defer s.Close()
	if formTime > time.Minute {
		t.Error("it may take too long")
	}
	// What it may take is a deadline of the connection, which a recorder does not have:
	// that it is set shows in a form that arrives in time and a connection that goes on.
	shown := p.do(ada, "GET", "/page", "")
	for range 2 {
		r, err := http.NewRequest("POST", s.URL+"/act", strings.NewReader(form(shown)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 303 {
			t.Errorf("answered %d", resp.StatusCode)
		}
	}
}

func FuzzWhatIsSentIsReadOrRefused(f *testing.F) {
	for _, seed := range []string{"x=1", "%", "x=%00", "x=\xff", ";", "&&&&", "x=%e2%82%ac"} {
		f.Add(seed, "application/x-www-form-urlencoded")
	}
	f.Add("--b", "multipart/form-data; boundary=b")
	e := echo.New()
	f.Fuzz(func(t *testing.T, body, kind string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		p := &Kernel{Options: Options{Now: time.Now}}
		c := &Ctx{Echo: e.NewContext(r, httptest.NewRecorder()), Kernel: p}
		if err := c.readForm(false); err != nil {
			if status, e := refusal(err); status < 400 || status >= 500 || e.Message == "" {
				t.Errorf("refused with %d %v", status, err)
			}
			return
		}
		if err := checkValues(url.Values(c.Echo.Request().PostForm)); err != nil {
			t.Errorf("%q came through", body)
		}
	})
}
