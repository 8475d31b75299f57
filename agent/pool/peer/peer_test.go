package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

func TestAMemberIsAnsweredAsWhoItsCertificateSaysItIs(t *testing.T) {
	l := newLab(t, "")
	c := l.client(t, l.worker)
	at := l.server.Address
	check(t, c.Confirm(t.Context(), at))
	secrets, err := c.Secrets(t.Context(), at)
	check(t, err)
	certs, err := c.Renew(t.Context(), at, "csr")
	check(t, err)
	nodes, err := c.Nodes(t.Context(), at)
	check(t, err)
	if secrets["for"] != pool.RoleWorker || certs["peer"] != "for pi3: csr" || len(nodes) != 2 || nodes[1].Name != "pi3" {
		t.Errorf("got %v, %v, %v", secrets, certs, nodes)
	}
	check(t, l.client(t, l.second).SetKeys(t.Context(), at, map[string]string{"pool-gossip": "new"}))
	id := l.worker.ID
	if got := l.done(); !slices.Equal(got, []string{"confirm " + id, "secrets " + id, "renew " + id, "nodes", "keys new"}) {
		t.Errorf("the server was asked %q", got)
	}
}

func TestLeavingTellsEachStepWhenItHappensAndGoesOnWithoutTheCaller(t *testing.T) {
	l := newLab(t, "")
	c := l.client(t, l.worker)
	err := c.Leave(t.Context(), l.server.Address, false, func(agent.Event) { t.Error("a step") })
	if e := agent.AsError(err); e == nil || e.Code != agent.CodeConflict || !strings.Contains(e.Hint, "--abandon") {
		t.Errorf("got %v", err)
	}
	var steps []string
	check(t, c.Leave(t.Context(), l.server.Address, true, func(e agent.Event) {
		steps = append(steps, e.Message)
		if e.Message == "one" {
			l.remove(l.worker) // as leaving does on its way
			l.s.drop()
			close(l.left)
		}
	}))
	if !slices.Equal(steps, []string{"one", "two"}) {
		t.Errorf("told %q", steps)
	}
}

func TestLeavingLastsWhileTheServerIsThereAndEndsWhenItIsNot(t *testing.T) {
	// Both are in memory, in a time of their own in which a busy machine is not silence.
	synctest.Test(t, func(t *testing.T) {
		l := newLabAt(t, "", newPipes())
		c := l.client(t, l.worker)
		time.AfterFunc(100*c.silence, func() { close(l.left) })
		check(t, c.Leave(t.Context(), l.server.Address, true, func(agent.Event) {}))
	})
	synctest.Test(t, func(t *testing.T) {
		l := newLabAt(t, "", newPipes())
		defer close(l.left)
		c := l.client(t, l.worker)
		l.s.beat = time.Hour
		began := time.Now()
		err := c.Leave(t.Context(), l.server.Address, true, func(agent.Event) {})
		if e := agent.AsError(err); e.Code != agent.CodeUnavailable || !strings.Contains(e.Message, "broke off while this machine was leaving") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took < c.silence || took > 2*c.silence {
			t.Errorf("after %s", took)
		}
	})
}

func TestWhatGoesWrongInsideStaysInside(t *testing.T) {
	l := newLab(t, "")
	_, err := l.client(t, l.worker).Renew(t.Context(), l.server.Address, "fails")
	if e := agent.AsError(err); e.Code != agent.CodeInternal || strings.Contains(e.Message+e.Hint, "sesame") || e.Hint == "" {
		t.Errorf("got %v", err)
	}
}

// endpoints are all that there are, with a body that is good there.
var endpoints = []struct {
	method, path, body string
	serversOnly        bool
}{
	{"POST", "/v1/confirm", "{}", false},
	{"POST", "/v1/leave", `{"abandon":true}`, false},
	{"GET", "/v1/secrets", "", false},
	{"POST", "/v1/renew", `{"csr":"x"}`, false},
	{"GET", "/v1/nodes", "", false},
	{"POST", "/v1/keys", `{"pool-gossip":"x"}`, true},
	{"GET", "/docker/v1.40/containers/json", "", true},
	{"POST", "/docker/v1.40/containers/app/exec", `{"Cmd":["sh"]}`, true},
	{"POST", "/docker/v1.40/exec/execapp/start", `{}`, true},
	{"GET", "/docker/_ping", "", true},
	{"GET", "/", "", false},
}

func TestNoEndpointAnswersWhoItMustNot(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	foreign := newAuthority(t)
	removed := l.ca.issue(t, l.stander, nil)
	promoted := l.worker
	promoted.Role = pool.RoleServer // what it says of itself, not the roster
	edit := func(m pool.Member, change func(*x509.Certificate)) *tls.Certificate { return l.ca.issue(t, m, change) }
	for who, c := range map[string]struct {
		cert     *tls.Certificate
		servers  bool // refused only where a server is needed
		atTheTLS bool // refused before a word is exchanged
	}{
		"nobody":                         {nil, false, true},
		"another pool's server":          {foreign.issue(t, l.second, nil), false, true},
		"a removed server":               {removed, false, false},
		"a promoted worker":              {edit(promoted, nil), false, false},
		"a worker":                       {edit(l.worker, nil), true, false},
		"a certificate without identity": {edit(l.second, func(c *x509.Certificate) { c.URIs = nil }), false, true},
		"a certificate with two": {edit(l.second, func(c *x509.Certificate) {
			c.URIs = append(c.URIs, Identity{l.server.ID, pool.RoleServer}.URI())
		}), false, true},
		"an engine's certificate": {edit(l.second, func(c *x509.Certificate) { c.DNSNames = []string{"server.dc1.consul"} }), false, true},
		"a server's for servers":  {edit(l.second, func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] }), false, true},
		"one that has ended":      {edit(l.second, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), false, true},
	} {
		for _, e := range endpoints {
			if c.servers && !e.serversOnly {
				continue
			}
			status, said, err := ask(l, c.cert, e.method, e.path, strings.NewReader(e.body))
			switch {
			case c.atTheTLS && err == nil:
				t.Errorf("%s, %s %s: answered %d", who, e.method, e.path, status)
			case !c.atTheTLS && (status != http.StatusUnauthorized || !strings.Contains(said, `"code":"unauthorized"`)):
				t.Errorf("%s, %s %s: %d %s, %v", who, e.method, e.path, status, said, err)
			}
		}
	}
	if got := l.done(); len(got) != 0 {
		t.Errorf("the server did %q", got)
	}
	if got := docker.asked(); len(got) != 0 {
		t.Errorf("Docker was asked %q", got)
	}
}

func TestWhatCannotBeReadIsRefusedInWords(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	cert := l.ca.issue(t, l.second, nil)
	large := `{"csr":"` + strings.Repeat("x", maxBody) + `"}`
	for _, e := range endpoints {
		if e.body == "" {
			continue
		}
		for name, body := range map[string]string{
			"nothing": "", "no JSON": "{", "another type": `"x"`, "wrong fields": `{"csr":7,"abandon":"x","pool-gossip":{},"Cmd":"x"}`,
			"large": large, "deep": strings.Repeat("[", 30_000),
		} {
			status, said, err := ask(l, cert, e.method, e.path, strings.NewReader(body))
			fine := e.path == "/v1/confirm" && name == "wrong fields" // it has none
			if err != nil || status >= 500 || !fine && status < 400 {
				t.Errorf("%s %s, %s: %d %.200s, %v", e.method, e.path, name, status, said, err)
			}
		}
	}
	for _, path := range []string{"/v1/keys/x", "/v2/nodes", "/docker", "/docker/../v1/nodes", "/%2e%2e/", "/docker/v1.40/containers/a%2f..%2fb/json"} {
		status, said, err := ask(l, cert, "GET", path, nil)
		if err != nil || status >= 500 || status == 200 {
			t.Errorf("%s: %d %s, %v", path, status, said, err)
		}
	}
	if got := l.done(); len(got) != 0 && !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "confirm") }) {
		t.Errorf("the server did %q", got)
	}
}

// ask sends what a stranger could send.
func ask(l *lab, cert *tls.Certificate, method, path string, body io.Reader) (int, string, error) {
	config := &tls.Config{InsecureSkipVerify: true}
	if cert != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	u, err := url.Parse(fmt.Sprintf("https://%s:%d%s", l.server.Address, l.port, path))
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequest(method, u.String(), body)
	if err != nil {
		return 0, "", err
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func TestARemovedMemberIsRefusedOnAConnectionThatWasOpenBefore(t *testing.T) {
	l := newLab(t, "")
	cert := l.ca.issue(t, l.worker, nil)
	dials := 0
	c := &http.Client{Transport: &http.Transport{DialTLSContext: nil, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			dials++
			return cert, nil
		},
	}}}
	defer c.CloseIdleConnections()
	get := func() int {
		answer, err := c.Get(fmt.Sprintf("https://%s:%d/v1/nodes", l.server.Address, l.port))
		check(t, err)
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		check(t, err)
		return answer.StatusCode
	}
	if got := get(); got != http.StatusOK {
		t.Fatalf("a member is answered %d", got)
	}
	l.remove(l.worker)
	if got := get(); got != http.StatusUnauthorized || dials != 1 {
		t.Errorf("status %d, on connection %d", got, dials)
	}
}

func TestACallerMakesSureWhoAnswers(t *testing.T) {
	l := newLab(t, "")
	c := l.client(t, l.worker)
	moved := func(change func(m *pool.Member)) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.roster.Members = slices.Clone(l.roster.Members)
		change(&l.roster.Members[0])
	}
	said := func(want string) {
		t.Helper()
		_, err := c.Secrets(context.Background(), l.server.Address)
		var e *agent.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, want) || e.Hint == "" {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	id := l.server.ID
	moved(func(m *pool.Member) { m.ID = l.stander.ID; m.Name = "pi9" })
	said("the address of pi9, another machine answers")
	moved(func(m *pool.Member) { m.ID = id; m.Role = pool.RoleWorker })
	said("pi9 is no server of the pool")
	moved(func(m *pool.Member) { m.Role = pool.RoleIngress })
	if _, err := c.http.Get("https://" + c.hostPort(l.server.Address) + "/v1/nodes"); err == nil {
		t.Error("another role answers")
	}
	moved(func(m *pool.Member) { m.Address = l.stander.Address })
	said("no machine of the pool has the address " + l.server.Address.String())
	moved(func(m *pool.Member) { *m = l.server })
	if got := l.done(); len(got) != 0 {
		t.Errorf("the server did %q", got)
	}

	other := NewClient(Options{Certificate: c.o.Certificate, Authority: newAuthority(t).cert, Roster: l.current})
	other.port = l.port
	c = other
	said("is no machine of this pool")
	c = l.clientWith(newAuthority(t).issue(t, l.worker, nil))
	said("does not accept this machine's certificate")
	c = l.client(t, l.worker)
	c.port = 1
	said("pi1 does not answer")
	if _, err := NewClient(Options{Certificate: c.o.Certificate, Authority: l.ca.cert}).Nodes(context.Background(), l.server.Address); err == nil {
		t.Error("somebody answers a machine that knows no member")
	}
}

func TestAWorkerAnswersServersAndIsNoneItself(t *testing.T) {
	l := newLab(t, "")
	var got map[string]string
	l.serve(t, l.worker, Options{SetKeys: func(_ context.Context, keys map[string]string) error { got = keys; return nil }})
	check(t, l.client(t, l.server).SetKeys(t.Context(), l.worker.Address, map[string]string{"pool-gossip": "x"}))
	if got["pool-gossip"] != "x" {
		t.Errorf("got %v", got)
	}
	server := l.client(t, l.server)
	if err := server.Confirm(t.Context(), l.worker.Address); agent.AsError(err).Code != agent.CodeInvalid {
		t.Errorf("the client: %v", err)
	}
	var said bytes.Buffer
	for _, e := range endpoints[:5] {
		err := server.ask(t.Context(), l.worker.Address, e.method, e.path, struct{}{}, nil)
		if agent.AsError(err).Code != agent.CodeNotFound {
			fmt.Fprintf(&said, "%s: %v\n", e.path, err)
		}
	}
	if said.Len() > 0 {
		t.Error(said.String())
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add("dcloud://node/8d969eef-6eca-43c2-9a3a-629280e686cf/worker")
	f.Add("dcloud://node/a/b/server")
	f.Add("DCLOUD://u@node/a/server?x#y")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil {
			return
		}
		i, ok := ParseIdentity(u)
		if ok && (i.URI().String() != u.String() || i.ID == "" || !pool.ValidRole(i.Role)) {
			t.Fatalf("%q is %+v", s, i)
		}
	})
}
