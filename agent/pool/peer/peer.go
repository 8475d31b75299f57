// Package peer is what members of a pool ask one another over the pool's private
// network: HTTPS with mutual TLS at pool.PeerPort, a handful of questions, and the
// part of a machine's Docker that logs and exec need.
//
// Who somebody is stands in the URI of the certificate, dcloud://node/ID/ROLE; the
// roster says at each request whether that still holds, so that a machine that was
// removed is refused although its certificate goes on.
//
// It depends on agent and agent/pool, and on Docker's client. What the answers are
// is handed in. Start reading at NewServer (server.go); allow.go says who may ask what.
package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Name is in every member's certificate "peer", so that none of its other
// certificates can stand in for it.
const Name = "peer.dcloud"

// Options are what both sides work with. A client uses the first group alone.
type Options struct {
	// Certificate is this machine's; it is asked for at each connection, so that a
	// renewed one is used at once.
	Certificate func() (*tls.Certificate, error)
	// Authority is the pool's.
	Authority *x509.Certificate
	// Roster is the newest that this machine has.
	Roster func() pool.Roster

	Log  *slog.Logger // nil logs nothing
	Self pool.Member  // this machine

	// Confirm waits until the engines report the member ready. (Servers; so are all
	// below but SetKeys, Uses and Docker. A machine that is none leaves them nil.)
	Confirm func(ctx context.Context, id string) error
	// Leave takes the member out of the pool, and tells each step.
	Leave func(ctx context.Context, id string, abandon bool, each func(agent.Event)) error
	// Secrets are those that a member of the pool has by its role, by file name as in
	// pool.Admission.
	Secrets func(ctx context.Context, m pool.Member) (map[string]string, error)
	// Renew makes a member's certificates anew, for the key of its CSR (PEM).
	Renew func(ctx context.Context, m pool.Member, csr string) (map[string]string, error)
	// Nodes lists the machines.
	Nodes func(ctx context.Context) ([]agent.Node, error)
	// SetKeys takes new secrets that a server hands out, the gossip keys: file name ->
	// value.
	SetKeys func(ctx context.Context, keys map[string]string) error
	// Uses tells what apps use on this machine; nil tells nobody.
	Uses func(ctx context.Context) (pool.Uses, error)
	// Docker is the path of the Docker daemon's socket. "" opens none.
	Docker string
}
