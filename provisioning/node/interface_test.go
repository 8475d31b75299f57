package node

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// enough is how long something may take that takes a moment, on the busiest machine.
const enough = 3 * time.Minute

var testAddress = netip.MustParsePrefix("10.213.0.1/16")

// inNamespace runs f, which is the rest of the test, in a network namespace of its
// own, with lo up. The namespace ends with the thread.
func inNamespace(t *testing.T, f func()) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	done := make(chan error, 1)
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("make a network namespace (as root): %w", err)
			return
		}
		lo, err := netlink.LinkByName("lo")
		if err == nil {
			err = netlink.LinkSetUp(lo)
		}
		if err != nil {
			done <- err
			return
		}
		f()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// serves fails the test unless one can listen at the address and connect to it.
func serves(t *testing.T, address netip.Addr) {
	t.Helper()
	// The goroutine that listens and dials is the one in the namespace; with an
	// address and no name both work in it.
	l, err := net.Listen("tcp4", net.JoinHostPort(address.String(), "0"))
	if err != nil {
		t.Errorf("listen: %v", err)
		return
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "here")
			c.Close()
		}
	}()
	c, err := net.DialTimeout("tcp4", l.Addr().String(), enough)
	if err != nil {
		t.Errorf("connect to the pool's address on this machine: %v", err)
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(enough))
	if text, err := io.ReadAll(c); string(text) != "here" {
		t.Errorf("got %q, %v", text, err)
	}
}

func ensure(t *testing.T, name string, want bool) {
	t.Helper()
	changed, err := EnsureInterface(name, testAddress)
	if err != nil || changed != want {
		t.Errorf("EnsureInterface: changed = %v, %v; want %v", changed, err, want)
	}
	if !HasInterface(name, testAddress) {
		t.Errorf("HasInterface says no right after EnsureInterface")
	}
}

// best is the kind that this machine's kernel is to get.
func best(t *testing.T) string {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "probe"
	if err := netlink.LinkAdd(&netlink.Wireguard{LinkAttrs: attrs}); err == nil {
		if err := RemoveInterface("probe"); err != nil {
			t.Error(err)
		}
		return KindWireGuard
	}
	return KindTUN
}

func kindIs(t *testing.T, name, want string) {
	t.Helper()
	if kind, err := InterfaceKind(name); err != nil || kind != want {
		t.Errorf("the kind of %s is %q, %v; want %q", name, kind, err, want)
	}
}

func TestTheInterfaceServesItsAddressWithNobodyAttached(t *testing.T) {
	inNamespace(t, func() {
		kindIs(t, "dc", "")
		ensure(t, "dc", true)
		ensure(t, "dc", false)
		kindIs(t, "dc", best(t))
		serves(t, testAddress.Addr())
		for range 2 {
			if err := RemoveInterface("dc"); err != nil {
				t.Error(err)
			}
		}
		kindIs(t, "dc", "")
		if HasInterface("dc", testAddress) {
			t.Error("HasInterface finds what was removed")
		}
	})
}

func TestATUNKeepsItsAddressWhenWhoWasAttachedEnds(t *testing.T) {
	inNamespace(t, func() {
		if err := addTUN("dc"); err != nil {
			t.Error(err)
			return
		}
		ensure(t, "dc", true)
		fd := attachTo(t, "dc")
		serves(t, testAddress.Addr())
		unix.Close(fd)
		ensure(t, "dc", false)
		kindIs(t, "dc", KindTUN)
		serves(t, testAddress.Addr())
		unix.Close(attachTo(t, "dc"))
	})
}

// attachTo attaches as wireguard-go does.
func attachTo(t *testing.T, name string) int {
	t.Helper()
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Error(err)
		return -1
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		t.Errorf("attach: %v", err)
	}
	return fd
}

func TestAnOldBridgeIsReplacedWhileTheAddressServes(t *testing.T) {
	inNamespace(t, func() {
		if err := addBridge("dc"); err != nil {
			t.Error(err)
			return
		}
		link, err := netlink.LinkByName("dc")
		if err == nil {
			_, err = putAddress(link, testAddress)
		}
		if err != nil {
			t.Error(err)
			return
		}
		// One that was bound before, and a connection that is open.
		l, err := net.Listen("tcp4", testAddress.Addr().String()+":0")
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		client, err := net.DialTimeout("tcp4", l.Addr().String(), enough)
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Close()
		server, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer server.Close()

		before := time.Now()
		ensure(t, "dc", true)
		t.Logf("replaced within %s", time.Since(before).Round(time.Millisecond))
		kindIs(t, "dc", best(t))
		kindIs(t, "dc-new", "")

		client.SetDeadline(time.Now().Add(enough))
		server.SetDeadline(time.Now().Add(enough))
		text := make([]byte, 5)
		if _, err := io.WriteString(server, "still"); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(client, text); err != nil || string(text) != "still" {
			t.Errorf("over the connection that was open: %q, %v", text, err)
		}
		again, err := net.DialTimeout("tcp4", l.Addr().String(), enough)
		if err != nil {
			t.Errorf("connect to who listened before: %v", err)
		} else {
			again.Close()
		}
		ensure(t, "dc", false)
	})
}

func TestAReplacementThatWasBrokenOffIsCleanedUp(t *testing.T) {
	inNamespace(t, func() {
		if err := addTUN("dc-new"); err != nil {
			t.Error(err)
			return
		}
		link, err := netlink.LinkByName("dc-new")
		if err == nil {
			_, err = putAddress(link, testAddress)
		}
		if err != nil {
			t.Error(err)
		}
		ensure(t, "dc", true)
		kindIs(t, "dc-new", "")
		serves(t, testAddress.Addr())
	})
}

func TestABridgeThatHoldsMoreThanOurAddressIsLeftAlone(t *testing.T) {
	inNamespace(t, func() {
		for _, name := range []string{"other", "member"} {
			if err := addBridge(name); err != nil {
				t.Error(err)
				return
			}
		}
		other, err := netlink.LinkByName("other")
		if err == nil {
			err = netlink.AddrAdd(other, addressOf(netip.MustParsePrefix("10.9.0.1/24")))
		}
		if err != nil {
			t.Error(err)
			return
		}
		ensure(t, "other", true)
		kindIs(t, "other", KindBridge)

		bridge, err := netlink.LinkByName("member")
		if err != nil {
			t.Error(err)
			return
		}
		attrs := netlink.NewLinkAttrs()
		attrs.Name = "port"
		attrs.MasterIndex = bridge.Attrs().Index
		if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "port2"}); err != nil {
			t.Error(err)
			return
		}
		if _, err := EnsureInterface("member", testAddress); err != nil {
			t.Error(err)
		}
		kindIs(t, "member", KindBridge)
	})
}

func TestAnInterfaceOfAnotherKindIsRefused(t *testing.T) {
	inNamespace(t, func() {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = "dc"
		if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "dc2"}); err != nil {
			t.Error(err)
			return
		}
		_, err := EnsureInterface("dc", testAddress)
		if err == nil || !strings.Contains(err.Error(), "veth") {
			t.Errorf("EnsureInterface over a veth: %v", err)
		}
		if HasInterface("dc", testAddress) {
			t.Error("HasInterface takes a veth for ours")
		}
	})
}

func TestWithoutTheRightToMakeInterfacesOneIsToldSo(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root, to give it up")
	}
	if os.Getenv("DCLOUD_TEST_NO_RIGHTS") != "" {
		_, err := EnsureInterface("dcloud-no", testAddress)
		fmt.Println("ERROR:", err)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "DCLOUD_TEST_NO_RIGHTS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, Pdeathsig: syscall.SIGKILL,
	}
	cmd.Dir = "/"
	binary, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	// Its folder may be closed to others; the open file is not.
	cmd.Path = "/proc/self/fd/3"
	cmd.ExtraFiles = []*os.File{binary}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "without the right to (CAP_NET_ADMIN)") {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
