package overlay_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
)

// runConfig names the configuration of the overlay that this test binary is to be,
// instead of running tests.
const runConfig = "DCLOUD_TEST_OVERLAY"

func TestMain(m *testing.M) {
	if file := os.Getenv(runConfig); file != "" {
		os.Exit(runOverlay(file))
	}
	os.Exit(m.Run())
}

func runOverlay(file string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := overlay.ReadConfig(file)
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		err = overlay.Run(ctx, log, c)
	}
	if err != nil {
		log.Error(err.Error())
		return 1
	}
	return 0
}

// A machine is a host with an overlay.
type machine struct {
	*netlab.Host
	t       *testing.T
	config  overlay.Config
	file    string
	public  string
	address netip.Addr // in the overlay
	device  overlay.Device
	process *exec.Cmd
	output  *strings.Builder
	done    chan struct{} // closed once the process has ended and output is whole
}

const testPort = 51820

// patient is how long what takes a second may take on a busy machine.
const patient = 3 * time.Minute

// newMachine makes the machine with the number n, not yet with its overlay running.
func newMachine(t *testing.T, n int) *machine {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	host, err := netlab.New("m" + strconv.Itoa(n))
	check(t, err)
	t.Cleanup(host.Close)
	private, err := overlay.NewKey(rand.Reader)
	check(t, err)
	dir := t.TempDir()
	m := &machine{Host: host, t: t, address: netip.AddrFrom4([4]byte{10, 213, 0, byte(n)}), file: filepath.Join(dir, "overlay.json")}
	m.public, err = overlay.PublicKey(private)
	check(t, err)
	m.config = overlay.Config{Interface: "dcloud0", Address: netip.PrefixFrom(m.address, 16), ListenPort: testPort,
		KeyFile: filepath.Join(dir, "key"), Socket: filepath.Join(dir, "s")}
	check(t, os.WriteFile(m.config.KeyFile, []byte(private+"\n"), 0o600))
	m.device = overlay.Dial(m.config.Socket)
	return m
}

// start starts the overlay's process and waits until it answers.
func (m *machine) start() {
	m.t.Helper()
	text, err := json.Marshal(m.config)
	check(m.t, err)
	check(m.t, os.WriteFile(m.file, text, 0o600))
	m.process, m.output = exec.Command(os.Args[0]), new(strings.Builder)
	m.process.Env = append(os.Environ(), runConfig+"="+m.file)
	m.process.Stderr = m.output
	check(m.t, m.Host.Start(m.process))
	p, out, ended := m.process, m.output, make(chan struct{})
	m.done = ended
	go func() { p.Wait(); close(ended) }()
	m.t.Cleanup(func() {
		p.Process.Kill()
		<-ended
		if m.t.Failed() {
			m.t.Logf("%s: %s", m.Name, out)
		}
	})
	eventually(m.t, "the overlay answers", func() error {
		select {
		case <-ended:
			return fmt.Errorf("it ended: %s", out)
		default:
		}
		_, err := m.device.Peers(context.Background())
		return err
	})
}

// kill kills the overlay's process as hard as one can.
func (m *machine) kill() {
	m.t.Helper()
	check(m.t, m.process.Process.Kill())
	m.ended()
}

// ended waits until the overlay's process has ended.
func (m *machine) ended() {
	m.t.Helper()
	select {
	case <-m.done:
	case <-time.After(patient):
		m.t.Fatalf("the process of %s does not end", m.Name)
	}
}

// peer is the machine as others see it, at an address outside.
func (m *machine) peer(outside string) overlay.Peer {
	p := overlay.Peer{Key: m.public, Allowed: []netip.Prefix{netip.PrefixFrom(m.address, 32)}}
	if outside != "" {
		p.Endpoint = net.JoinHostPort(outside, strconv.Itoa(testPort))
	}
	return p
}

func (m *machine) setPeers(peers ...overlay.Peer) {
	m.t.Helper()
	check(m.t, m.device.SetPeers(context.Background(), peers))
}

// status is what the device knows of a peer.
func (m *machine) status(of *machine) overlay.PeerStatus {
	m.t.Helper()
	list, err := m.device.Peers(context.Background())
	check(m.t, err)
	for _, p := range list {
		if p.Key == of.public {
			return p
		}
	}
	m.t.Fatalf("%s has no peer %s", m.Name, of.Name)
	return overlay.PeerStatus{}
}

// pair makes two machines with one cable and overlays that know each other.
func pair(t *testing.T, a, b string) (*machine, *machine) {
	t.Helper()
	m, n := newMachine(t, 1), newMachine(t, 2)
	at, bt := netip.MustParsePrefix(a), netip.MustParsePrefix(b)
	check(t, netlab.Link(m.Host, at, n.Host, bt, 0))
	m.start()
	n.start()
	m.setPeers(n.peer(bt.Addr().String()))
	n.setPeers(m.peer(""))
	return m, n
}

// transfer sends size bytes over TCP from one machine to the other's address and
// returns how long that took. It fails the test if it is not through in time.
func transfer(t *testing.T, from, to *machine, size int64) time.Duration {
	t.Helper()
	l, err := to.Listen("tcp4", net.JoinHostPort(to.address.String(), "0"))
	check(t, err)
	defer l.Close()
	type result struct {
		n   int64
		err error
	}
	got := make(chan result, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			got <- result{0, err}
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patient))
		n, err := io.Copy(io.Discard, c)
		got <- result{n, err}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	begin := time.Now()
	c, err := from.Dial(ctx, "tcp4", l.Addr().String())
	if err != nil {
		t.Fatalf("%s to %s: %v", from.Name, to.Name, err)
	}
	defer c.Close()
	c.SetDeadline(begin.Add(patient))
	if _, err := io.CopyN(c, zeros{}, size); err != nil {
		t.Fatalf("%s to %s: %v", from.Name, to.Name, err)
	}
	check(t, c.(*net.TCPConn).CloseWrite())
	if r := <-got; r.err != nil || r.n != size {
		t.Fatalf("%s to %s: %d of %d bytes came, %v", from.Name, to.Name, r.n, size, r.err)
	}
	return time.Since(begin)
}

// fullPacket is what fits one packet of the overlay's MTU of 1420 bytes: less the
// headers of IPv4 and UDP.
const fullPacket = 1420 - 28

// packet sends a datagram to the other machine, which sends it back. One that gets
// lost is sent again.
func packet(t *testing.T, from, to *machine, size int) {
	t.Helper()
	server, err := to.ListenPacket("udp4", net.JoinHostPort(to.address.String(), "0"))
	check(t, err)
	defer server.Close()
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, addr, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			server.WriteTo(buf[:n], addr)
		}
	}()
	client, err := from.Dial(context.Background(), "udp4", server.LocalAddr().String())
	check(t, err)
	defer client.Close()
	buf := make([]byte, size+1)
	for deadline := time.Now().Add(patient); ; {
		_, err := client.Write(buf[:size])
		check(t, err)
		client.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, err := client.Read(buf)
		if err == nil && n == size {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a packet of %d bytes from %s to %s and back: %d bytes, %v", size, from.Name, to.Name, n, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patient)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
