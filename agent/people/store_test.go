package people

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// memory is a Store in memory, with the checks of the real one.
type memory struct {
	mu      sync.Mutex
	records map[string]Record
	index   uint64
	changed chan struct{}
	// before is called ahead of each write, without the lock; killed makes writes fail.
	before  func(ops []Op)
	broken  error
	servers byte // over this store
}

func newMemory() *memory {
	return &memory{records: map[string]Record{}, changed: make(chan struct{}), index: 1}
}

func (m *memory) Get(_ context.Context, key string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records[key], m.broken
}

func (m *memory) List(_ context.Context, prefix string) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Record
	for key, r := range m.records {
		if strings.HasPrefix(key, prefix) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Record) int { return strings.Compare(a.Key, b.Key) })
	return out, m.broken
}

func (m *memory) Write(_ context.Context, ops ...Op) error {
	if m.before != nil {
		m.before(ops)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	for _, op := range ops {
		if m.records[op.Key].Index != op.Index {
			return ErrChanged
		}
	}
	m.index++
	for _, op := range ops {
		if op.Delete {
			delete(m.records, op.Key)
		} else {
			m.records[op.Key] = Record{op.Key, op.Value, m.index}
		}
	}
	close(m.changed)
	m.changed = make(chan struct{})
	return nil
}

func (m *memory) Changed(ctx context.Context, _ string, after uint64) (uint64, error) {
	for {
		m.mu.Lock()
		index, changed, err := m.index, m.changed, m.broken
		m.mu.Unlock()
		if err != nil || index > after {
			return index, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (m *memory) keys(prefix string) []string {
	all, _ := m.List(context.Background(), prefix)
	var out []string
	for _, r := range all {
		out = append(out, r.Key)
	}
	return out
}

// clock is a time that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bed is a service with what it works with.
type bed struct {
	*Service
	store *memory
	clock *clock
	mu    sync.Mutex
	notes []agent.Activity
}

const origin = "https://panel.ada.xyz"

// good is a password that is taken.
const good = "seven purple tractors hum"

func init() { cost = params{memory: 64, passes: 1, lanes: 1} } // tests sign in hundreds of times

func newBed(t *testing.T) *bed {
	return newBedOver(newMemory(), &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
}

// dice are the same in each run: of a million codes of six digits one is that which a
// test takes for wrong, and that is not to be today's.
type dice struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.from.Read(p)
}

// newBedOver is another server over the same store.
func newBedOver(store *memory, c *clock) *bed {
	b := &bed{store: store, clock: c}
	store.servers++ // no two of which draw alike
	b.Service = New(Options{Store: store, Log: slog.New(slog.DiscardHandler), Now: c.now, Rand: &dice{from: rand.NewChaCha8([32]byte{store.servers})},
		Host: func() (string, []string) { return "ada.xyz", []string{origin} },
		Link: func(path string) string { return origin + path },
		Note: func(_ context.Context, a agent.Activity) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.notes = append(b.notes, a)
		}})
	return b
}

// as is a context of somebody with a role.
func as(t *testing.T, name, role string) context.Context {
	return agent.WithRole(agent.WithActor(t.Context(), name), role)
}

func root(t *testing.T) context.Context { return as(t, "unix:root", agent.RoleOwner) }

var firefox = agent.Browser{Address: "203.0.113.7", Agent: "Firefox"}

// key is the last part of a link.
func key(link string) string { return link[strings.LastIndex(link, "/")+1:] }

// owner makes the first owner, ada.
func (b *bed) owner(t *testing.T) agent.SignedIn {
	t.Helper()
	first, err := b.FirstLink(root(t))
	check(t, err)
	in, err := b.TakeUp(t.Context(), key(first.Link), agent.NewAccount{Name: "ada", Title: "Ada L", Password: good}, firefox)
	check(t, err)
	return in
}

// person makes somebody with a role.
func (b *bed) person(t *testing.T, name, role string) agent.SignedIn {
	t.Helper()
	in, err := b.Invite(root(t), agent.InviteRequest{Name: name, Role: role})
	check(t, err)
	signed, err := b.TakeUp(t.Context(), key(in.Link), agent.NewAccount{Password: good}, firefox)
	check(t, err)
	return signed
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails unless an error is one of a code, with a hint.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	e := agent.AsError(err)
	if e == nil || e.Code != code {
		t.Fatalf("%v, want one with the code %s", err, code)
	}
}
