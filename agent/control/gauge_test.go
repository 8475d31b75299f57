package control

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// fakeDocker answers for containers whose processor time grows by a second each time.
type fakeDocker struct {
	mu   sync.Mutex
	list []container.Summary
	used map[string]uint64
	at   time.Time
}

func (f *fakeDocker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if path == "containers/json" {
		_ = json.NewEncoder(w).Encode(f.list)
		return
	}
	id := strings.Split(path, "/")[1]
	f.used[id] += uint64(time.Second)
	_ = json.NewEncoder(w).Encode(container.StatsResponse{
		Read:        f.at,
		CPUStats:    container.CPUStats{CPUUsage: container.CPUUsage{TotalUsage: f.used[id]}},
		MemoryStats: container.MemoryStats{Usage: 100 << 20, Stats: map[string]uint64{"inactive_file": 60 << 20}},
	})
}

func (f *fakeDocker) client(t testing.TB) *client.Client {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithVersion("1.45"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func someRunning(app string, n int) []container.Summary {
	var list []container.Summary
	for k := range n {
		list = append(list, container.Summary{ID: fmt.Sprint(app, k), State: container.StateRunning, Labels: map[string]string{labelApp: app}})
	}
	return list
}

func TestAnAppsUseIsThatOfAllItsContainersOnAllMachines(t *testing.T) {
	f := &fakeDocker{used: map[string]uint64{}, at: someTime, list: append(someRunning("notes", 2), someRunning("wiki", 1)...)}
	f.list = append(f.list, container.Summary{ID: "dead", State: container.StateExited, Labels: map[string]string{labelApp: "old"}})
	f.list[2].ID = "wiki-here"
	other := &fakeDocker{used: map[string]uint64{}, at: someTime, list: someRunning("wiki", 1)}
	away := false
	s := storeOf(t, nil, nomadNode("pi1", nil), nomadNode("pi2", nil))
	s.Uses = NewGauge(f.client(t), "", s.Log).Read
	there := NewGauge(other.client(t), "", s.Log)
	s.Members.UsesAt = func(ctx context.Context, _ string) (pool.Uses, error) {
		if away {
			return pool.Uses{}, fmt.Errorf("no way")
		}
		return there.Read(ctx)
	}
	s.view.set("allocs", func() {
		s.view.allocs = map[string][]*nomad.AllocationListStub{"wiki": {{NodeName: "pi2", ClientStatus: nomad.AllocClientStatusRunning}}}
	})
	m := newMeter(s)
	used := m.apps(t.Context(), s.view.nodes)
	if len(used) != 2 || used["notes"].memory != 80 || used["wiki"].memory != 80 || !math.IsNaN(float64(used["notes"].cpu)) {
		t.Errorf("at first: %+v", used)
	}
	f.at, other.at = f.at.Add(4*time.Second), other.at.Add(4*time.Second)
	used = m.apps(t.Context(), s.view.nodes)
	if used["notes"].cpu != 50 || used["wiki"].cpu != 50 { // two containers, a second of four each
		t.Errorf("then: %+v", used)
	}
	away = true
	used = m.apps(t.Context(), s.view.nodes)
	if v := used["wiki"]; v.memory == v.memory || used["notes"].memory != 80 {
		t.Errorf("a part of an app is told as all of it: %+v", used)
	}
}

func TestAnAppsDataIsAllOfItsVolumesOrNotKnown(t *testing.T) {
	m := newMeter(storeOf(t, nil))
	used := map[string]sample{}
	m.add(pool.Uses{Volumes: map[string]int64{"1": 3 << 20, "2": 4 << 20, "gone": 1 << 30}}, used)
	list := []*nomad.HostVolumeStub{{ID: "1", Name: "notes_web_data"}, {ID: "2", Name: "notes_db_data"}, {ID: "3", Name: "wiki_web_data"}, {ID: "2", Name: "removed_x_y"}}
	apps := map[string]bool{"notes": true, "wiki": true, "plain": true}
	for range 2 { // the second time nobody tells anything, and it is still so
		got := m.addUp(list, apps)
		if len(got) != 3 || got["notes"] != 7 || got["wiki"] == got["wiki"] || got["plain"] != 0 {
			t.Errorf("%v", got)
		}
	}
	if len(m.sizes) != 2 {
		t.Errorf("sizes of removed volumes are kept: %v", m.sizes)
	}
}

func TestTheSizesOfVolumesAreLookedAtNowAndThen(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Mkdir(filepath.Join(dir, "one"), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "one", "data"), make([]byte, 1<<20), 0o600))
	f := &fakeDocker{used: map[string]uint64{}, at: someTime}
	g := NewGauge(f.client(t), dir, slog.New(slog.DiscardHandler))
	first, err := g.Read(t.Context())
	check(t, err)
	if first.Volumes != nil {
		t.Errorf("it is known before anybody looked: %v", first.Volumes)
	}
	eventually(t, "it was looked at", func() error {
		u, err := g.Read(t.Context())
		if err == nil && u.Volumes["one"] < 1<<20 {
			err = fmt.Errorf("%v", u.Volumes)
		}
		return err
	})
	check(t, os.WriteFile(filepath.Join(dir, "one", "more"), make([]byte, 1<<20), 0o600))
	u, err := g.Read(t.Context())
	check(t, err)
	if u.Volumes["one"] >= 2<<20 || g.looking {
		t.Error("it looks at the disk each time that it is asked")
	}
}

func TestMemoryIsToldAsDockerTellsIt(t *testing.T) {
	for want, m := range map[int64]container.MemoryStats{
		40 << 20: {Usage: 100 << 20, Stats: map[string]uint64{"inactive_file": 60 << 20}},
		30 << 20: {Usage: 100 << 20, Stats: map[string]uint64{"total_inactive_file": 70 << 20, "inactive_file": 1}},
		0:        {Usage: 5 << 20, Stats: map[string]uint64{"inactive_file": 60 << 20}},
	} {
		if got := memoryOf(m); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if v := memoryOf(container.MemoryStats{}); v != -1 {
		t.Errorf("%v where nothing is counted", v)
	}
}

func TestAFoldersSizeIsWhatItTakesOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	empty, err := sizeOf(t.Context(), dir)
	check(t, err)
	check(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "a", "b", "data"), make([]byte, 1<<20), 0o600))
	check(t, os.Link(filepath.Join(dir, "a", "b", "data"), filepath.Join(dir, "again")))
	hole, err := os.Create(filepath.Join(dir, "hole"))
	check(t, err)
	check(t, hole.Truncate(1<<30))
	check(t, hole.Close())
	check(t, os.Symlink("/usr", filepath.Join(dir, "elsewhere")))
	full, err := sizeOf(t.Context(), dir)
	check(t, err)
	if grown := full - empty; grown < 1<<20 || grown > 1<<20+64<<10 {
		t.Errorf("%d bytes more", grown)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for k := range 2 * walkStep {
		check(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(k)), nil, 0o600))
	}
	if _, err := sizeOf(ctx, dir); err == nil {
		t.Error("it goes on although nobody waits")
	}
	if _, err := sizeOf(t.Context(), filepath.Join(dir, "nothing")); err == nil {
		t.Error("what is not there has a size")
	}
}

func BenchmarkARoundOf30Apps(b *testing.B) {
	f := &fakeDocker{used: map[string]uint64{}, at: someTime}
	for k := range 30 {
		f.list = append(f.list, someRunning(fmt.Sprint("app", k), 1)...)
	}
	s := storeOf(b, nil, nomadNode("pi1", nil))
	s.Uses = NewGauge(f.client(b), "", s.Log).Read
	m := newMeter(s)
	b.ReportAllocs()
	for b.Loop() {
		if used := m.apps(b.Context(), s.view.nodes); len(used) != 30 {
			b.Fatal(len(used))
		}
	}
}
