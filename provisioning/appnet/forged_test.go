package appnet_test

import (
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/provisioning/appnet"
)

func TestForgedAddressesReachNothing(t *testing.T) {
	w := newTown(t)
	// A container that was given NET_ADMIN and NET_RAW can do both: write to the machine's
	// loopback, which Docker lets in from its bridges, and send as a member would.
	forger := w.run(t, "forger", "", "--network", appnet.Name)
	for _, c := range []string{
		"sysctl -q -w net.ipv4.conf.eth0.route_localnet=1", "sysctl -q -w net.ipv4.conf.all.rp_filter=0",
		"ip address del 127.0.0.1/8 dev lo",
		"ip address add 10.213.0.7/32 dev lo",
		"ip route add 127.0.0.1/32 via " + strings.TrimSpace(w.at.do(t, "sh", "-c", "ip -4 -o address show dev "+appnet.Interface+" | sed 's/.*inet \\([0-9.]*\\).*/\\1/'")) + " dev eth0",
	} {
		forger.do(t, strings.Fields(c)...)
	}
	w.person.do(t, "ip", "address", "add", "10.213.0.8/32", "dev", "lo")
	// Strict reverse path filtering, where it is on, would do part of the firewall's work.
	w.at.do(t, "sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done")

	loopback := visit{from: forger, network: "tcp4", address: "127.0.0.1:8500", want: "node"}
	if got := visits([]visit{loopback}, open)[0]; got != "node" {
		t.Errorf("without a firewall: %s: answered by %q; this proves nothing", loopback, got)
	}
	forgers := map[place]string{forger: "10.213.0.7", w.person: "10.213.0.8"}
	if got := w.receive(t, forgers, 3); got != "forger node person" {
		t.Errorf("without a firewall the other member hears from %q; this proves nothing", got)
	}
	w.ensure(t)
	if got := visits([]visit{loopback}, shut)[0]; got != "" {
		t.Errorf("%s: answered by %s", loopback, got)
	}
	if got := w.receive(t, forgers, 1); got != "node" {
		t.Errorf("the other member hears from %q, want the node alone", got)
	}
}

// receive has the forgers send to another member under their addresses, and the node
// under its own, and tells whom the member heard, in the order of their names. It ends
// once these are as many as are expected, and a moment has passed for others.
func (w *town) receive(t *testing.T, forgers map[place]string, expected int) string {
	t.Helper()
	// A port of its own each time: what was sent before is not heard.
	var u net.PacketConn
	if err := w.far.inside(func() (err error) { u, err = net.ListenPacket("udp4", third+":0"); return err }); err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	to := u.LocalAddr().(*net.UDPAddr)
	send := func(from place, source string) {
		err := from.inside(func() error {
			c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(source)}, to)
			if err != nil {
				return err
			}
			defer c.Close()
			_, err = c.Write([]byte(from.name))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	heard := map[string]bool{}
	buf := make([]byte, 64)
	listen := func() {
		for u.SetReadDeadline(time.Now().Add(patience)); ; {
			n, _, err := u.ReadFrom(buf)
			if err != nil {
				return
			}
			heard[string(buf[:n])] = true
		}
	}
	for end := time.Now().Add(enough); len(heard) < expected && time.Now().Before(end); listen() {
		for from, source := range forgers {
			send(from, source)
		}
		send(w.at, home)
	}
	return strings.Join(slices.Sorted(maps.Keys(heard)), " ")
}

func TestConnectionsThroughTheTunnelKnowItsSize(t *testing.T) {
	w := newTown(t)
	w.at.do(t, "ip", "link", "set", "dcloud0", "mtu", "1420")
	// The container is asked, so its side is the node's to make right, in both directions.
	segment := func() (n int) {
		t.Helper()
		err := w.member.inside(func() error {
			d := net.Dialer{Timeout: enough}
			c, err := d.Dial("tcp4", home+":"+w.mappedTo["app"])
			if err != nil {
				return err
			}
			defer c.Close()
			raw, err := c.(syscall.Conn).SyscallConn()
			if err != nil {
				return err
			}
			var inner error
			err = raw.Control(func(fd uintptr) { n, inner = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG) })
			if err != nil {
				return err
			}
			return inner
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const fits = 1420 - 20 - 20 // without the headers of IP and TCP
	if n := segment(); n <= fits {
		t.Fatalf("without a firewall segments have %d bytes; this proves nothing", n)
	}
	w.ensure(t)
	if n := segment(); n > fits {
		t.Errorf("segments have %d bytes, but only %d fit", n, fits)
	}
}
