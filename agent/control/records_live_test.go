package control

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/people"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestRecordsOfPeopleAreSafeInTheRealConsul(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=20m")
		cmd.Env = append(os.Environ(), insideNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("in a network namespace (as root): %v\n%s", err, out)
		}
		return
	}
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))
	b := newTestBed(t)
	b.start(t, node.Consul)
	t.Run("a write is all or nothing, and only of what was read", func(t *testing.T) { recordsAgree(t, b) })
	t.Run("a change is told to who waits", func(t *testing.T) { changesAreTold(t, b) })
	t.Run("of two servers one makes the owner, and a session that ends here ends there", func(t *testing.T) { twoServersAgree(t, b) })
}

func recordsAgree(t *testing.T, b *testBed) {
	ctx, r := t.Context(), Records{Consul: b.consul}
	none, err := r.Get(ctx, "x/a")
	check(t, err)
	if none.Index != 0 || none.Value != nil {
		t.Errorf("nothing is %+v", none)
	}
	check(t, r.Write(ctx, people.Op{Key: "x/a", Value: []byte("1")}, people.Op{Key: "x/b", Value: []byte("2")}))
	if err := r.Write(ctx, people.Op{Key: "x/c", Value: []byte("3")}, people.Op{Key: "x/a", Value: []byte("9")}); !errors.Is(err, people.ErrChanged) {
		t.Errorf("writing over what there is: %v", err)
	}
	all, err := r.List(ctx, "x/")
	check(t, err)
	if len(all) != 2 || all[0].Key != "x/a" || string(all[0].Value) != "1" || all[1].Key != "x/b" {
		t.Fatalf("the records are %+v", all)
	}
	check(t, r.Write(ctx, people.Op{Key: "x/a", Value: []byte("4"), Index: all[0].Index}))
	for what, op := range map[string]people.Op{
		"writing": {Key: "x/a", Value: []byte("5"), Index: all[0].Index}, "deleting": {Key: "x/a", Index: all[0].Index, Delete: true},
	} {
		if err := r.Write(ctx, op, people.Op{Key: "x/b", Index: all[1].Index, Delete: true}); !errors.Is(err, people.ErrChanged) {
			t.Errorf("%s what changed since: %v", what, err)
		}
	}
	now, err := r.Get(ctx, "x/a")
	check(t, err)
	check(t, r.Write(ctx, people.Op{Key: "x/a", Index: now.Index, Delete: true}, people.Op{Key: "x/b", Index: all[1].Index, Delete: true}))
	if all, err = r.List(ctx, "x/"); err != nil || len(all) != 0 {
		t.Errorf("what was deleted: %+v, %v", all, err)
	}
}

func changesAreTold(t *testing.T, b *testBed) {
	r := Records{Consul: b.consul}
	check(t, r.Write(t.Context(), people.Op{Key: "y/a", Value: []byte("1")}))
	at, err := r.Changed(t.Context(), "", 0)
	check(t, err)
	told := make(chan uint64, 1)
	go func() {
		for { // it may be told of other changes before
			next, err := r.Changed(t.Context(), "", at)
			if err != nil || next > at {
				told <- next
				return
			}
		}
	}()
	check(t, r.Write(t.Context(), people.Op{Key: "y/b", Value: []byte("1")}))
	select {
	case next := <-told:
		if next <= at {
			t.Errorf("told of %d after %d", next, at)
		}
	case <-time.After(patient):
		t.Error("nobody was told")
	}
}

func twoServersAgree(t *testing.T, b *testBed) {
	server := func() *people.Service {
		return people.New(people.Options{Store: Records{Consul: b.consul}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader,
			Host: func() (string, []string) { return "ada.xyz", nil }, Link: func(path string) string { return path }})
	}
	one, two := server(), server()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = two.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	root := agent.WithRole(agent.WithActor(t.Context(), "unix:root"), agent.RoleOwner)
	link, err := one.FirstLink(root)
	check(t, err)
	key := link.Link[len("/welcome/"):]
	var wg sync.WaitGroup
	in := make([]agent.SignedIn, 2)
	errs := make([]error, 2)
	for k, s := range []*people.Service{one, two} {
		wg.Go(func() {
			in[k], errs[k] = s.TakeUp(t.Context(), key, agent.NewAccount{Name: []string{"ada", "eve"}[k], Password: "seven purple tractors hum"}, agent.Browser{})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("the first link served %v", errs)
	}
	won := in[0]
	if errs[0] != nil {
		won = in[1]
	}
	_, err = two.Session(t.Context(), won.Token)
	check(t, err)
	check(t, one.EndSession(t.Context(), won.Session.User, won.Session.ID))
	eventually(t, "the session ends on the other server", func() error {
		_, err := two.Session(t.Context(), won.Token)
		if agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeUnauthorized {
			return errors.New("it goes on")
		}
		return nil
	})
}
