package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/agent"
)

const (
	dialTime  = 5 * time.Second
	shakeTime = 10 * time.Second
)

// dial connects to a member and makes sure that it is the one that the roster has at
// that address.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect to a member: %w", err)
	}
	want, ok := c.o.Roster().At(to.Addr())
	if !ok {
		return nil, agent.Errorf(agent.CodeNotFound, "no machine of the pool has the address %s", to.Addr()).
			WithHint("the machines are listed by: dcloud node list")
	}
	roots := x509.NewCertPool()
	roots.AddCert(c.o.Authority)
	config := &tls.Config{
		ServerName: Name, RootCAs: roots, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.o.Certificate() },
		VerifyConnection: func(state tls.ConnectionState) error {
			got, ok := identify(state.PeerCertificates[0])
			if !ok || got.ID != want.ID || got.Role != want.Role {
				return agent.Errorf(agent.CodeFailed, "at %s, the address of %s, another machine answers", to.Addr(), want.Name).
					WithHint("to see who is where: dcloud node list")
			}
			return nil
		},
	}
	ctx, cancel := context.WithTimeout(ctx, shakeTime)
	defer cancel()
	conn, err := c.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// Docker makes a client of a member's Docker, for what servers may ask of it:
// containers' list, inspect and logs, and exec, each of Nomad's containers alone.
func (c *Client) Docker(member netip.Addr) (*client.Client, error) {
	d, err := client.NewClientWithOpts(
		// Docker's client hands the path of this to each request. Its own TLS would
		// keep it from using our dialer for exec, hence http: the dialer does TLS.
		client.WithHost("tcp://"+c.hostPort(member)+"/docker"),
		client.WithHTTPClient(&http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return c.dial(ctx, "tcp", c.hostPort(member))
			},
			DisableCompression: true, MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second,
		}}),
		client.WithScheme("http"),
		client.WithAPIVersionNegotiation(),
	)
	if err != nil {
		return nil, fmt.Errorf("make a client of the Docker of %s: %w", c.name(member), err)
	}
	return d, nil
}
