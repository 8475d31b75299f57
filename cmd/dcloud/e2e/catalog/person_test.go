package catalog

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// person uses an app over HTTP, with a browser's cookies. Redirects are not followed,
// so that a test sees where an app sends people.
type person struct {
	t      *testing.T
	at     string // the app's address
	client *http.Client
	Header http.Header // goes with every request
}

func visit(t *testing.T, a running) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, at: a.url, client: cloud.HTTPClient(), Header: http.Header{}}
	p.client.Jar, p.client.Timeout = jar, HealTime // WordPress, which asks its home for news, takes its time
	return p
}

// answer is what an app answered.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *person) do(method, path, kind string, body io.Reader) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.at+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	for k, v := range p.Header {
		req.Header[k] = v
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// get asks for a page, which has to be there.
func (p *person) get(path string) string {
	p.t.Helper()
	a := p.do(http.MethodGet, path, "", nil)
	if a.status != http.StatusOK {
		p.t.Fatalf("%s is answered with %d: %s", path, a.status, Clip(a.body))
	}
	return a.body
}

// follow goes to a page and where it leads on this app.
func (p *person) follow(path string) answer {
	p.t.Helper()
	for range 5 {
		a := p.do(http.MethodGet, path, "", nil)
		if a.status/100 != 3 {
			return a
		}
		path = strings.TrimPrefix(a.header.Get("Location"), p.at)
	}
	p.t.Fatalf("%s leads in circles", path)
	return answer{}
}

// submit sends a form and returns what comes of it.
func (p *person) submit(path string, fields url.Values) answer {
	p.t.Helper()
	return p.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

// api sends and takes JSON, and wants a status below 300. into may be nil.
func (p *person) api(method, path string, send, into any) {
	p.t.Helper()
	var body io.Reader
	kind := ""
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			p.t.Fatal(err)
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	a := p.do(method, path, kind, body)
	if a.status >= 300 {
		p.t.Fatalf("%s %s is answered with %d: %s", method, path, a.status, Clip(a.body))
	}
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, Clip(a.body))
		}
	}
}

// as gives a name and a password with every request.
func (p *person) as(name, password string) {
	req := http.Request{Header: p.Header}
	req.SetBasicAuth(name, password)
}
