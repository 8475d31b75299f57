package effort

import (
	"testing"
	"time"
)

// heard notes whether a test was failed.
type heard struct {
	testing.TB
	failed bool
}

func (h *heard) Helper()               {}
func (h *heard) Errorf(string, ...any) { h.failed = true }

// busy computes for a time.
func busy(t *testing.T, long time.Duration) func() {
	return func() {
		for end := processorTime(t) + long; processorTime(t) < end; {
		}
	}
}

func TestWhatTakesFarMoreThanIsUsualIsFound(t *testing.T) {
	h := &heard{TB: t}
	if Within(h, 10, busy(t, 2*time.Millisecond), busy(t, little+50*time.Millisecond)); !h.failed {
		t.Error("a hundred times the usual work passes")
	}
}

func TestWhatTakesTheUsualOrLittleIsLet(t *testing.T) {
	h := &heard{TB: t}
	done := 0
	Within(h, 10, busy(t, little), func() { done++; busy(t, little+50*time.Millisecond)() })
	Within(h, 10, func() { t.Error("what takes next to nothing is held to the usual") }, func() { done++ })
	if h.failed || done != 2 {
		t.Errorf("refused: %v, done %d times", h.failed, done)
	}
}
