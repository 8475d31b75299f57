package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A town is the world of the tests here: a home with two hosts, and one outside.
type town struct {
	*World
	home            *Home
	server, pi, vps *Host
}

// newTown makes the networks alone: most promises need no Docker.
func newTown(ctx context.Context, o HomeOptions) (t *town, err error) {
	t = &town{}
	if t.World, err = NewWorld(ctx, "town"); err != nil {
		return nil, err
	}
	if t.home, err = t.Home(ctx, "home", o); err != nil {
		return t, err
	}
	for name, at := range map[string]struct {
		host    **Host
		segment *Segment
		address string
	}{
		"server": {&t.server, t.home.LAN(), "192.168.77.2"},
		"pi":     {&t.pi, t.home.LAN(), "192.168.77.3"},
		"vps":    {&t.vps, t.Internet(), "203.0.113.20"},
	} {
		if *at.host, err = t.bare(ctx, name, HostOptions{At: at.segment, Address: at.address}); err != nil {
			return t, err
		}
	}
	return t, nil
}

func theTown(t *testing.T, o HomeOptions) *town {
	t.Helper()
	needsRoot(t)
	w, err := newTown(t.Context(), o)
	if w != nil && w.World != nil {
		t.Cleanup(func() {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// serve answers each connection to a host's port with the address that it sees.
func serve(t *testing.T, h *Host, address string) {
	t.Helper()
	l, err := h.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
			io.WriteString(conn, host)
			conn.Close()
		}
	}()
}

// ask returns what serve answers, or "" where there is no answer within a time.
func ask(t *testing.T, from *Host, address string, within time.Duration) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	conn, err := from.Dial(ctx, "tcp", address)
	for err != nil { // no route, for a moment after a cable was put back
		select {
		case <-ctx.Done():
			return ""
		case <-again.C:
			conn, err = from.Dial(ctx, "tcp", address)
		}
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	seen, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%s at %s: %v after %q", from.Name, address, err, seen)
	}
	return string(seen)
}

// patience is how long to try: what is to be there is given all the time that a busy
// machine may need.
func patience(there bool) time.Duration {
	if there {
		return time.Minute
	}
	return time.Second
}

func expect(t *testing.T, what string, from *Host, address, want string) {
	t.Helper()
	if got := ask(t, from, address, patience(want != "")); got != want {
		t.Errorf("%s: %s sees %q at %s, want %q", what, from.Name, got, address, want)
	}
}

func TestAHomeLetsConnectionsOutUnderItsAddressAndNoneIn(t *testing.T) {
	w := theTown(t, HomeOptions{})
	for _, h := range []*Host{w.server, w.pi, w.vps} {
		serve(t, h, ":7000")
	}
	expect(t, "outward", w.pi, "203.0.113.20:7000", "203.0.113.10")
	expect(t, "neighbours", w.pi, "192.168.77.2:7000", "192.168.77.3")
	expect(t, "the router's own address", w.vps, "203.0.113.10:7000", "")
	// Somebody at the provider who sends packets for the LAN to the router.
	if err := doAll(t.Context(), [][]string{{"ip", "-n", w.vps.ID, "route", "add", "192.168.77.0/24", "via", "203.0.113.10"}}); err != nil {
		t.Fatal(err)
	}
	expect(t, "inward", w.vps, "192.168.77.2:7000", "")
	if err := w.home.Forward(t.Context(), "tcp", 7001, w.pi, 7000); err != nil {
		t.Fatal(err)
	}
	expect(t, "a forwarded port", w.vps, "203.0.113.10:7001", "203.0.113.20")
	if err := w.home.Forward(t.Context(), "tcp", 7002, w.vps, 7000); err == nil {
		t.Error("a port was forwarded to a host outside")
	}
}

func TestHostsOnTheInternetHaveIPv6(t *testing.T) {
	w := theTown(t, HomeOptions{})
	other, err := w.bare(t.Context(), "other", HostOptions{At: w.Internet(), Address: "203.0.113.21"})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, w.vps, ":7000")
	expect(t, "IPv6", other, "[2001:db8:1::20]:7000", "2001:db8:1::21")
	expect(t, "IPv6 from home", w.pi, "[2001:db8:1::20]:7000", "")
}

func TestWhatIsNotInTheWorldIsSaidToBeAwayAtOnce(t *testing.T) {
	w := theTown(t, HomeOptions{})
	for _, h := range []*Host{w.pi, w.vps} {
		// Who is not told tries for two minutes (tcp_syn_retries), and finds a time-out.
		ctx, cancel := context.WithTimeout(t.Context(), patience(true))
		_, err := h.Dial(ctx, "tcp", "198.51.100.1:443")
		cancel()
		if !errors.Is(err, unix.ENETUNREACH) && !errors.Is(err, unix.EHOSTUNREACH) {
			t.Errorf("from %s: %v", h.Name, err)
		}
	}
}

func TestAHostKnowsItsNameAndItsCommandsRunUnderIt(t *testing.T) {
	w := theTown(t, HomeOptions{})
	ours, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Host{w.server, w.pi} {
		out, err := h.Command(t.Context(), "hostname").Output()
		if err != nil || strings.TrimSpace(string(out)) != h.Name {
			t.Errorf("%s calls itself %q (%v)", h.Name, out, err)
		}
	}
	if now, err := os.Hostname(); err != nil || now != ours {
		t.Errorf("this machine was called %q and is called %q (%v)", ours, now, err)
	}
}

func TestAnInstalledProgramIsRunByALineFromAManual(t *testing.T) {
	w := theTown(t, HomeOptions{})
	for n, content := range []string{"first", "second"} {
		program := filepath.Join(t.TempDir(), "program-v"+fmt.Sprint(n))
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho "+content+" $1 in $DCLOUD_DATA_DIR\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := w.pi.Install(program, "dcloud"); err != nil {
			t.Fatal(err)
		}
		out, err := w.pi.Command(t.Context(), "sh", "-c", "sudo dcloud here").CombinedOutput()
		if want := content + " here in " + w.pi.Data + "\n"; err != nil || string(out) != want {
			t.Errorf("the line says %q (%v), want %q", out, err, want)
		}
	}
	if err := w.pi.Install(filepath.Join(t.TempDir(), "nothing"), "dcloud"); err == nil {
		t.Error("a program that is not there was installed")
	}
}

func TestAHomeAndAHostGetOtherAddresses(t *testing.T) {
	w := theTown(t, HomeOptions{})
	for _, h := range []*Host{w.server, w.vps} {
		serve(t, h, ":7000")
	}
	old, err := w.pi.Dial(t.Context(), "tcp", "203.0.113.20:7000")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := w.home.Renumber(t.Context(), "203.0.113.11"); err != nil {
		t.Fatal(err)
	}
	expect(t, "after the home's change", w.pi, "203.0.113.20:7000", "203.0.113.11")
	if got := w.pi.Public().String(); got != "203.0.113.11" {
		t.Errorf("the host's public address is %s", got)
	}
	if err := w.pi.Renumber(t.Context(), "192.168.77.9"); err != nil {
		t.Fatal(err)
	}
	expect(t, "after the host's change", w.pi, "192.168.77.2:7000", "192.168.77.9")
	expect(t, "after the host's change", w.pi, "203.0.113.20:7000", "203.0.113.11")
	for _, taken := range []string{"192.168.77.1", "192.168.77.2", "192.168.78.2", "no address"} {
		if err := w.pi.Renumber(t.Context(), taken); err == nil {
			t.Errorf("the host got the address %s", taken)
		}
	}
}

func TestCablesAreCutAndPutBack(t *testing.T) {
	w := theTown(t, HomeOptions{})
	for _, h := range []*Host{w.server, w.vps} {
		serve(t, h, ":7000")
	}
	ctx := t.Context()
	for _, c := range []struct {
		name     string
		on, off  func(context.Context) error
		lan, net bool // what pi reaches meanwhile
	}{
		{"unplugged", w.pi.Unplug, w.pi.Plug, false, false},
		{"home unplugged", w.home.Unplug, w.home.Plug, true, false},
		{"parted from its neighbour", func(ctx context.Context) error { return w.Partition(ctx, w.pi, w.server) },
			func(ctx context.Context) error { return w.Heal(ctx, w.pi, w.server) }, false, true},
		{"parted from the host outside", func(ctx context.Context) error { return w.Partition(ctx, w.vps, w.pi) },
			func(ctx context.Context) error { return w.Heal(ctx, w.vps, w.pi) }, true, false},
	} {
		// Others are not cut off: all rules here are about pi.
		if err := c.on(ctx); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := ask(t, w.pi, "192.168.77.2:7000", patience(c.lan)) != ""; got != c.lan {
			t.Errorf("%s: reaching the neighbour is %v", c.name, got)
		}
		if got := ask(t, w.pi, "203.0.113.20:7000", patience(c.net)) != ""; got != c.net {
			t.Errorf("%s: reaching the host outside is %v", c.name, got)
		}
		if err := c.off(ctx); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		expect(t, "no more "+c.name, w.pi, "192.168.77.2:7000", "192.168.77.3")
		expect(t, "no more "+c.name, w.pi, "203.0.113.20:7000", "203.0.113.10")
	}
}

// send tells whether an undivided UDP packet of so many bytes, with headers, reaches
// the host outside, as it is to do or not. The kernel's own memory of smaller routes
// counts.
func (w *town) send(t *testing.T, bytes int, passes bool) (got bool, refused error) {
	t.Helper()
	var sink net.PacketConn
	err := w.vps.Inside(func() (err error) { sink, err = net.ListenPacket("udp", "203.0.113.20:7000"); return err })
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	conn, err := w.pi.Dial(t.Context(), "udp", "203.0.113.20:7000")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := dontFragment(conn); err != nil {
		t.Fatal(err)
	}
	_, refused = conn.Write(make([]byte, bytes-28))
	sink.SetReadDeadline(time.Now().Add(patience(passes && refused == nil)))
	n, _, err := sink.ReadFrom(make([]byte, 2000))
	return err == nil && n == bytes-28, refused
}

func TestASmallerMTUOfTheProviderIsToldUnlessICMPIsSwallowed(t *testing.T) {
	for _, silent := range []bool{true, false} {
		t.Run(fmt.Sprintf("silent=%v", silent), func(t *testing.T) {
			w := theTown(t, HomeOptions{})
			if got, err := w.send(t, 1500, true); !got || err != nil {
				t.Fatalf("a packet of 1500 bytes does not pass at first: %v", err)
			}
			if err := w.home.SetMTU(t.Context(), 1400); err != nil {
				t.Fatal(err)
			}
			if silent {
				if err := w.home.DropICMP(t.Context(), true); err != nil {
					t.Fatal(err)
				}
			}
			if got, _ := w.send(t, 1500, false); got {
				t.Error("a packet that is too large passed")
			}
			if got, err := w.send(t, 1400, true); !got || err != nil {
				t.Errorf("a packet that fits does not pass: %v", err)
			}
			// Who was told, which takes a moment, does not even send another one.
			told := false
			for end := time.Now().Add(patience(!silent)); !told && time.Now().Before(end); {
				_, err := w.send(t, 1500, false)
				told = err != nil
			}
			if told == silent {
				t.Errorf("the sender was told: %v, want %v", told, !silent)
			}
		})
	}
}

func TestASymmetricRouterShowsEachPeerAnotherPort(t *testing.T) {
	for _, symmetric := range []bool{false, true} {
		t.Run(fmt.Sprintf("symmetric=%v", symmetric), func(t *testing.T) {
			w := theTown(t, HomeOptions{Symmetric: symmetric})
			var from net.PacketConn
			err := w.pi.Inside(func() (err error) { from, err = net.ListenPacket("udp", "192.168.77.3:5000"); return err })
			if err != nil {
				t.Fatal(err)
			}
			defer from.Close()
			same := 0
			for n := range 4 {
				port := 7000 + n
				var sink net.PacketConn
				err := w.vps.Inside(func() (err error) {
					sink, err = net.ListenPacket("udp", fmt.Sprintf("203.0.113.20:%d", port))
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				defer sink.Close()
				if _, err := from.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(203, 0, 113, 20), Port: port}); err != nil {
					t.Fatal(err)
				}
				sink.SetReadDeadline(time.Now().Add(patience(true)))
				_, seen, err := sink.ReadFrom(make([]byte, 9))
				if err != nil {
					t.Fatal(err)
				}
				if seen.(*net.UDPAddr).Port == 5000 {
					same++
				}
			}
			if !symmetric && same != 4 || symmetric && same == 4 {
				t.Errorf("%d of 4 peers see the host's own port", same)
			}
		})
	}
}

// dontFragment has packets of a connection sent whole or not at all (IP_PMTUDISC_DO).
func dontFragment(conn net.Conn) error {
	raw, err := conn.(*net.UDPConn).SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO)
	})
	return errors.Join(err, set)
}
