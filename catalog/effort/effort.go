// Package effort tells tests whether something takes far more work than it may, however
// fast the machine is and whatever else it does: hostile input is to cost about what
// other input of its size does.
//
// It depends on the standard library alone, and only tests import it. Start reading at
// Within.
package effort

import (
	"math"
	"syscall"
	"testing"
	"time"
)

const (
	// little is so little processor time that nothing can have grown out of bounds.
	little = 250 * time.Millisecond
	// much is so much that nobody need look twice.
	much = 2 * time.Minute
	// tries are how often work is held to the usual before it is said to be too much: a
	// neighbour on the same core can slow down one of them, or the other, each time.
	tries = 5
)

// Within does work, at least once, and fails the test where that takes more than so many
// times the processor time of what is usual. Work that grows as the square of its input's
// size, or worse, does so by far each time; a busy machine does not.
func Within(t testing.TB, times float64, usual, work func()) {
	t.Helper()
	least := math.Inf(1)
	for range tries {
		took := measure(t, work)
		if took <= little {
			return
		}
		least = min(least, float64(took)/float64(max(measure(t, usual), time.Millisecond)))
		if least <= times {
			return
		}
		if took > much {
			break
		}
	}
	t.Errorf("it takes %.0f times the work of what is usual", least)
}

// measure is what this process computes while something is done. The clock would also
// count what other programs do.
func measure(t testing.TB, work func()) time.Duration {
	t.Helper()
	before := processorTime(t)
	work()
	return processorTime(t) - before
}

func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
