package overlaybench

import (
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

// What is promised of the overlay is measured at leisure by the benchmarks of
// cmd/dcloud; here a short run shows that the measuring works. On a busy machine one way
// may be measured at a worse moment than the other, by any factor.
func TestTheOverlayIsMeasuredAgainstWireGuardAndNoTunnel(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	o := Options{Rounds: 1, For: 500 * time.Millisecond, Pings: 300}
	if os.Getenv("DCLOUD_BENCH") != "" {
		o = Options{}
	}
	r, err := Measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r)
	for name, f := range map[string]Figures{"no tunnel": r.None, "wireguard-go": r.Plain, "overlay": r.Overlay} {
		if f.Throughput <= 0 || f.UDP <= 0 || f.TCP <= 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if r.Overlay.Idle <= 0 || r.Overlay.Peak < r.Overlay.Idle {
		t.Errorf("the overlay's memory: %+v", r.Overlay)
	}
}
