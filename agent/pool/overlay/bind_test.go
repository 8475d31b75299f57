package overlay

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTrainsAreOfOneSizeButForTheLast(t *testing.T) {
	sizes := func(n ...int) (packets [][]byte) {
		for _, n := range n {
			packets = append(packets, make([]byte, n))
		}
		return packets
	}
	many := make([]int, 130)
	for i := range many {
		many[i] = 100
	}
	for _, c := range []struct {
		packets [][]byte
		want    string
	}{
		{sizes(), ""},
		{sizes(100), "1/0"},
		{sizes(100, 100, 100), "3/100"},
		{sizes(100, 100, 50), "3/100"},
		{sizes(100, 50, 100), "2/100 1/0"},
		{sizes(50, 100, 100), "1/0 2/100"},
		{sizes(100, 50, 50), "2/100 1/0"},
		{sizes(many...), "64/100 64/100 2/100"},
		{sizes(30000, 30000, 30000), "2/30000 1/0"},
	} {
		var got []string
		for group, size := range trainsOf(c.packets) {
			got = append(got, fmt.Sprintf("%d/%d", len(group), size))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d packets: %v, want %s", len(c.packets), got, c.want)
		}
	}
}

func TestControlMessagesAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"192.0.2.7", "2001:db8::7"} {
		src := netip.MustParseAddr(text)
		control := appendSize(appendSource(nil, &src), 1452)
		if len(control) > controlLen {
			t.Errorf("%s: %d bytes do not fit the %d that are kept for them", text, len(control), controlLen)
		}
		got, size := readControl(control)
		// What is sent is UDP_SEGMENT, what is received UDP_GRO.
		if got != src || size != 0 {
			t.Errorf("%s: read as %s, %d", text, got, size)
		}
	}
	var train []byte
	copy(appendHeader(&train, unix.SOL_UDP, unix.UDP_GRO, 4), []byte{0x10, 0, 0, 0})
	if _, size := readControl(train); size != 0x10 && size != 0x1000 {
		t.Errorf("the size is read as %d", size)
	}
}

func FuzzControl(f *testing.F) {
	src := netip.MustParseAddr("192.0.2.7")
	f.Add(appendSize(appendSource(nil, &src), 1452))
	f.Add([]byte{})
	f.Fuzz(func(_ *testing.T, control []byte) { readControl(control) })
}

func TestAFullGateWaitsForRoomAndOpensWhenNothingMoves(t *testing.T) {
	g := newGate()
	g.patience = time.Hour
	g.leave(5)
	g.enter(window)
	through := make(chan time.Duration)
	pass := func() {
		begin := time.Now()
		g.wait()
		through <- time.Since(begin)
	}
	go pass()
	for !g.waiting.Load() {
		time.Sleep(time.Millisecond)
	}
	g.leave(1)
	<-through
	if inside := g.inside.Load(); inside != window-1 {
		t.Errorf("%d inside, want %d: it did not wait for the one that left", inside, window-1)
	}
	g.enter(1)
	g.patience = patience
	go pass()
	if took := <-through; took < patience {
		t.Errorf("it opened after %s with nothing moving, want %s", took, patience)
	}
	if inside := g.inside.Load(); inside != 0 {
		t.Errorf("%d inside after nothing moved, want 0", inside)
	}
}
