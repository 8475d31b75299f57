// Package join is how a machine and a pool that it does not belong to yet speak: one
// public TCP port of the servers, TLS 1.3, two questions (POST /join, POST /decline)
// and nothing else.
//
// The machine knows the pool by its token: it tells its secret only to who shows a
// certificate that the authority with the token's fingerprint has signed. The server
// knows the machine by the secret. Either side may make the TCP connection (a server
// behind NAT calls the machine), the machine is the TLS client all the same.
//
// It depends on agent and agent/pool alone; who may join is decided by a
// pool.Admitter. Start reading at NewServer (server.go) and Ask (client.go).
package join

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
)

const (
	// Protocol is the version of this exchange. A machine and a pool with different
	// ones tell so and end.
	Protocol = 1
	// Name is in the certificate that a server shows at the join port.
	Name = "join.dcloud"
	// MaxClockDifference between a machine and the pool: with more, certificates that
	// one makes seem not to be valid yet, or any more, to the other.
	MaxClockDifference = 5 * time.Minute
)

// Options are what both sides work with.
type Options struct {
	Log *slog.Logger     // nil logs nothing
	Now func() time.Time // nil is the machine's clock

	// Admitter decides who joins. (Server)
	Admitter pool.Admitter
	// Certificate is what a server shows: a leaf for Name, then the authority. (Server)
	Certificate tls.Certificate
	// Certificates, where set, is asked for it at each connection instead, so that one
	// server lives on while its certificate is renewed. (Server)
	Certificates func() (*tls.Certificate, error)

	// Token is what the machine was given. (Machine)
	Token pool.Token
	// Request is what the machine says of itself. Token, secret, protocol and time are
	// filled in. (Machine)
	Request pool.Request
	// Listen is where the machine waits for a server's call once it cannot reach one:
	// ":51820". "" waits for none. (Machine)
	Listen string
	// Patience is how long the cloud is tried to be reached; 0 ends with the context
	// alone. While somebody has to accept this machine the wait has no other end than
	// the token's. (Machine)
	Patience time.Duration
	// Progress is told what happens, in words, by one goroutine at a time. (Machine)
	Progress func(string)

	// dial connects to an address; tests have their own network. (Machine)
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (o Options) filled() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.dial == nil {
		o.dial = (&net.Dialer{Timeout: dialTime}).DialContext
	}
	return o
}

// decline is the body of POST /decline.
type decline struct {
	Protocol int    `json:"protocol"`
	Token    string `json:"token"`
	Secret   string `json:"secret"`
	ID       string `json:"id"`
}
