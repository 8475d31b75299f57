package join

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	dialTime  = 5 * time.Second
	shakeTime = 5 * time.Second
)

var (
	// errForeign: a cloud answers, but not the token's.
	errForeign = errors.New("another cloud answers there")
	// errNoCloud: something answers, but no cloud.
	errNoCloud = errors.New("what answers there is no cloud")
)

// pinned makes a TLS client that goes on only with a server of the pool whose
// authority has the fingerprint. What the machine's clock says does not matter here:
// the clocks are compared in words (RFC 5280's times would only say "not valid").
func pinned(fingerprint [32]byte) *tls.Config {
	return &tls.Config{
		ServerName: Name,
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"http/1.1"},
		// No root of this machine has a say; VerifyConnection checks instead.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verify(state.PeerCertificates, fingerprint)
		},
	}
}

// verify checks a chain of a leaf for Name and the authority that signed it.
func verify(chain []*x509.Certificate, fingerprint [32]byte) error {
	if len(chain) != 2 || chain[0].VerifyHostname(Name) != nil {
		return errNoCloud
	}
	leaf, authority := chain[0], chain[1]
	if sha256.Sum256(authority.Raw) != fingerprint {
		return errForeign
	}
	// A time at which both are valid, if there is one.
	at := leaf.NotBefore
	if authority.NotBefore.After(at) {
		at = authority.NotBefore
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: Name, Roots: roots, CurrentTime: at}); err != nil {
		return fmt.Errorf("%w: it shows the right authority and has not its key", errForeign)
	}
	return nil
}

// shake makes TLS of a TCP connection and closes it where that fails.
func shake(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, shakeTime)
	defer cancel()
	secure := tls.Client(conn, config)
	err := secure.HandshakeContext(ctx)
	if err == nil {
		return secure, nil
	}
	_ = conn.Close()
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errForeign), errors.Is(err, errNoCloud):
		return nil, err
	case errors.As(err, &alert), errors.As(err, &record), errors.Is(err, syscall.EPROTO):
		return nil, errNoCloud
	case timeout(err):
		return nil, errors.New("what answers there says nothing")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return nil, errors.New("the connection was closed at once: the cloud may be busy")
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op != "remote error" && op.Op != "local error" {
		return nil, err
	}
	return nil, errNoCloud // crypto/tls has no types for what a stranger's TLS does wrong
}

func timeout(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// reason says in few words why an address cannot be reached.
func reason(err error) string {
	var name *net.DNSError
	switch {
	case errors.Is(err, errForeign), errors.Is(err, errNoCloud):
		return err.Error()
	case errors.As(err, &name):
		if name.IsNotFound {
			return "no such name"
		}
		return "its name cannot be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused: nothing waits at that port"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no way there from this network"
	case timeout(err):
		return fmt.Sprintf("no answer in %d seconds", dialTime/time.Second)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}
