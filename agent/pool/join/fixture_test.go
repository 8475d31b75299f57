package join

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// testPool is a pool's authority and what stands behind its join port.
type testPool struct {
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	token pool.Token

	mu       sync.Mutex
	admitted []pool.Request
	declined []string
	refuse   error // what Admit says
	wrong    int   // how many wrong secrets came
}

func newTestPool(t *testing.T) *testPool {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert := sign(t, template, template, key, key)
	p := &testPool{cert: cert, key: key}
	p.token = pool.NewToken(sha256.Sum256(cert.Raw), nil)
	return p
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func sign(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	check(t, err)
	cert, err := x509.ParseCertificate(der)
	check(t, err)
	return cert
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shown is what a server of the pool shows; change may alter the leaf.
func (p *testPool) shown(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{Name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		KeyUsage: x509.KeyUsageDigitalSignature, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if change != nil {
		change(template)
	}
	leaf := sign(t, template, p.cert, key, p.key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw, p.cert.Raw}, PrivateKey: key}
}

func (p *testPool) Admit(_ context.Context, q pool.Request) (pool.Admission, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q.Token != p.token.ID || q.Secret != p.token.Secret {
		p.wrong++
		return pool.Admission{}, agent.Errorf(agent.CodeUnauthorized, "the token is not known here: %w", pool.ErrSecret).
			WithHint("on the cloud's server: dcloud node token")
	}
	if p.refuse != nil {
		return pool.Admission{}, p.refuse
	}
	p.admitted = append(p.admitted, q)
	m := pool.Member{ID: q.ID, Name: "pi2", Role: pool.RoleWorker, Address: netip.MustParseAddr("10.213.0.2"), Key: q.Key, Joining: true}
	roster, err := pool.Roster{Serial: 2, Members: []pool.Member{m}}.Sign(p.key)
	if err != nil {
		return pool.Admission{}, err
	}
	return pool.Admission{
		Member: m, Roster: roster, Certs: map[string]string{"peer": "…"}, Secrets: map[string]string{"pool-gossip": "sesame"},
		Authority: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw})),
	}, nil
}

func (p *testPool) Confirm(context.Context, string) error { return nil }

func (p *testPool) Decline(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.declined = append(p.declined, id)
	return nil
}

func (p *testPool) admissions() []pool.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]pool.Request(nil), p.admitted...)
}

// port is an open join port.
type port struct {
	address string
	server  *Server
	log     *buffer
}

// serve opens a join port until the test ends, and adds it to the token.
func (p *testPool) serve(t *testing.T, o Options) port {
	t.Helper()
	log := &buffer{}
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.Admitter == nil {
		o.Admitter = p
	}
	if o.Certificate.Certificate == nil {
		o.Certificate = p.shown(t, nil)
	}
	s := NewServer(o)
	s.headerTime = patient // who is slow here is this machine
	listener := listenLocal(t)
	run(t, func(ctx context.Context) {
		if err := s.Serve(ctx, listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	p.token.Addresses = append(p.token.Addresses, listener.Addr().String())
	return port{listener.Addr().String(), s, log}
}

func listenLocal(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener
}

// run runs until the test ends, which waits for it.
func run(t *testing.T, f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// patient is how long what takes a moment may take on a busy machine.
const patient = 3 * time.Minute

func patiently(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	t.Cleanup(cancel)
	return ctx
}

// untilTold asks until it is told something, and then as if the time were over.
func untilTold(t *testing.T, o *Options, what string) context.Context {
	ctx, end := context.WithCancelCause(patiently(t))
	t.Cleanup(func() { end(nil) })
	tell := o.Progress
	o.Progress = func(text string) {
		if tell != nil {
			tell(text)
		}
		if strings.Contains(text, what) {
			end(context.DeadlineExceeded)
		}
	}
	return ctx
}

func request() pool.Request {
	return pool.Request{
		ID: "8d969eef-6eca-43c2-9a3a-629280e686cf", Name: "pi2", Arch: "arm64", MemoryMB: 1024, Version: "0.3.0 (abc1234)",
		CSR: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte("csr")})),
		Key: base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)), Endpoints: []string{"192.168.1.7:51820"},
	}
}

// buffer is a log that goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
