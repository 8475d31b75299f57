package overlay_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	mostIdle   = 12 << 20 // anonymous, bytes
	mostLoaded = 96 << 20
)

// anonymous is the process's anonymous memory (proc_pid_status(5), RssAnon), bytes.
func (m *machine) anonymous() int {
	m.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.process.Process.Pid))
	check(m.t, err)
	_, rest, _ := bytes.Cut(text, []byte("RssAnon:"))
	kb, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	check(m.t, err)
	return kb << 10
}

func TestMemoryIsSmallAtRestAndBoundedUnderAFlood(t *testing.T) {
	m, n := pair(t, "192.0.2.1/24", "192.0.2.2/24")
	// One that is not there: what goes to it waits for a handshake that never is.
	lost := newMachine(t, 3)
	m.setPeers(n.peer("192.0.2.2"), lost.peer("192.0.2.99"))
	packet(t, m, n, 100)
	for _, m := range []*machine{m, n} {
		if now := m.anonymous(); memoryTells && now > mostIdle {
			t.Errorf("%s begins with %.1f MB", m.Name, float64(now)/1e6)
		} else {
			t.Logf("%s begins with %.1f MB", m.Name, float64(now)/1e6)
		}
	}
	most := flood(t, m, n, lost, 3*time.Second)
	for name, peak := range most {
		t.Logf("%s had %.1f MB at most", name, float64(peak)/1e6)
		if memoryTells && peak > mostLoaded {
			t.Errorf("%s had %.1f MB in the flood", name, float64(peak)/1e6)
		}
	}
	m.setPeers(n.peer("192.0.2.2"))
	transfer(t, m, n, 64<<20)
	transfer(t, n, m, 64<<20)
	for _, m := range []*machine{m, n} {
		deadline := time.Now().Add(patient)
		now := m.anonymous()
		for ; memoryTells && now > mostIdle && time.Now().Before(deadline); now = m.anonymous() {
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%s rests with %.1f MB", m.Name, float64(now)/1e6)
		if memoryTells && now > mostIdle {
			t.Errorf("%s keeps %.1f MB when the flood is over", m.Name, float64(now)/1e6)
		}
	}
}

// flood sends datagrams as fast as two senders can, to a machine that is there and
// to one that is not, and returns the most memory that the two ends had.
func flood(t *testing.T, from, to, lost *machine, d time.Duration) map[string]int {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sink, err := to.ListenPacket("udp4", net.JoinHostPort(to.address.String(), "9999"))
	check(t, err)
	defer sink.Close()
	var wg sync.WaitGroup
	for _, target := range []*machine{to, lost} {
		c, err := from.Dial(ctx, "udp4", net.JoinHostPort(target.address.String(), "9999"))
		check(t, err)
		defer c.Close()
		// Trains of packets that the kernel cuts: one call for many.
		raw, err := c.(*net.UDPConn).SyscallConn()
		check(t, err)
		check(t, raw.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT, fullPacket)
		}))
		check(t, err)
		wg.Go(func() {
			for block := make([]byte, 40*fullPacket); ctx.Err() == nil; {
				c.Write(block)
			}
		})
	}
	defer time.AfterFunc(d, cancel).Stop() // from now on, when all is open
	most := map[string]int{}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, m := range []*machine{from, to} {
			most[m.Name] = max(most[m.Name], m.anonymous())
		}
		<-tick.C
	}
	wg.Wait()
	return most
}
