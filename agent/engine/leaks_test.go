package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEnginesInheritNoDescriptorsAndNothingLeaks(t *testing.T) {
	dir := room(t)
	mine := filepath.Join(dir, "mine")
	fd, err := syscall.Open(mine, syscall.O_RDONLY|syscall.O_CREAT, 0o600) // not close-on-exec, as from a careless parent
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	count := func() int { fds, _ := os.ReadDir("/proc/self/fd"); return len(fds) }
	fds, routines := count(), runtime.NumGoroutine()
	for range 5 {
		r := run(t, dir, specsFor(dir, "consul", "nomad"))
		r.ready()
		r.end()
	}
	r := run(t, dir, specsFor(dir, "consul", "nomad"))
	r.ready()
	if err := r.Stop(bg); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(patient)
	for count() > fds || runtime.NumGoroutine() > routines {
		select {
		case <-deadline:
			t.Fatalf("%d descriptors and %d goroutines have become %d and %d", fds, routines, count(), runtime.NumGoroutine())
		case <-time.After(time.Millisecond): // probes that were cut off are just ending
		}
	}
	got := read(t, dir, "consul.fds")
	if strings.Contains(got, mine) || strings.Contains(got, "supervisor.lock") || !strings.Contains(got, "1 "+filepath.Join(dir, "consul.out")) {
		t.Errorf("the engine began with these descriptors:\n%s", got)
	}
}
