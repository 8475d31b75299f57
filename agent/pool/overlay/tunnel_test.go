package overlay_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
	"github.com/vishvananda/netlink"
)

func TestTwoMachinesTalkBothWays(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"over IPv4", "192.0.2.1/24", "192.0.2.2/24"},
		{"over IPv6", "2001:db8::1/64", "2001:db8::2/64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, n := pair(t, c.a, c.b)
			packet(t, m, n, 100)
			packet(t, n, m, 100)
			transfer(t, m, n, 2<<20)
			transfer(t, n, m, 2<<20)

			learnt := n.status(m)
			if want := netip.MustParsePrefix(c.a).Addr(); learnt.Endpoint.Addr() != want {
				t.Errorf("n has learnt that m is at %s, want %s", learnt.Endpoint, want)
			}
			if learnt.LastHandshake.IsZero() || learnt.Sent < 2<<20 || learnt.Received < 2<<20 {
				t.Errorf("n knows of m: %+v", learnt)
			}
			// Only the addresses that are behind a peer may come from it.
			if learnt.Allowed[0] != netip.PrefixFrom(m.address, 32) {
				t.Errorf("allowed: %v", learnt.Allowed)
			}
		})
	}
}

func TestTheAddressSurvivesTheProcessAndTheNextOneCarriesOn(t *testing.T) {
	m, n := pair(t, "192.0.2.1/24", "192.0.2.2/24")
	transfer(t, m, n, 1<<20)

	// An engine that is bound to the address, and a connection to it from here.
	l, err := n.Listen("tcp4", net.JoinHostPort(n.address.String(), "0"))
	check(t, err)
	defer l.Close()
	echo := func(from *machine) (net.Conn, net.Conn) {
		ctx, cancel := context.WithTimeout(context.Background(), patient)
		defer cancel()
		c, err := from.Dial(ctx, "tcp4", l.Addr().String())
		check(t, err)
		s, err := l.Accept()
		check(t, err)
		return c, s
	}
	remote, served := echo(m)
	defer remote.Close()
	defer served.Close()

	n.kill()
	local, localServed := echo(n)
	passes(t, local, localServed)
	local.Close()
	localServed.Close()

	n.start()
	n.setPeers(m.peer("192.0.2.1"))
	passes(t, remote, served) // the connection of before
	transfer(t, m, n, 1<<20)
	transfer(t, n, m, 1<<20)
}

// passes sends a word from one end to the other.
func passes(t *testing.T, a, b net.Conn) {
	t.Helper()
	deadline := time.Now().Add(patient)
	a.SetDeadline(deadline)
	b.SetDeadline(deadline)
	if _, err := io.WriteString(b, "word"); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 4)
	if _, err := io.ReadFull(a, text); err != nil || string(text) != "word" {
		t.Fatalf("got %q, %v", text, err)
	}
}

func TestTheProcessEndsWithItsContextAndLeavesTheInterface(t *testing.T) {
	m := newMachine(t, 1)
	m.start()
	info, err := os.Stat(m.config.Socket)
	check(t, err)
	if info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket's mode is %s", info.Mode())
	}
	check(t, m.process.Process.Signal(syscall.SIGTERM))
	m.ended()
	if strings.Contains(m.output.String(), "level=ERROR") {
		t.Errorf("it says: %s", m.output)
	}
	check(t, m.Do(func() error {
		link, err := netlink.LinkByName("dcloud0")
		if err != nil {
			return err
		}
		addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
		if err == nil && len(addrs) != 1 {
			err = fmt.Errorf("addresses: %v", addrs)
		}
		return err
	}))
	_, err = m.device.Peers(context.Background())
	if err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("a device whose process has ended says: %v", err)
	}
}

func TestASecondProcessAndATakenPortAreToldInWords(t *testing.T) {
	m := newMachine(t, 1)
	m.start()
	second := exec.Command(os.Args[0])
	second.Env = m.process.Env
	second.Stderr = new(strings.Builder)
	check(t, m.Host.Start(second))
	if err := second.Wait(); err == nil || !strings.Contains(fmt.Sprint(second.Stderr), "another process is attached") {
		t.Errorf("a second process: %v, %s", err, second.Stderr)
	}
	// The first one's socket is as it was.
	m.setPeers()

	n := newMachine(t, 2)
	c, err := n.ListenPacket("udp4", fmt.Sprintf(":%d", testPort))
	check(t, err)
	defer c.Close()
	check(t, n.Do(func() error {
		err := overlay.Run(context.Background(), discard, n.config)
		if err == nil || !strings.Contains(err.Error(), "is taken by another program") {
			t.Errorf("with its port taken it says: %v", err)
		}
		return nil
	}))
}

// A link in the middle is narrower than what both ends see, and nobody is told: the
// router's ICMP is dropped, as many a firewall does.
func TestANarrowLinkInTheMiddleDoesNotStallTransfers(t *testing.T) {
	m, n := newMachine(t, 1), newMachine(t, 2)
	left, right := newRouter(t, "left"), newRouter(t, "right")
	prefix := netip.MustParsePrefix
	check(t, netlab.Link(m.Host, prefix("192.0.2.1/24"), left, prefix("192.0.2.254/24"), 1500))
	check(t, netlab.Link(left, prefix("198.51.100.1/24"), right, prefix("198.51.100.2/24"), 1400))
	check(t, netlab.Link(right, prefix("203.0.113.254/24"), n.Host, prefix("203.0.113.1/24"), 1500))
	addr := netip.MustParseAddr
	check(t, m.Route(addr("192.0.2.254")))
	check(t, left.Route(addr("198.51.100.2")))
	check(t, right.Route(addr("198.51.100.1")))
	check(t, n.Route(addr("203.0.113.254")))

	m.start()
	n.start()
	m.setPeers(n.peer("203.0.113.1"))
	n.setPeers(m.peer("192.0.2.1"))
	mtu := 0
	check(t, m.Do(func() error {
		link, err := netlink.LinkByName("dcloud0")
		if err == nil {
			mtu = link.Attrs().MTU
		}
		return err
	}))
	if mtu != 1420 {
		t.Fatalf("the MTU is %d, want 1420: the narrow link is not to be seen from here", mtu)
	}
	for _, d := range []time.Duration{transfer(t, m, n, 5<<20), transfer(t, n, m, 5<<20)} {
		t.Logf("5 MB in %s", d.Round(time.Millisecond))
	}
	// A full packet goes through too, not only what TCP has settled for.
	packet(t, m, n, fullPacket)
	packet(t, n, m, fullPacket)
}

// The kernel knows that the path is narrow, and so refuses to cut trains of packets
// that are wider.
func TestANarrowPathThatTheKernelKnowsOfDoesNotStallTransfers(t *testing.T) {
	t.Run("the link here", func(t *testing.T) {
		m, n := newMachine(t, 1), newMachine(t, 2)
		check(t, netlab.Link(m.Host, netip.MustParsePrefix("192.0.2.1/24"), n.Host, netip.MustParsePrefix("192.0.2.2/24"), 1400))
		m.start()
		n.start()
		m.setPeers(n.peer("192.0.2.2"))
		n.setPeers(m.peer("192.0.2.1"))
		transfer(t, m, n, 5<<20)
		transfer(t, n, m, 5<<20)
		packet(t, m, n, fullPacket)
	})
	t.Run("one of IPv6 in the middle", func(t *testing.T) {
		m, n := newMachine(t, 1), newMachine(t, 2)
		router := newRouter(t, "router")
		check(t, router.Do(func() error { return os.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", []byte("1"), 0) }))
		prefix, addr := netip.MustParsePrefix, netip.MustParseAddr
		check(t, netlab.Link(m.Host, prefix("2001:db8:1::1/64"), router, prefix("2001:db8:1::2/64"), 1500))
		check(t, netlab.Link(router, prefix("2001:db8:2::2/64"), n.Host, prefix("2001:db8:2::1/64"), 1400))
		check(t, m.Route(addr("2001:db8:1::2")))
		check(t, n.Route(addr("2001:db8:2::2")))
		n.config.MTU = 1420
		m.start()
		n.start()
		m.setPeers(n.peer("2001:db8:2::1"))
		n.setPeers(m.peer("2001:db8:1::1"))
		transfer(t, m, n, 5<<20)
		transfer(t, n, m, 5<<20)
		packet(t, m, n, fullPacket)
	})
}

// newRouter makes a machine that forwards, and tells nobody that a packet is too big.
func newRouter(t *testing.T, name string) *netlab.Host {
	t.Helper()
	h, err := netlab.New(name)
	check(t, err)
	t.Cleanup(h.Close)
	check(t, h.Do(func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) }))
	check(t, h.Run("iptables", "-A", "OUTPUT", "-p", "icmp", "--icmp-type", "fragmentation-needed", "-j", "DROP"))
	check(t, h.Run("iptables", "-A", "FORWARD", "-p", "icmp", "--icmp-type", "fragmentation-needed", "-j", "DROP"))
	return h
}
