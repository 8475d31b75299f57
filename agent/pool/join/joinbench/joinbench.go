// Package joinbench measures what a join port bears: a server with a pool of its own,
// on loopback, and a crowd that knows no token.
//
// It depends on agent/pool and agent/pool/join. Start reading at Measure.
package joinbench

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/join"
)

// atOnce is how many of the crowd ask at the same time.
const atOnce = 16

// Measure sends n requests to join with bad tokens, well-formed otherwise, each on a
// connection of its own and from one of 250 loopback addresses. It returns how many
// were accepted, and the bytes that this process's heap holds before and after, once
// the garbage is collected.
//
// It fails where a request gets no answer, so that a server that went away does not
// count as one that accepts nobody.
func Measure(ctx context.Context, n int) (accepted int, before, after uint64, err error) {
	certificate, err := newCertificate()
	if err != nil {
		return 0, 0, 0, err
	}
	refuser := &refuser{}
	server := join.NewServer(join.Options{Admitter: refuser, Certificate: certificate})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, 0, fmt.Errorf("open a join port: %w", err)
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving, listener) }()

	crowd := &crowd{address: listener.Addr().String()}
	warm := min(n, 200) // the first requests fill tables and caches that stay
	err = crowd.ask(ctx, 0, warm)
	before = heap()
	if err == nil {
		err = crowd.ask(ctx, warm, n)
	}
	after = heap()
	stop()
	if e := <-served; err == nil {
		err = e
	}
	return int(crowd.accepted.Load()), before, after, err
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// refuser knows no token.
type refuser struct{}

func (*refuser) Admit(context.Context, pool.Request) (pool.Admission, error) {
	e := agent.Errorf(agent.CodeUnauthorized, "the token is not known: %w", pool.ErrSecret)
	return pool.Admission{}, e
}

func (*refuser) Confirm(context.Context, string) error { return errors.New("nobody was admitted") }
func (*refuser) Decline(context.Context, string) error { return errors.New("nobody was admitted") }

// crowd asks to join.
type crowd struct {
	address  string
	accepted atomic.Int64
}

func (c *crowd) ask(ctx context.Context, from, to int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	var next atomic.Int64
	next.Store(int64(from))
	for range atOnce {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(to) && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := c.one(ctx, int(i)); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

func (c *crowd) one(ctx context.Context, i int) error {
	body, err := json.Marshal(request(i))
	if err != nil {
		return fmt.Errorf("write a request: %w", err)
	}
	dialer := tls.Dialer{
		NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%250))}, Timeout: 10 * time.Second},
		Config:    &tls.Config{ServerName: join.Name, InsecureSkipVerify: true}, // the crowd trusts anybody
	}
	conn, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		return fmt.Errorf("connect to the join port: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(conn, "POST /join HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", join.Name, len(body), body); err != nil {
		return fmt.Errorf("ask to join: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(conn, 64<<10))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	var status int
	if _, err := fmt.Sscanf(string(answer), "HTTP/1.1 %d", &status); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch {
	case status == http.StatusOK:
		c.accepted.Add(1)
	case status != http.StatusUnauthorized && status != http.StatusTooManyRequests:
		return fmt.Errorf("ask to join: status %d", status)
	}
	return nil
}

func request(i int) pool.Request {
	return pool.Request{
		Token: fmt.Sprintf("%010x", i), Secret: fmt.Sprintf("%032x", i),
		ID:  fmt.Sprintf("00000000-0000-4000-8000-%012x", i),
		CSR: "-----BEGIN CERTIFICATE REQUEST-----\n" + strings.Repeat("A", 64) + "\n-----END CERTIFICATE REQUEST-----\n",
		Key: base64.StdEncoding.EncodeToString(make([]byte, 32)), Arch: "arm64", MemoryMB: 1024,
		Version: "0.0.0", Protocol: join.Protocol, Time: time.Now(),
	}
}

// newCertificate makes a pool's authority and what its server shows.
func newCertificate() (tls.Certificate, error) {
	fail := func(err error) (tls.Certificate, error) {
		return tls.Certificate{}, fmt.Errorf("make a pool's authority: %w", err)
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "measured"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return fail(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{join.Name},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), authorityKey)
	if err != nil {
		return fail(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fail(err)
	}
	chain := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafDER}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER})...)
	return tls.X509KeyPair(chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}
