package control

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

var someTime = time.Unix(1_790_000_000, 0)

func TestAChartHasAPointForEachStepAndNoneWhereNothingWasMeasured(t *testing.T) {
	s := newSeries()
	for k := range 10 {
		if k != 4 && k != 5 { // the machine was away
			s.put(someTime.Add(time.Duration(k)*hourStep), sample{float32(k), 100, unknown})
		}
	}
	u := s.hour.usage(someTime.Add(9*hourStep + time.Second))
	if len(u.Times) != hourPoints || len(u.CPU) != hourPoints || u.Step != hourStep {
		t.Fatalf("%d points of %s", len(u.Times), u.Step)
	}
	for k := range 10 {
		at := hourPoints - 10 + k
		if away := k == 4 || k == 5; away != (u.CPU[at] == nil) || !away && *u.CPU[at] != float64(k) {
			t.Errorf("step %d: %v", k, u.CPU[at])
		}
		if u.Disk[at] != nil {
			t.Error("a size was made up")
		}
	}
	if u.CPU[0] != nil {
		t.Error("there is something from before the beginning")
	}
	for k := 1; k < len(u.Times); k++ {
		if u.Times[k]-u.Times[k-1] != 15 {
			t.Fatal("the times are not in order")
		}
	}
}

func TestADaysPointIsTheMeanOfWhatIsKnownOfIt(t *testing.T) {
	s := newSeries()
	start := someTime.Truncate(dayStep)
	for k := range 20 {
		v := sample{float32(k), unknown, 7}
		if k%2 == 1 {
			v.memory = 50
		}
		s.put(start.Add(time.Duration(k)*hourStep), v)
	}
	u := s.day.usage(start.Add(dayStep - time.Second))
	if got := u.CPU[dayPoints-1]; got == nil || *got != 9.5 {
		t.Errorf("CPU %v, want 9.5", got)
	}
	if got := u.Memory[dayPoints-1]; got == nil || *got != 50 {
		t.Errorf("memory %v, want 50", got)
	}
}

// Whatever comes when: the answer has the newest sample of each step, and of those
// alone that are in its time.
func TestARingIsWhatAListOfAllSamplesWouldBe(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		ring := newRing(hourStep, 16)
		all := map[int64]float32{}
		now := someTime
		for range r.IntN(60) {
			now = now.Add(time.Duration(r.IntN(120)) * time.Second)
			if r.IntN(20) == 0 {
				now = now.Add(time.Hour)
			}
			v := float32(r.IntN(1000))
			ring.put(now, sample{v, v, v})
			all[ring.slot(now)] = v
		}
		u := ring.usage(now)
		for k, at := range u.Times {
			want, there := all[at/15]
			if there != (u.CPU[k] != nil) || there && *u.CPU[k] != float64(want) {
				t.Fatalf("at %d: %v, want %v (%v)", at, u.CPU[k], want, there)
			}
		}
		back := newRing(hourStep, 16)
		back.restore(ring.keep(), now)
		if diff := cmp.Diff(u, back.usage(now)); diff != "" {
			t.Fatalf("kept and read back: %s", diff)
		}
	}
}

func TestAClockThatIsSetBackBeginsTheChartAnew(t *testing.T) {
	s := newSeries()
	s.put(someTime, sample{1, 1, 1})
	s.put(someTime.Add(-time.Hour), sample{2, 2, 2})
	u := s.hour.usage(someTime.Add(-time.Hour))
	if got := u.CPU[hourPoints-1]; got == nil || *got != 2 {
		t.Errorf("%v", got)
	}
}

func TestWhatWasMeasuredOutlivesARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "usage.json")
	serviceWith := func() *Service {
		s := storeOf(t, nil, nomadNode("pi1", nil))
		s.UsageFile, s.Now = file, func() time.Time { return someTime }
		s.view.set("intents", func() { s.view.intents = map[string]*Intent{"notes": {Name: "notes"}} })
		return s
	}
	s := serviceWith()
	s.loadUsage() // there is none yet
	put(s.uses.apps, "notes", someTime, sample{12.34, 56, 78})
	put(s.uses.nodes, "pi1", someTime, sample{1, 2, unknown})
	s.saveUsage()
	info, err := os.Stat(file)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("it is %s", info.Mode())
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) != 0 {
		t.Errorf("%q is left", left)
	}
	again := serviceWith()
	again.loadUsage()
	for _, q := range []agent.UsageQuery{{App: "notes"}, {Node: "pi1"}, {App: "notes", Range: agent.LastDay}} {
		want, err := s.Usage(t.Context(), q)
		check(t, err)
		got, err := again.Usage(t.Context(), q)
		check(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: %s", q, diff)
		}
	}
	check(t, os.WriteFile(file, []byte("{"), 0o600))
	broken := serviceWith()
	broken.loadUsage()
	if u, err := broken.Usage(t.Context(), agent.UsageQuery{App: "notes"}); err != nil || len(u.Times) != hourPoints {
		t.Errorf("after a damaged file: %v", err)
	}
}

func TestUseIsOfOneThingThatThereIs(t *testing.T) {
	s := storeOf(t, nil, nomadNode("pi1", nil))
	for code, list := range map[string][]agent.UsageQuery{
		agent.CodeInvalid:  {{}, {App: "a", Node: "b"}, {Node: "pi1", Range: "year"}},
		agent.CodeNotFound: {{App: "nothing"}, {Node: "nowhere"}},
	} {
		for _, q := range list {
			_, err := s.Usage(t.Context(), q)
			wantCode(t, code, err)
		}
	}
	u, err := s.Usage(t.Context(), agent.UsageQuery{Node: "pi1"})
	check(t, err)
	if u.MemoryTotal != 1000 || len(u.CPU) != hourPoints {
		t.Errorf("%d MB, %d points", u.MemoryTotal, len(u.CPU))
	}
}

func TestAHundredAppsTakeLessThanAFewMegabytes(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	of := map[string]*series{}
	for k := range 100 {
		for n := range 600 {
			put(of, fmt.Sprint("app-", k), someTime.Add(time.Duration(n)*hourStep), sample{1, 2, 3})
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 2<<20 {
		t.Errorf("%d KB", used>>10)
	}
	text, err := encodeUsage(nil, of)
	check(t, err)
	if len(text) > mostUsage/10 {
		t.Errorf("%d KB on disk", len(text)>>10)
	}
}

func FuzzDecodeUsage(f *testing.F) {
	of := map[string]*series{}
	put(of, "notes", someTime, sample{1, 2, 3})
	text, _ := encodeUsage(of, of)
	f.Add(text)
	f.Add([]byte(`{"version":1,"apps":{"a":{"hour":{"last":-5,"cpu":[1],"memory":[1],"disk":[1]}},"b":null}}`))
	f.Add([]byte(`{"version":1,"apps":{"a":{"hour":{"last":9223372036854775807,"cpu":[1,2],"memory":[1,2],"disk":[1,2]}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		nodes, apps, err := decodeUsage(text, someTime)
		if err != nil {
			return
		}
		for _, of := range []map[string]*series{nodes, apps} {
			for _, s := range of {
				s.put(someTime, sample{1, 1, 1})
				if u := s.hour.usage(someTime); len(u.CPU) != hourPoints || u.CPU[hourPoints-1] == nil {
					t.Fatal("it does not go on")
				}
			}
		}
		if _, err := encodeUsage(nodes, apps); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAMachinesLoadIsWhatNomadMeasured(t *testing.T) {
	got := loadFrom(&nomad.HostStats{
		CPU:           []*nomad.HostCPUStats{{Idle: 100}, {Idle: 50}},
		Memory:        &nomad.HostMemoryStats{Total: 1000 << 20, Available: 700 << 20, Free: 100 << 20, Used: 900 << 20},
		AllocDirStats: &nomad.HostDiskStats{Size: 5000 << 20, Available: 2000 << 20, Used: 2800 << 20},
	})
	if want := (agent.Load{CPU: 25, MemoryUsed: 300, DiskTotal: 5000, DiskFree: 2000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := loadFrom(&nomad.HostStats{}); got != (agent.Load{CPU: -1, MemoryUsed: -1, DiskTotal: -1, DiskFree: -1}) {
		t.Errorf("of nothing: %+v", got)
	}
	var u uses
	u.begin()
	u.loads["pi1"] = load{got, someTime}
	if u.loadOf("pi1", someTime.Add(30*time.Second)) == nil || u.loadOf("pi1", someTime.Add(2*time.Minute)) != nil || u.loadOf("pi2", someTime) != nil {
		t.Error("an old load is told as if it were now, or a new one is not")
	}
}
