package peer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

const (
	// maxAnswer is for a list of some thousand machines, with their state.
	maxAnswer = 8 << 20
	// maxLine is one event of a removal.
	maxLine = 1 << 20
)

// Client asks other members, each by its address in the pool. It may be used by
// several goroutines.
type Client struct {
	o    Options
	http *http.Client
	port int
	// silence is how long a server that tells how leaving goes may say nothing.
	silence time.Duration
	// connect makes the connection; tests have their own network.
	connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient makes a client. It uses Certificate, Authority and Roster.
func NewClient(o Options) *Client {
	if o.Roster == nil {
		o.Roster = func() pool.Roster { return pool.Roster{} } // who is not known is not asked
	}
	c := &Client{o: o, port: pool.PeerPort, silence: 4 * beatTime, connect: (&net.Dialer{Timeout: dialTime}).DialContext}
	// A connection is for one question: who answers is checked at each, and questions
	// are rare.
	c.http = &http.Client{Transport: &http.Transport{
		DialTLSContext: c.dial, DisableKeepAlives: true, DisableCompression: true,
	}}
	return c
}

// Confirm asks a server to wait until this machine is ready for work.
func (c *Client) Confirm(ctx context.Context, server netip.Addr) error {
	return c.askServer(ctx, server, http.MethodPost, "/v1/confirm", struct{}{}, nil)
}

// Secrets asks a server for what this machine has by its role, by file name.
func (c *Client) Secrets(ctx context.Context, server netip.Addr) (map[string]string, error) {
	var values map[string]string
	err := c.askServer(ctx, server, http.MethodGet, "/v1/secrets", nil, &values)
	return values, err
}

// Renew asks a server for this machine's certificates, by name, for the CSR's key.
func (c *Client) Renew(ctx context.Context, server netip.Addr, csr string) (map[string]string, error) {
	var certs map[string]string
	err := c.askServer(ctx, server, http.MethodPost, "/v1/renew", renewal{csr}, &certs)
	return certs, err
}

// Nodes asks a server for the list of machines.
func (c *Client) Nodes(ctx context.Context, server netip.Addr) ([]agent.Node, error) {
	var list []agent.Node
	err := c.askServer(ctx, server, http.MethodGet, "/v1/nodes", nil, &list)
	return list, err
}

// Uses asks a member what apps use there. Only servers may.
func (c *Client) Uses(ctx context.Context, member netip.Addr) (pool.Uses, error) {
	var u pool.Uses
	err := c.ask(ctx, member, http.MethodGet, "/v1/uses", nil, &u)
	return u, err
}

// SetKeys hands a member new secrets, by file name. Only servers may.
func (c *Client) SetKeys(ctx context.Context, member netip.Addr, keys map[string]string) error {
	return c.ask(ctx, member, http.MethodPost, "/v1/keys", keys, nil)
}

// Leave asks a server to take this machine out of the pool, and tells each step. With
// abandon the data of apps that lies here is given up.
func (c *Client) Leave(ctx context.Context, server netip.Addr, abandon bool, each func(agent.Event)) error {
	if err := c.isServer(server); err != nil {
		return err
	}
	all := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silent := time.AfterFunc(c.silence, cancel)
	defer silent.Stop()
	broken := agent.Errorf(agent.CodeUnavailable, "the connection to %s broke off while this machine was leaving", c.name(server)).
		WithHint("it goes on there; look at it on a server: dcloud node list")
	answer, err := c.send(ctx, server, http.MethodPost, "/v1/leave", leaving{abandon})
	if err != nil && ctx.Err() != nil && all.Err() == nil {
		return broken
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		silent.Reset(c.silence)
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return fmt.Errorf("read how leaving goes: %w", err)
		}
		if s.Event != nil {
			each(*s.Event)
		}
		if s.Done {
			if s.Error != nil {
				return s.Error
			}
			return nil
		}
	}
	if all.Err() != nil {
		return fmt.Errorf("leave the pool: %w", all.Err())
	}
	return broken
}

func (c *Client) hostPort(a netip.Addr) string {
	return net.JoinHostPort(a.String(), strconv.Itoa(c.port))
}

// name is how a person knows the member at an address.
func (c *Client) name(a netip.Addr) string {
	if m, ok := c.o.Roster().At(a); ok {
		return m.Name
	}
	return a.String()
}

// isServer keeps questions that are for servers from others.
func (c *Client) isServer(a netip.Addr) error {
	if m, ok := c.o.Roster().At(a); ok && m.Role != pool.RoleServer {
		return agent.Errorf(agent.CodeInvalid, "%s is no server of the pool", m.Name).
			WithHint("the servers are listed by: dcloud node list")
	}
	return nil
}

func (c *Client) askServer(ctx context.Context, a netip.Addr, method, path string, q, into any) error {
	if err := c.isServer(a); err != nil {
		return err
	}
	return c.ask(ctx, a, method, path, q, into)
}

// ask sends a question and reads the answer into what into points to, if not nil.
func (c *Client) ask(ctx context.Context, a netip.Addr, method, path string, q, into any) error {
	answer, err := c.send(ctx, a, method, path, q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return c.unreached(ctx, a, err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.name(a), err)
	}
	return nil
}

// send returns an answer with status 200, and any other as an error.
func (c *Client) send(ctx context.Context, a netip.Addr, method, path string, q any) (*http.Response, error) {
	var body io.Reader
	if q != nil {
		text, err := json.Marshal(q)
		if err != nil {
			return nil, fmt.Errorf("write a question: %w", err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, "https://"+c.hostPort(a)+path, body)
	if err != nil {
		return nil, fmt.Errorf("write a question: %w", err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreached(ctx, a, err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	defer answer.Body.Close()
	var t told
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxBody)).Decode(&t); err != nil || t.Error == nil || t.Error.Message == "" {
		return nil, agent.Errorf(agent.CodeFailed, "%s answered with status %d and no word", c.name(a), answer.StatusCode)
	}
	return nil, t.Error
}

func (c *Client) unreached(ctx context.Context, a netip.Addr, err error) error {
	var known *agent.Error
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil:
		return fmt.Errorf("ask %s: %w", c.name(a), ctx.Err())
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // a TLS alert (RFC 8446, 6.2)
		return agent.Errorf(agent.CodeUnauthorized, "%s does not accept this machine's certificate: %w", c.name(a), err).
			WithHint("does this machine still belong to the pool? On a server: dcloud node list")
	}
	var wrong *tls.CertificateVerificationError
	if errors.As(err, &wrong) {
		return agent.Errorf(agent.CodeFailed, "what answers at %s, the address of %s, is no machine of this pool: %w", a, c.name(a), err).
			WithHint("compare the clocks of both machines (timedatectl); to see who is where: dcloud node list")
	}
	return agent.Errorf(agent.CodeUnavailable, "%s does not answer: %w", c.name(a), err).
		WithHint("is it switched on? dcloud node list shows it; dcloud doctor on it shows more")
}
