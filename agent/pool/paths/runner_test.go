package paths

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
)

// device answers with a handshake for whoever is tried at the right endpoint.
type device struct {
	peers map[string]overlay.PeerStatus
	right string
	calls int
}

func (d *device) SetPeers(_ context.Context, peers []overlay.Peer) error {
	d.calls++
	now := map[string]overlay.PeerStatus{}
	for _, p := range peers {
		s := d.peers[p.Key]
		s.Key, s.Allowed = p.Key, p.Allowed
		if p.Endpoint != "" {
			s.Endpoint = netip.MustParseAddrPort(p.Endpoint)
		}
		if p.Endpoint == d.right {
			s.LastHandshake, s.Received = time.Now(), s.Received+1
		}
		now[p.Key] = s
	}
	d.peers = now
	return nil
}

func (d *device) Peers(context.Context) (list []overlay.PeerStatus, err error) {
	for _, p := range d.peers {
		list = append(list, p)
	}
	return list, nil
}

func TestARunnerConnectsAndRemembersWhere(t *testing.T) {
	// In a time of its own a busy machine is not a device that is silent.
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "paths.json")
		m := member(2, pool.RoleWorker, "198.51.100.2:51820")
		d := &device{right: "198.51.100.2:51820"}
		config := Config{
			Log: slog.New(slog.DiscardHandler), Self: member(1, pool.RoleServer), Store: file,
			Device: func() overlay.Device { return d }, Roster: func() pool.Roster { return pool.Roster{Members: []pool.Member{m}} },
			Seen: func() []pool.Seen { return nil }, Endpoints: func() []string { return nil },
		}
		r := New(config)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		changed := r.Watch()
		go func() { done <- r.Run(ctx) }()
		for !r.Direct()[m.ID] {
			select {
			case <-changed:
				changed = r.Watch()
			case <-time.After(30 * time.Second):
				t.Fatal("not direct")
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if (pool.Facts{Direct: r.Reach()}).Meets(m.Address) == false {
			t.Error("others are not told that it is met")
		}
		if i, err := os.Stat(file); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", i, err)
		}
		if got := New(config).known()[m.ID]; got != d.right {
			t.Errorf("remembered %q", got)
		}
		// As all is well nothing is set again; a device that was started anew gets all.
		r.look(t.Context())
		calls := d.calls
		r.look(t.Context())
		if d.calls != calls {
			t.Error("peers were set again")
		}
		d.peers = nil
		r.look(t.Context())
		if len(d.peers) != 1 {
			t.Error("a new device has no peers")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"endpoints":{"id":"1.2.3.4:5"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		good, _ := parse(data)
		for id, e := range good {
			if netip.MustParseAddrPort(e).Port() == 0 {
				t.Fatalf("%q: %q", id, e)
			}
		}
	})
}
