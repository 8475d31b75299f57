package join

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// TestAServerWithoutTheAuthoritysKeyLearnsNothing: each of them shows a chain that an
// attacker can make who saw the pool's certificates, or who has another member's.
func TestAServerWithoutTheAuthoritysKeyLearnsNothing(t *testing.T) {
	p, attacker := newTestPool(t), newTestPool(t)
	own := attacker.shown(t, nil)
	copied := tls.Certificate{Certificate: [][]byte{own.Certificate[0], p.cert.Raw}, PrivateKey: own.PrivateKey}
	renamed := p.shown(t, func(c *x509.Certificate) { c.DNSNames = []string{"pi3.node.dcloud", "peer.dcloud"} })
	client := p.shown(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	good := p.shown(t, nil)
	alone := tls.Certificate{Certificate: good.Certificate[:1], PrivateKey: good.PrivateKey}
	longer := tls.Certificate{Certificate: append([][]byte{own.Certificate[0]}, good.Certificate...), PrivateKey: own.PrivateKey}
	for name, c := range map[string]struct {
		shows tls.Certificate
		tls12 bool
	}{
		"an authority of its own":       {own, false},
		"the pool's authority, copied":  {copied, false},
		"another member's certificate":  {renamed, false},
		"a certificate for callers":     {client, false},
		"no authority":                  {alone, false},
		"the pool's chain behind its":   {longer, false},
		"the right one, but an old TLS": {good, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard := make(chan string, 8)
			config := &tls.Config{Certificates: []tls.Certificate{c.shows}, MinVersion: tls.VersionTLS12}
			if c.tls12 {
				config.MaxVersion = tls.VersionTLS12
			}
			listener := listenLocal(t)
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					raw := &recorder{Conn: conn}
					secure := tls.Server(raw, config)
					said, _ := io.ReadAll(io.LimitReader(secure, 1<<20))
					heard <- string(said) + raw.got.String()
					conn.Close()
				}
			}()
			token := p.token
			token.Addresses = []string{listener.Addr().String()}
			_, err := Ask(patiently(t), Options{Token: token, Request: request()})
			if agent.AsError(err).Code != agent.CodeFailed {
				t.Errorf("got %v", err)
			}
			if got := <-heard; strings.Contains(got, token.Secret) || strings.Contains(got, token.ID) || strings.Contains(got, "POST") {
				t.Errorf("it heard %q", got)
			}
		})
	}
}

type recorder struct {
	net.Conn
	got bytes.Buffer
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.got.Write(b[:n])
	return n, err
}

func TestAnAnswerThatDoesNotFitTheTokenIsNotTaken(t *testing.T) {
	p, other := newTestPool(t), newTestPool(t)
	good, err := p.Admit(t.Context(), func() pool.Request { q := request(); q.Token, q.Secret = p.token.ID, p.token.Secret; return q }())
	check(t, err)
	o := Options{Token: p.token, Request: request()}
	check(t, checkAdmission(good, o))
	foreign, err := other.Admit(t.Context(), func() pool.Request { q := request(); q.Token, q.Secret = other.token.ID, other.token.Secret; return q }())
	check(t, err)
	for name, change := range map[string]func(*pool.Admission){
		"nothing":                 func(a *pool.Admission) { *a = pool.Admission{} },
		"another authority":       func(a *pool.Admission) { a.Authority = foreign.Authority },
		"a roster of another":     func(a *pool.Admission) { a.Roster = foreign.Roster },
		"no roster":               func(a *pool.Admission) { a.Roster = nil },
		"another machine's place": func(a *pool.Admission) { a.Member.ID = "00000000-0000-4000-8000-000000000000" },
	} {
		a := good
		change(&a)
		if err := checkAdmission(a, o); agent.AsError(err) == nil || agent.AsError(err).Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// post sends a body as a machine would, and returns the status and the error told.
func post(t *testing.T, s *Server, method, path string, body []byte) (int, *agent.Error) {
	t.Helper()
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.RemoteAddr = "192.0.2.1:4000"
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	var told answer
	if w.Code != http.StatusOK && w.Code != http.StatusMethodNotAllowed {
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.Error == nil {
			t.Fatalf("%s %s: status %d, body %q", method, path, w.Code, w.Body)
		}
	}
	return w.Code, told.Error
}

func TestWhatNoMachineSendsIsRefusedBeforeTheTokenIsLookedAt(t *testing.T) {
	p := newTestPool(t)
	body := func(change func(*pool.Request)) []byte {
		q := request()
		q.Token, q.Secret, q.Protocol, q.Time = p.token.ID, p.token.Secret, Protocol, time.Now()
		change(&q)
		text, err := json.Marshal(q)
		check(t, err)
		return text
	}
	for name, c := range map[string]struct {
		method, path string
		body         []byte
		status       int
		want         string
	}{
		"another path":     {"POST", "/v1/nodes", nil, 404, "port at which machines join"},
		"another method":   {"GET", "/join", nil, 404, "port at which machines join"},
		"nothing":          {"POST", "/join", nil, 400, "not what a machine says"},
		"no JSON":          {"POST", "/join", []byte("{"), 400, "not what a machine says"},
		"no object":        {"POST", "/join", []byte(`"x"`), 400, "not what a machine says"},
		"deep":             {"POST", "/join", []byte(strings.Repeat("[", 20_000)), 400, "not what a machine says"},
		"large":            {"POST", "/join", body(func(q *pool.Request) { q.Name = strings.Repeat("a", maxBody) }), 400, "larger than 32 KB"},
		"wrong types":      {"POST", "/join", []byte(`{"protocol":1,"id":7}`), 400, "not what a machine says"},
		"newer protocol":   {"POST", "/join", []byte(`{"protocol":2,"id":7}`), 409, "joins by version 2, this cloud by version 1"},
		"older protocol":   {"POST", "/decline", []byte(`{"protocol":0}`), 409, "joins by version 0"},
		"no token":         {"POST", "/join", body(func(q *pool.Request) { q.Token = "" }), 400, "its token"},
		"token as a path":  {"POST", "/join", body(func(q *pool.Request) { q.Token = "../nodes" }), 400, "its token"},
		"no id":            {"POST", "/join", body(func(q *pool.Request) { q.ID = "" }), 400, "its id"},
		"id as a path":     {"POST", "/join", body(func(q *pool.Request) { q.ID = "8d969eef-6eca-43c2-9a3a-629280e6/../" }), 400, "its id"},
		"name":             {"POST", "/join", body(func(q *pool.Request) { q.Name = "pi\x1b[2J" }), 400, "cannot be a machine's name"},
		"csr":              {"POST", "/join", body(func(q *pool.Request) { q.CSR = "x" }), 400, "its csr"},
		"key":              {"POST", "/join", body(func(q *pool.Request) { q.Key = "AAAA" }), 400, "its key"},
		"endpoint":         {"POST", "/join", body(func(q *pool.Request) { q.Endpoints = []string{"x y"} }), 400, "its endpoints"},
		"many endpoints":   {"POST", "/join", body(func(q *pool.Request) { q.Endpoints = make([]string, 33) }), 400, "its endpoints"},
		"arch":             {"POST", "/join", body(func(q *pool.Request) { q.Arch = "\n" }), 400, "its arch"},
		"version":          {"POST", "/join", body(func(q *pool.Request) { q.Version = "\x00" }), 400, "its version"},
		"memory":           {"POST", "/join", body(func(q *pool.Request) { q.MemoryMB = -1 }), 400, "its memory_mb"},
		"taken":            {"POST", "/join", body(func(q *pool.Request) { q.Taken = make([]netip.Prefix, maxTaken+1) }), 400, "its taken"},
		"no time":          {"POST", "/join", body(func(q *pool.Request) { q.Time = time.Time{} }), 422, "clocks differ"},
		"decline, unknown": {"POST", "/decline", []byte(`{"protocol":1,"id":"a","token":"b","secret":"c"}`), 404, "no machine that joins"},
	} {
		s := NewServer(Options{Admitter: p, Certificate: p.shown(t, nil)})
		status, e := post(t, s, c.method, c.path, c.body)
		if status != c.status || e == nil || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: %d, %v; want %d, %q", name, status, e, c.status, c.want)
		}
	}
	if len(p.admitted) != 0 || p.wrong != 0 || len(p.declined) != 0 {
		t.Errorf("asked: %v, %d, %v", p.admitted, p.wrong, p.declined)
	}
	s := NewServer(Options{Admitter: p, Certificate: p.shown(t, nil)})
	if status, e := post(t, s, "POST", "/join", body(func(*pool.Request) {})); status != 200 {
		t.Fatalf("what an honest machine sends: %d, %v", status, e)
	}
}

func TestASourceThatGuessesIsHeldBackAndOthersAreNot(t *testing.T) {
	p := newTestPool(t)
	cloud := time.Now() // its clock stands still: nobody is let off because this machine is busy
	port := p.serve(t, Options{Now: func() time.Time { return cloud }})
	wrong := p.token
	wrong.Secret = "n0t-the-s3cret"
	for range sourceBurst {
		_, err := Ask(patiently(t), Options{Token: wrong, Request: request()})
		if agent.AsError(err).Code != agent.CodeUnauthorized {
			t.Fatalf("got %v", err)
		}
	}
	// Now the right one too has to wait, and is told.
	o := Options{Token: p.token, Request: request()}
	_, err := Ask(untilTold(t, &o, "too many wrong tokens"), o)
	if err == nil || !strings.Contains(err.Error(), "too many wrong tokens") {
		t.Errorf("got %v", err)
	}
	if p.wrong != sourceBurst || len(p.admissions()) != 0 {
		t.Errorf("%d wrong secrets were looked at", p.wrong)
	}
	log := port.log.String()
	if n := strings.Count(log, "not known here"); n != sourceBurst || !strings.Contains(log, "source=127.0.0.1") || strings.Contains(log, wrong.Secret) {
		t.Errorf("%d refusals in the log:\n%s", n, log)
	}
	other := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}}
	conn, err := tls.DialWithDialer(other, "tcp", port.address, pinned(p.token.Fingerprint))
	check(t, err)
	q := request()
	q.Token, q.Secret, q.Protocol, q.Time = p.token.ID, p.token.Secret, Protocol, time.Now()
	_, _, err = exchange(patiently(t), Options{}.filled(), &met{conn, port.address}, "/join", q)
	check(t, err)
}

func TestTheLimiterForgetsNothingThatMattersAndItsMemoryIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(func() time.Time { return now })
	take := func(a string) bool { ok, _ := l.take(netip.MustParseAddr(a)); return ok }
	for i := range sourceBurst {
		if !take(fmt.Sprintf("2001:db8::%x", i)) { // a /64 is one source
			t.Fatal("refused too early")
		}
	}
	if take("2001:db8::ffff") || !take("2001:db8:0:1::1") {
		t.Error("a /64 is not one source")
	}
	now = now.Add(sourceRefill)
	if !take("2001:db8::1") || take("2001:db8::2") {
		t.Error("not one more after the time for one")
	}
	l.giveBack(netip.MustParseAddr("2001:db8::1"))
	if !take("2001:db8::1") {
		t.Error("a try that was none is counted")
	}
	for i := range 100_000 {
		if i%100 == 0 {
			now = now.Add(time.Hour) // the total fills up
		}
		l.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(l.sources) > maxSources || l.order.Len() != len(l.sources) {
		t.Errorf("%d sources are remembered, %d in order", len(l.sources), l.order.Len())
	}
	passed := 0
	for i := range 100_000 {
		if take(fmt.Sprintf("172.16.%d.%d", i>>8&255, i&255)) {
			passed++
		}
	}
	if passed > totalBurst {
		t.Errorf("%d of all sources got through at once", passed)
	}
}

func TestTheMemoryOfAdmissionsIsBoundedAndEnds(t *testing.T) {
	now := time.Unix(0, 0)
	m := newMemory(func() time.Time { return now })
	for i := range 3 * maxAdmitted {
		now = now.Add(time.Millisecond)
		m.keep(fmt.Sprint(i), "token", "secret")
	}
	last := fmt.Sprint(3*maxAdmitted - 1)
	if len(m.of) > maxAdmitted || !m.knows(last, "token", "secret") || m.knows("0", "token", "secret") {
		t.Errorf("%d are remembered", len(m.of))
	}
	if m.knows(last, "token", "other") || m.knows("", "", "") {
		t.Error("known with a wrong secret")
	}
	now = now.Add(2 * admittedFor)
	if m.knows(last, "token", "secret") {
		t.Error("known for ever")
	}
}

func TestOneSourceCannotTakeAllConnections(t *testing.T) {
	p := newTestPool(t)
	port := p.serve(t, Options{})
	var open []net.Conn
	dial := func(last byte) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 2, last)}}
		conn, err := d.Dial("tcp", port.address)
		check(t, err)
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for range maxPerSource {
		open = append(open, dial(1))
	}
	closed := func(c net.Conn) bool {
		_ = c.SetReadDeadline(time.Now().Add(patient))
		_, err := c.Read(make([]byte, 1))
		return !timeout(err)
	}
	answered := func(c net.Conn) bool {
		_ = c.SetDeadline(time.Now().Add(patient))
		return tls.Client(c, pinned(p.token.Fingerprint)).Handshake() == nil
	}
	if !closed(dial(1)) {
		t.Error("one too many is not closed")
	}
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request()}) // from 127.0.0.1
	check(t, err)
	for i := range maxConnections - maxPerSource {
		dial(byte(2 + i/maxPerSource))
	}
	if !closed(dial(200)) {
		t.Error("more than the maximum are open")
	}
	open[0].Close() // one leaves, another may come in; its place is free once the server noticed
	for deadline := time.Now().Add(patient); !answered(dial(200)); {
		if time.Now().After(deadline) {
			t.Fatal("a place that was left stays taken")
		}
	}
}

func FuzzAsk(f *testing.F) {
	good := request()
	good.Token, good.Secret, good.Protocol = "00c0ffee11", "x", Protocol
	text, _ := json.Marshal(good)
	f.Add(text)
	f.Add([]byte(`{"protocol":2}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &testPool{token: pool.Token{ID: "none"}}
		s := NewServer(Options{Admitter: p, Now: func() time.Time { return good.Time }})
		for _, path := range []string{"/join", "/decline"} {
			if status, _ := post(t, s, "POST", path, body); status == http.StatusOK || status >= 500 {
				t.Fatalf("%s with %q: status %d", path, body, status)
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"error":{"code":"conflict","message":"x","hint":"y"}}`), 409, "Sun, 22 Nov 2026 22:00:00 GMT")
	f.Add([]byte(`{}`), 200, "")
	f.Fuzz(func(t *testing.T, body []byte, status int, date string) {
		_, err := refusal(&http.Response{StatusCode: status, Header: http.Header{"Date": {date}, "Retry-After": {date}}}, body, time.Now())
		if err == nil || err.Error() == "" {
			t.Fatalf("%q is no refusal", body)
		}
		var a pool.Admission
		if json.Unmarshal(body, &a) == nil && checkAdmission(a, Options{Token: pool.Token{Fingerprint: [32]byte{1}}}) == nil {
			t.Fatalf("%q is an admission", body)
		}
	})
}
