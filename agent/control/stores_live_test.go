package control

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	"github.com/vishvananda/netlink"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/stores"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestStoresAreKeptInTheRealConsul(t *testing.T) {
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
	t.Run("a store is added, searched, read anew and removed", func(t *testing.T) { storesLive(t, b) })
	t.Run("what fails leaves what was there", func(t *testing.T) { storesFail(t, b) })
	t.Run("of two servers that read a store at once one is told so, and it stays whole", func(t *testing.T) { storesRace(t, b) })
	t.Run("there are no more than a small machine bears", func(t *testing.T) { storesHaveLimits(t, b) })
	t.Run("who is killed half-way leaves the old or the new", func(t *testing.T) { storesKilled(t, b) })
}

// storeService is a server that watches the stores, and fetches what the test says.
func storeService(t *testing.T, b *testBed, name string, fetch func(string) (stores.Files, error)) *Service {
	t.Helper()
	s := b.service(name)
	s.FetchStore = func(_ context.Context, source string) (stores.Files, error) { return fetch(source) }
	s.DiskFree = func() (int, error) { return 1000, nil }
	ctx, cancel := context.WithCancel(t.Context())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return follow(ctx, s.watchStores(ctx)) })
	t.Cleanup(func() { cancel(); check(t, g.Wait()) })
	check(t, s.awaitView(t.Context(), "stores"))
	return s
}

func noFetch(string) (stores.Files, error) {
	return stores.Files{}, errors.New("nothing is fetched here")
}

// archiveOf packs files as somebody sends them.
func archiveOf(t *testing.T, files []stores.File) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	tw := tar.NewWriter(gz)
	for _, f := range files {
		check(t, tw.WriteHeader(&tar.Header{Name: f.Path, Size: int64(len(f.Bytes)), Mode: 0o644}))
		_, err := tw.Write(f.Bytes)
		check(t, err)
	}
	check(t, errors.Join(tw.Close(), gz.Close()))
	return out.Bytes()
}

func finds(t *testing.T, s *Service, words string) (names []string) {
	t.Helper()
	list, err := s.Catalog(t.Context(), words)
	check(t, err)
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names
}

// kept counts the pieces of stores in Consul.
func keptPieces(t *testing.T, b *testBed) int {
	t.Helper()
	keys, _, err := b.consul.KV().Keys(prefixStoreData, "", nil)
	check(t, err)
	return len(keys)
}

func storesLive(t *testing.T, b *testBed) {
	one, two := storeService(t, b, "one", noFetch), storeService(t, b, "two", noFetch)
	ctx := agent.WithActor(t.Context(), "ada")
	d, err := one.AddStore(ctx, agent.StoreAdd{Name: "mine", Archive: archiveOf(t, append(ownFiles("alpha", "beta"), stores.File{Path: "x/bad/app.hcl", Bytes: []byte("app {")}))})
	check(t, err)
	if d.Entries != 2 || d.Refused != 1 || d.Format != agent.StoreDcloud || d.Source != uploaded || d.Actor != "ada" || len(d.Apps) != 3 {
		t.Errorf("it is %+v", d)
	}
	if again, err := two.Store(ctx, "mine"); err != nil || len(again.Apps) != 3 {
		t.Errorf("the other server tells of %+v, %v", again, err)
	}
	if got := finds(t, one, "alpha"); len(got) != 1 || got[0] != "mine/alpha" {
		t.Errorf("where it was added, alpha finds %v", got)
	}
	eventually(t, "the other server has it", func() error {
		if got := finds(t, two, "store:mine"); len(got) != 2 {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
	e, err := two.Entry(ctx, "mine/beta")
	check(t, err)
	if e.Name != "mine/beta" || e.Store != "mine" || e.Title != "Beta" || len(e.Images) != 1 {
		t.Errorf("an entry is %+v", e)
	}
	for name, code := range map[string]string{"mine/gamma": agent.CodeNotFound, "none/beta": agent.CodeNotFound, "mine/bad": agent.CodeNotFound} {
		if _, err := two.Entry(ctx, name); agent.AsError(err) == nil || agent.AsError(err).Code != code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for what, req := range map[string]agent.StoreAdd{
		"a name that is taken": {Name: "mine"}, "the name of an app": {Name: "miniflux"}, "a name with a slash": {Name: "a/b"}, "the catalog's own name": {Name: "catalog"}, "no name": {},
		"a form that there is not": {Name: "x", Format: "zork"}, "a password in the address": {Name: "x", URL: "https://ada:hunter2@x.example/"},
	} {
		if req.URL == "" {
			req.Archive = archiveOf(t, ownFiles("alpha"))
		}
		if _, err := one.AddStore(ctx, req); agent.AsError(err) == nil || agent.AsError(err).Hint == "" || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := one.SyncStore(ctx, "mine", agent.StoreSync{}); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeInvalid {
		t.Errorf("files that nobody can fetch: %v", err)
	}
	before := keptPieces(t, b)
	d, err = one.SyncStore(ctx, "mine", agent.StoreSync{Archive: archiveOf(t, ownFiles("gamma"))})
	check(t, err)
	if d.Entries != 1 || keptPieces(t, b) != before {
		t.Errorf("read anew it is %+v, in %d pieces after %d", d.Store, keptPieces(t, b), before)
	}
	if got := finds(t, one, "store:mine"); len(got) != 1 || got[0] != "mine/gamma" {
		t.Errorf("read anew it has %v", got)
	}
	if e, there := one.current("mine/gamma"); !there || e.Title != "Gamma" {
		t.Errorf("as it is now, mine/gamma is %v", e)
	}
	if _, there := one.current("mine/alpha"); there {
		t.Error("what the store has no longer is still there")
	}
	list, err := two.Stores(ctx)
	check(t, err)
	if len(list) != 1 || list[0].Entries != 1 || list[0].Added.After(list[0].Synced) {
		t.Errorf("the list is %+v", list)
	}
	check(t, one.RemoveStore(ctx, "mine"))
	if got := finds(t, one, "store:mine"); len(got) != 0 || keptPieces(t, b) != 0 {
		t.Errorf("removed it has %v, and %d pieces", got, keptPieces(t, b))
	}
	if err := one.RemoveStore(ctx, "mine"); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeNotFound {
		t.Errorf("removed twice: %v", err)
	}
}

func storesFail(t *testing.T, b *testBed) {
	files, failure := stores.Files{Files: ownFiles("alpha"), Revision: "r1"}, error(nil)
	s := storeService(t, b, "one", func(string) (stores.Files, error) { return files, failure })
	ctx := t.Context()
	_, err := s.AddStore(ctx, agent.StoreAdd{Name: "far", URL: "https://far.example/x.zip"})
	check(t, err)
	for what, broken := range map[string]struct {
		files stores.Files
		err   error
		says  string
	}{
		"it cannot be reached": {err: agent.Errorf(agent.CodeFailed, "far.example cannot be reached"), says: "cannot be reached"},
		"it holds nothing":     {files: stores.Files{}, says: "no app"},
	} {
		files, failure = broken.files, broken.err
		if _, err := s.SyncStore(ctx, "far", agent.StoreSync{}); err == nil {
			t.Errorf("%s: it is read", what)
		}
		d, err := s.Store(ctx, "far")
		check(t, err)
		if !strings.Contains(d.Failure, broken.says) || d.Entries != 1 || d.Revision != "r1" || len(finds(t, s, "store:far")) != 1 {
			t.Errorf("%s: %+v", what, d)
		}
	}
	files, failure = stores.Files{Files: ownFiles("alpha", "beta"), Revision: "r2"}, nil
	d, err := s.SyncStore(ctx, "far", agent.StoreSync{})
	check(t, err)
	if d.Failure != "" || d.Revision != "r2" || len(finds(t, s, "store:far")) != 2 {
		t.Errorf("well again it is %+v", d)
	}
	if _, err := s.SyncStore(ctx, "far", agent.StoreSync{Archive: []byte("x")}); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeInvalid {
		t.Errorf("files for what is fetched: %v", err)
	}
	// One that somebody damaged is told, keeps nothing else from working, and can go.
	_, err = b.consul.KV().Put(&consul.KVPair{Key: prefixStores + "far", Value: []byte("{")}, nil)
	check(t, err)
	list, err := s.Stores(ctx)
	check(t, err)
	if len(list) != 1 || list[0].Failure == "" {
		t.Errorf("a damaged one is %+v", list)
	}
	_, err = s.AddStore(ctx, agent.StoreAdd{Name: "near", Archive: archiveOf(t, ownFiles("alpha"))})
	check(t, err)
	check(t, s.RemoveStore(ctx, "far"))
	check(t, s.RemoveStore(ctx, "near"))
	if n := keptPieces(t, b); n != 0 {
		t.Errorf("%d pieces are left", n)
	}
}

func storesRace(t *testing.T, b *testBed) {
	enter, leave := make(chan struct{}, 100), make(chan struct{})
	slow := func(string) (stores.Files, error) {
		enter <- struct{}{}
		<-leave
		return stores.Files{Files: ownFiles("alpha", "beta"), Revision: "slow"}, nil
	}
	one, two := storeService(t, b, "one", slow), storeService(t, b, "two", slow)
	ctx := t.Context()
	ended := make(chan error, 2)
	add := func(s *Service) {
		_, err := s.AddStore(ctx, agent.StoreAdd{Name: "race", URL: "https://x.example/x.zip"})
		ended <- err
	}
	go add(one)
	<-enter
	if _, err := one.AddStore(ctx, agent.StoreAdd{Name: "other", URL: "https://x.example/x.zip"}); agent.AsError(err) == nil || agent.AsError(err).Code != agent.CodeConflict {
		t.Errorf("on the same server: %v", err)
	}
	go add(two)
	<-enter
	close(leave)
	first, second := <-ended, <-ended
	if (first == nil) == (second == nil) {
		t.Fatalf("both: %v, %v", first, second)
	}
	lost := first
	if lost == nil {
		lost = second
	}
	if agent.AsError(lost).Code != agent.CodeConflict {
		t.Errorf("who lost is told %v", lost)
	}
	for range 5 { // and so for reading anew, however they mix
		go func() { _, err := one.SyncStore(ctx, "race", agent.StoreSync{}); ended <- err }()
		go func() { _, err := two.SyncStore(ctx, "race", agent.StoreSync{}); ended <- err }()
		if a, b := <-ended, <-ended; a != nil && b != nil {
			t.Errorf("nobody read it: %v, %v", a, b)
		}
		if _, err := one.Store(ctx, "race"); err != nil {
			t.Fatalf("it is not whole: %v", err)
		}
	}
	if n := keptPieces(t, b); n != 1 {
		t.Errorf("%d pieces are kept of one", n)
	}
	check(t, one.RemoveStore(ctx, "race"))
}

// storesKilled ends the writing after each of its steps, as a killed agent would.
func storesKilled(t *testing.T, b *testBed) {
	s := storeService(t, b, "one", noFetch)
	ctx := t.Context()
	large := func(seed uint64) []item { // of several pieces
		noise := rand.New(rand.NewPCG(seed, seed))
		var items []item
		for i := range 80 {
			text := make([]byte, 20_000)
			for k := range text {
				text[k] = byte(' ' + noise.IntN(90))
			}
			items = append(items, item{Name: fmt.Sprintf("app-%d", i), Card: &card{Title: fmt.Sprint(seed)}, Manifest: string(text)})
		}
		return items
	}
	old, err := packItems(large(1))
	check(t, err)
	next, err := packItems(large(2))
	check(t, err)
	r := &storeRecord{Store: agent.Store{Name: "big", Source: uploaded}, Generation: fmt.Sprintf("%d-old", time.Now().Unix())}
	check(t, s.store.writeStore(ctx, r, old, nil))
	whole := func(want uint64) {
		t.Helper()
		now, err := s.store.storeRecord(ctx, "big")
		check(t, err)
		content, err := s.store.storeContent(ctx, *now)
		check(t, err)
		sh, err := newShelf(*now, content)
		check(t, err)
		if len(sh.apps) != 80 || sh.apps[0].Title != fmt.Sprint(want) {
			t.Fatalf("%d apps of %s", len(sh.apps), sh.apps[0].Title)
		}
	}
	whole(1)
	pieces := keptPieces(t, b)
	if pieces < 3 {
		t.Fatalf("only %d pieces", pieces)
	}
	// Killed while the pieces are written: nothing names them, and they go in time.
	dead := &storeRecord{Store: agent.Store{Name: "big"}, Generation: fmt.Sprintf("%d-dead", time.Now().Add(-2*stray).Unix())}
	for k := range 2 {
		_, err := b.consul.KV().Put(&consul.KVPair{Key: dead.dataKey(k), Value: []byte("x")}, nil)
		check(t, err)
	}
	busy := &storeRecord{Store: agent.Store{Name: "big"}, Generation: fmt.Sprintf("%d-busy", time.Now().Unix())}
	_, err = b.consul.KV().Put(&consul.KVPair{Key: busy.dataKey(0), Value: []byte("x")}, nil)
	check(t, err)
	whole(1)
	check(t, s.store.sweepStores(ctx, time.Now()))
	if n := keptPieces(t, b); n != pieces+1 { // what may still be written is left alone
		t.Errorf("%d pieces after the sweep of %d", n, pieces)
	}
	check(t, s.store.sweepStores(ctx, time.Now().Add(2*stray)))
	if n := keptPieces(t, b); n != pieces {
		t.Errorf("%d pieces are left of %d", n, pieces)
	}
	before, err := s.store.storeRecord(ctx, "big")
	check(t, err)
	now := *before
	now.Generation = fmt.Sprintf("%d-new", time.Now().Unix())
	check(t, s.store.writeStore(ctx, &now, next, before))
	whole(2)
	// Who read the record before that writes in vain, and leaves nothing behind.
	late := *before
	late.Generation = fmt.Sprintf("%d-late", time.Now().Unix())
	if err := s.store.writeStore(ctx, &late, old, before); agent.AsError(err).Code != agent.CodeConflict {
		t.Errorf("a late write: %v", err)
	}
	whole(2)
	if n := keptPieces(t, b); n != now.Pieces {
		t.Errorf("%d pieces are left of %d", n, now.Pieces)
	}
	check(t, s.RemoveStore(ctx, "big"))
}
