package control

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// testPool is a control service on the bed that leads the pool, without apps.
type testPool struct {
	*testBed
	s   *Service
	key *ecdsa.PrivateKey // signs rosters

	mu      sync.Mutex
	later   time.Duration // what the clock is ahead
	stopped time.Time     // where it stands still but for that; zero where it does not
	fail    error         // of Issue
	rotated []pool.Roster // the roster that was told when keys were replaced
	rosters []pool.Roster
	open    []bool
}

func newTestPool(t *testing.T, b *testBed) *testPool {
	p := &testPool{testBed: b}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	p.key = key
	p.s = b.service("bed")
	p.s.Version = "dev"
	p.s.Now = func() time.Time {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.stopped.IsZero() {
			return p.stopped.Add(p.later)
		}
		return time.Now().Add(p.later)
	}
	p.s.Members = Membership{
		Self:  pool.Member{ID: "00000000-0000-4000-8000-000000000000", Name: "bed", Role: pool.RoleServer, Address: netip.MustParseAddr("10.213.0.1"), Key: wgKey("bed")},
		Range: netip.MustParsePrefix("10.213.0.0/16"), Region: "global",
		Issue: func(m pool.Member, csr string) (map[string]string, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return map[string]string{"peer": m.Name}, p.fail
		},
		Secrets:      func(string) (map[string]string, error) { return map[string]string{"pool-gossip": "k"}, nil },
		AuthorityKey: func() (string, error) { return "ca key", nil },
		Sign:         func(r pool.Roster) ([]byte, error) { return r.Sign(key) },
		Endpoints:    func() []string { return []string{"192.0.2.1:51820"} },
		Rotate: func(context.Context, string) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.rotated = append(p.rotated, p.rosters[len(p.rosters)-1])
			return nil
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	g, ctx := errgroup.WithContext(ctx)
	p.s.watchAll(ctx, g)
	g.Go(func() error { return p.s.keepSelf(ctx) })
	g.Go(func() error { return p.s.echoNodeOps(ctx) })
	g.Go(func() error { p.s.tendNodes(ctx); return nil })
	g.Go(func() error {
		return p.s.WatchRoster(ctx, func(r pool.Roster) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.rosters = append(p.rosters, r)
		})
	})
	g.Go(func() error {
		return p.s.WatchTokens(ctx, func(open bool, call []string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.open = append(p.open, open)
		})
	})
	t.Cleanup(func() { cancel(); check(t, g.Wait()) })
	return p
}

func (p *testPool) setLater(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.later = d
}

// untilAnswered is a client of Consul that calls end once its first answer was read.
func (p *testPool) untilAnswered(t *testing.T, end func()) *consul.Client {
	t.Helper()
	c, err := consul.NewClient(&consul.Config{Address: fmt.Sprintf("127.0.0.1:%d", node.ConsulHTTPPort), Scheme: "http",
		Token: p.secrets.ConsulManagement, HttpClient: &http.Client{Transport: endsAfter(end)}})
	check(t, err)
	return c
}

type endsAfter func()

func (end endsAfter) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		answer.Body = endsWith{answer.Body, end}
	}
	return answer, err
}

type endsWith struct {
	io.ReadCloser
	end func()
}

func (b endsWith) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func (p *testPool) stopClock() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = time.Now()
}

func (p *testPool) startClock() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = time.Time{}
}

// token makes one and returns a request of a machine with it.
func (p *testPool) token(t *testing.T, req agent.TokenRequest) func(machine int, name string) pool.Request {
	t.Helper()
	made, err := p.s.NodeToken(t.Context(), req)
	check(t, err)
	token, err := pool.ParseToken(made.Token)
	check(t, err)
	if token.ID != made.ID || !strings.HasSuffix(made.Command, "dcloud node join "+made.Token) || !slices.Contains(token.Addresses, "192.0.2.1:51820") {
		t.Errorf("%+v, %v", made, token.Addresses)
	}
	return func(machine int, name string) pool.Request {
		r := soundRequestOf(t)
		r.Token, r.Secret, r.Time, r.Name = token.ID, token.Secret, p.s.Now(), name
		r.ID, r.Key = fmt.Sprintf("%08d-0000-4000-8000-000000000000", machine), wgKey(fmt.Sprint("machine ", machine))
		return r
	}
}

// joined admits a machine and makes it a full member, as Confirm does.
func (p *testPool) joined(t *testing.T, machine int, name, role string) pool.Member {
	t.Helper()
	a, err := p.s.Admit(t.Context(), p.token(t, agent.TokenRequest{Role: role})(machine, name))
	check(t, err)
	p.confirmed(t, a.Member)
	return a.Member
}

// confirmed makes a machine that joins a full member.
func (p *testPool) confirmed(t *testing.T, m pool.Member) {
	t.Helper()
	check(t, p.s.store.amendNode(t.Context(), m.ID, func(n *nodeRecord) (bool, error) { n.Joining = false; return true, nil }))
	p.s.awaitMembers(t.Context(), func(n *nodeRecord) bool { return n.ID == m.ID && !n.Joining }, true)
}

// policies lists those of Consul that belong to machines.
func (p *testPool) policies(t *testing.T) string {
	t.Helper()
	list, _, err := p.consul.ACL().PolicyList(nil)
	check(t, err)
	var names []string
	for _, l := range list {
		if strings.HasPrefix(l.Name, "dcloud-node-") || strings.HasPrefix(l.Name, "dcloud-door-") {
			names = append(names, l.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (p *testPool) roster(t *testing.T) *roster {
	t.Helper()
	r, err := p.s.store.roster(t.Context())
	check(t, err)
	return r
}

// final waits for the end of an operation.
func (p *testPool) final(t *testing.T, op agent.Operation) agent.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	events, err := p.s.Events(ctx, "", 0)
	check(t, err)
	var told []string
	for e := range events {
		if e.Op == op.ID {
			told = append(told, e.Stage+" "+e.State+": "+e.Message)
			if e.Node != op.Node || e.App != "" {
				t.Errorf("an event on %s is %+v", op.Node, e)
			}
			if e.Final {
				return e
			}
		}
	}
	t.Fatalf("the operation does not end: %q", told)
	return agent.Event{}
}
