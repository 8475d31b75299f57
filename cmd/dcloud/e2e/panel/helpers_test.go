package panel

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/node"
)

// owner opens a window of the owner's at a page.
func owner(t *testing.T, width, height int64, path string) *Page {
	t.Helper()
	p := NewPage(t, browser, width, height)
	p.Open(panelURL + path)
	return p
}

// somebody opens a window of another browser, in which nobody is signed in.
func somebody(t *testing.T, path string) *Page {
	t.Helper()
	p := NewPage(t, browser, phoneWidth, phoneHeight, chromedp.WithNewBrowserContext())
	p.Open(panelURL + path)
	return p
}

// prove shows once more who somebody is, as the page asks.
func prove(p *Page, password string) {
	p.At("/sudo")
	p.Type("Password", password)
	p.Tap("Go on")
}

// shoot keeps a picture where DCLOUD_E2E_PICTURES names a folder for them.
func shoot(t *testing.T, p *Page, name string) {
	t.Helper()
	if dir := os.Getenv("DCLOUD_E2E_PICTURES"); dir != "" {
		p.Screenshot(filepath.Join(dir, name+".png"))
	}
}

// engines asks the server's engines as its agent does.
type engines struct {
	t       *testing.T
	client  *http.Client
	secrets node.Secrets
}

func newEngines(t *testing.T) *engines {
	t.Helper()
	l, err := node.NewLayout(server.Data, server.Cache)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := node.LoadSecrets(l)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.LoadX509KeyPair(l.Cert(node.CertClient), l.Cert(node.CertClient))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(l.CACert())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	client := server.HTTPClient()
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: pool, ServerName: "server.global.nomad"}
	return &engines{t, client, secrets}
}

// consul reads or writes what Consul keeps.
func (e *engines) consul(method, path string, body []byte, answer any) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), CommandTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("http://127.0.0.1:%d%s", node.ConsulHTTPPort, path), bytes.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("X-Consul-Token", e.secrets.ConsulManagement)
	res, err := e.client.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		e.t.Fatalf("%s %s: %s %v %s", method, path, res.Status, err, Clip(string(text)))
	}
	if err := json.Unmarshal(text, answer); err != nil {
		e.t.Fatalf("%s %s: %v in %s", method, path, err, Clip(string(text)))
	}
}

// proofsEnd makes all proofs of who somebody is as old as if ten minutes had passed, and
// waits until the panel knows that of whose page it is.
func proofsEnd(t *testing.T, p *Page) {
	t.Helper()
	e := newEngines(t)
	var records []struct {
		Key   string
		Value []byte
	}
	e.consul(http.MethodGet, "/v1/kv/dcloud/people/sessions/?recurse=true", nil, &records)
	if len(records) == 0 {
		t.Fatal("nobody is signed in")
	}
	for _, r := range records {
		var session map[string]any
		if err := json.Unmarshal(r.Value, &session); err != nil {
			t.Fatal(err)
		}
		session["sudo"] = time.Now().Add(-time.Second)
		text, err := json.Marshal(session)
		if err != nil {
			t.Fatal(err)
		}
		var ok bool
		if e.consul(http.MethodPut, "/v1/kv/"+r.Key, text, &ok); !ok {
			t.Fatalf("%s was not written", r.Key)
		}
	}
	p.Await("a proof is asked for", `fetch("/settings/password", { redirect: "manual" }).then((r) => r.type === "opaqueredirect")`)
}
