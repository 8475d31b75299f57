package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/join"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// The crowd at a server's join port: so many sources, so many of them at once. Its
// first requests fill what is kept of sources, and buffers, and do not count.
const (
	sources     = 100
	firstSource = 100 // 192.168.77.100 and on
	atOnce      = 16
	warmUp      = 500
)

// crowd is somebody on the LAN who knows a token, and not its secret.
type crowd struct {
	visitor *lab.Host
	server  string // its join port
	token   pool.Token

	accepted, unknown, limited atomic.Int64
}

// poolPort has a crowd try a token with wrong secrets at the join port of a server
// that runs, and measures its agent before and after.
func (b *bench) poolPort(ctx context.Context) error {
	p, err := b.needPool(ctx)
	if err != nil {
		return err
	}
	c, err := b.gather(ctx, p)
	if err != nil {
		return err
	}
	pid, err := p.server.agentPID()
	if err != nil {
		return err
	}
	measure := func() (footprint, error) {
		sums, err := settled(ctx, restApps, func() (map[string]footprint, error) { return footprintsOf(map[string]int{"agent": pid}) })
		return sums["agent"], err
	}
	if err := c.ask(ctx, warmUp); err != nil {
		return err
	}
	before, err := measure()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := c.ask(ctx, badTokens); err != nil {
		return err
	}
	took := time.Since(began)
	after, err := measure()
	if err != nil {
		return err
	}
	b.detail("%d wrong secrets in %s: %d were looked up, %d turned away before that; agent %.1f MiB (%.1f anonymous) before, %.1f (%.1f) after", badTokens,
		took.Round(time.Second), c.unknown.Load(), c.limited.Load(), mib(before.pss), mib(before.anon), mib(after.pss), mib(after.anon))
	b.report.add(
		figure{ID: "pool.port.accepted", What: "wrong secrets accepted, of 10,000, at a server's join port", Value: float64(c.accepted.Load()),
			Note: fmt.Sprintf("%.0f a second", badTokens/took.Seconds())}.atMost(0),
		figure{ID: "pool.port.anon", What: "what its agent's anonymous memory grew by", Unit: "MiB", Value: mib(after.anon - before.anon),
			Note: fmt.Sprintf("from %.1f to %.1f", mib(before.anon), mib(after.anon))}.atMost(2),
		figure{ID: "pool.port.pss", What: "what its agent's PSS grew by", Unit: "MiB", Value: mib(after.pss - before.pss),
			Note: fmt.Sprintf("from %.1f to %.1f", mib(before.pss), mib(after.pss))},
	)
	return c.visitor.Close()
}

// gather makes a machine with many addresses, and opens the server's port with a token.
func (b *bench) gather(ctx context.Context, p *poolRun) (*crowd, error) {
	visitor, err := p.world.Host(ctx, "visitor", lab.HostOptions{At: p.home.LAN(), Address: visitorAddress, Bare: true})
	if err != nil {
		return nil, err
	}
	line := fmt.Sprintf("for n in $(seq %d %d); do ip address add 192.168.77.$n/24 dev lan0 || exit 1; done", firstSource, firstSource+sources-1)
	if _, err := output(visitor.Command(ctx, "sh", "-c", line)); err != nil {
		return nil, err
	}
	t, err := p.server.token(ctx)
	if err != nil {
		return nil, err
	}
	c := &crowd{visitor: visitor, server: net.JoinHostPort(serverAddress, fmt.Sprint(pool.Port))}
	if c.token, err = pool.ParseToken(t.Token); err != nil {
		return nil, err
	}
	err = poll(ctx, 50*time.Millisecond, answerMax, func() error {
		conn, err := c.dial(ctx, 0)
		if err == nil {
			err = conn.Close()
		}
		return err
	})
	return c, err
}

// ask sends so many requests and waits for the answer of each.
func (c *crowd) ask(ctx context.Context, n int) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range atOnce {
		g.Go(func() error {
			for i := next.Add(1); i <= int64(n) && ctx.Err() == nil; i = next.Add(1) {
				if err := c.one(ctx, int(i)); err != nil {
					return fmt.Errorf("request %d: %w", i, err)
				}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// dial connects from one of the crowd's addresses.
func (c *crowd) dial(ctx context.Context, i int) (conn net.Conn, err error) {
	dialer := net.Dialer{Timeout: 10 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(192, 168, 77, byte(firstSource+i%sources))}}
	err = c.visitor.Inside(func() error {
		conn, err = dialer.DialContext(ctx, "tcp", c.server)
		return err
	})
	return conn, err
}

func (c *crowd) one(ctx context.Context, i int) error {
	raw, err := c.dial(ctx, i)
	if err != nil {
		return err
	}
	defer raw.Close()
	_ = raw.SetDeadline(time.Now().Add(30 * time.Second))
	body, err := json.Marshal(wrongSecret(c.token, i))
	if err != nil {
		return err
	}
	conn := tls.Client(raw, &tls.Config{ServerName: join.Name, InsecureSkipVerify: true}) // the crowd trusts anybody
	if _, err := fmt.Fprintf(conn, "POST /join HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", join.Name, len(body), body); err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(conn, 64<<10))
	if err != nil {
		return err
	}
	var code int
	if _, err := fmt.Sscanf(string(answer), "HTTP/1.1 %d", &code); err != nil {
		return err
	}
	switch code {
	case http.StatusOK:
		c.accepted.Add(1)
	case http.StatusUnauthorized:
		c.unknown.Add(1)
	case http.StatusTooManyRequests:
		c.limited.Add(1)
	default:
		return fmt.Errorf("status %d: %s", code, answer)
	}
	return nil
}

// wrongSecret is what a machine would ask that has a token but for its secret.
func wrongSecret(t pool.Token, i int) pool.Request {
	return pool.Request{
		Token: t.ID, Secret: fmt.Sprintf("%0*x", len(t.Secret), i),
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012x", i), Name: fmt.Sprintf("nobody%d", i),
		CSR: "-----BEGIN CERTIFICATE REQUEST-----\n" + strings.Repeat("A", 64) + "\n-----END CERTIFICATE REQUEST-----\n",
		Key: base64.StdEncoding.EncodeToString(make([]byte, 32)), Arch: "arm64", MemoryMB: 1024,
		Version: "0.0.0", Protocol: join.Protocol, Time: time.Now(),
	}
}
