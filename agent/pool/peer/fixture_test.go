package peer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/loopback"
	"github.com/dentropy/dcloud/agent/pool"
)

// authority is a pool's.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newAuthority(t *testing.T) authority {
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	return authority{sign(t, template, template, key, key), key}
}

func sign(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	check(t, err)
	cert, err := x509.ParseCertificate(der)
	check(t, err)
	return cert
}

// issue makes a member's certificate; change may alter it.
func (a authority) issue(t *testing.T, m pool.Member, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{m.Name + ".node.dcloud", Name}, URIs: []*url.URL{Identity{m.ID, m.Role}.URI()},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if change != nil {
		change(template)
	}
	return &tls.Certificate{Certificate: [][]byte{sign(t, template, a.cert, key, a.key).Raw}, PrivateKey: key}
}

// lab is a pool of a server, a second server and a worker, at loopback addresses, in
// which the first answers.
type lab struct {
	ca              authority
	server, second  pool.Member
	worker, stander pool.Member // stander stands beside: known to nobody
	port            int
	pipes           *pipes // in the place of the network, nil for that
	s               *Server

	mu     sync.Mutex
	roster pool.Roster
	calls  []string // what the server was asked to do
	left   chan struct{}
}

func machine(id byte, name, role string) pool.Member {
	address := netip.AddrFrom4([4]byte{192, 0, 2, id}) // which nobody has
	if id <= 3 {
		address = loopback.Address(int(id - 1))
	}
	return pool.Member{ID: "00000000-0000-4000-8000-00000000000" + string('0'+id), Name: name, Role: role,
		Address: address}
}

func newLab(t *testing.T, docker string) *lab { return newLabAt(t, docker, nil) }

func newLabAt(t *testing.T, docker string, network *pipes) *lab {
	t.Helper()
	l := &lab{
		port: loopback.Port(), pipes: network,
		ca: newAuthority(t), server: machine(1, "pi1", pool.RoleServer), second: machine(2, "pi2", pool.RoleServer),
		worker: machine(3, "pi3", pool.RoleWorker), stander: machine(4, "pi4", pool.RoleServer), left: make(chan struct{}),
	}
	l.roster = pool.Roster{Serial: 1, Members: []pool.Member{l.server, l.second, l.worker}}
	did := func(what string) { l.mu.Lock(); defer l.mu.Unlock(); l.calls = append(l.calls, what) }
	l.s, l.port = l.serve(t, l.server, Options{
		Confirm: func(_ context.Context, id string) error { did("confirm " + id); return nil },
		Leave: func(ctx context.Context, id string, abandon bool, each func(agent.Event)) error {
			did("leave " + id)
			if !abandon {
				return agent.Errorf(agent.CodeConflict, "photos has its data on pi3").WithHint("dcloud node leave --abandon")
			}
			each(agent.Event{Stage: agent.StageDrain, Message: "one"})
			<-l.left
			each(agent.Event{Stage: agent.StageRotate, Message: "two"})
			return ctx.Err()
		},
		Secrets: func(_ context.Context, m pool.Member) (map[string]string, error) {
			did("secrets " + m.ID)
			return map[string]string{"for": m.Role}, nil
		},
		Renew: func(_ context.Context, m pool.Member, csr string) (map[string]string, error) {
			did("renew " + m.ID)
			if csr == "fails" {
				return nil, errors.New("the key is sesame")
			}
			return map[string]string{"peer": "for " + m.Name + ": " + csr}, nil
		},
		Nodes: func(context.Context) ([]agent.Node, error) {
			did("nodes")
			return []agent.Node{{Name: "pi1"}, {Name: "pi3"}}, nil
		},
		SetKeys: func(_ context.Context, keys map[string]string) error { did("keys " + keys["pool-gossip"]); return nil },
		Docker:  docker,
	})
	return l
}

// serve lets a member answer, until the test ends.
func (l *lab) serve(t *testing.T, m pool.Member, o Options) (*Server, int) {
	t.Helper()
	cert := l.ca.issue(t, m, nil)
	o.Certificate = func() (*tls.Certificate, error) { return cert, nil }
	o.Authority, o.Self, o.Roster = l.ca.cert, m, l.current
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	s := NewServer(o)
	var listener net.Listener = l.pipes
	if l.pipes == nil {
		var err error
		listener, err = net.Listen("tcp", netip.AddrPortFrom(m.Address, uint16(l.port)).String())
		check(t, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return s, l.port
}

func (l *lab) current() pool.Roster {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.roster
}

func (l *lab) remove(m pool.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roster.Members = slices.DeleteFunc(slices.Clone(l.roster.Members), func(o pool.Member) bool { return o.ID == m.ID })
}

// done returns what the server was asked to do since the last time.
func (l *lab) done() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := l.calls
	l.calls = nil
	return calls
}

// client asks as a member with a certificate of its own.
func (l *lab) client(t *testing.T, m pool.Member) *Client {
	return l.clientWith(l.ca.issue(t, m, nil))
}

func (l *lab) clientWith(cert *tls.Certificate) *Client {
	c := NewClient(Options{
		Certificate: func() (*tls.Certificate, error) {
			if cert == nil {
				return &tls.Certificate{}, nil
			}
			return cert, nil
		},
		Authority: l.ca.cert, Roster: l.current,
	})
	c.port = l.port
	if l.pipes != nil {
		c.connect = l.pipes.dial
	}
	return c
}

// pipes is a network in memory with one server on it.
type pipes struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{calls: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.calls <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
