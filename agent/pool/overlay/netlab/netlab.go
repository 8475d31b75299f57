// Package netlab makes machines for tests and measurements of the overlay: network
// namespaces, joined by veth pairs. A namespace here has no name; it lives in a
// thread of this process, so that nothing is left when the process ends, however
// it ends. It needs root, netlink and nothing else of ours. Start reading at Host.
package netlab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Host is a machine: a network namespace.
type Host struct {
	Name  string
	calls chan func()
	ns    *os.File
	links int
}

// New makes a machine with lo up.
func New(name string) (*Host, error) {
	h := &Host{Name: name, calls: make(chan func())}
	ready := make(chan error)
	go func() {
		// Never unlocked: the thread, and with it the namespace, ends with the
		// goroutine.
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			h.ns, err = os.Open("/proc/thread-self/ns/net")
		}
		if err == nil {
			err = up("lo")
		}
		ready <- err
		for f := range h.calls {
			f()
		}
	}()
	if err := <-ready; err != nil {
		close(h.calls)
		return nil, fmt.Errorf("make the network namespace of %s (as root): %w", name, err)
	}
	return h, nil
}

// Close ends the namespace, once all its processes and sockets have ended.
func (h *Host) Close() {
	close(h.calls)
	h.ns.Close()
}

// Do calls f on the machine: in its thread. A socket that f makes stays of that
// machine wherever it is used later. f must leave its work to no other goroutine.
func (h *Host) Do(f func() error) error {
	done := make(chan error, 1)
	h.calls <- func() { done <- f() }
	return <-done
}

// Start starts a command on the machine. It is killed when this process ends.
func (h *Host) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// The signal comes when the thread ends that started the child; this one stays.
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return h.Do(cmd.Start)
}

// Run runs a command on the machine. The error holds its output.
func (h *Host) Run(argv ...string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	err := h.Start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return fmt.Errorf("%s on %s: %w\n%s", strings.Join(argv, " "), h.Name, err, out.String())
	}
	return nil
}

// Dial connects from the machine to an address and port; names are not resolved.
func (h *Host) Dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	if _, err := netip.ParseAddrPort(address); err != nil {
		return nil, err
	}
	// With a single address the dialer works in the goroutine that calls it.
	err = h.Do(func() error {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// Listen listens on the machine.
func (h *Host) Listen(network, address string) (l net.Listener, err error) {
	err = h.Do(func() error {
		l, err = net.Listen(network, address)
		return err
	})
	return l, err
}

// ListenPacket listens on the machine for datagrams.
func (h *Host) ListenPacket(network, address string) (c net.PacketConn, err error) {
	err = h.Do(func() error {
		c, err = net.ListenPacket(network, address)
		return err
	})
	return c, err
}

// Route sends all that has no other route to a gateway.
func (h *Host) Route(gateway netip.Addr) error {
	return h.Do(func() error {
		return netlink.RouteAdd(&netlink.Route{Gw: gateway.AsSlice()})
	})
}

// Link joins two machines by a cable with an MTU, 0 for 1500, and gives its ends
// addresses.
func Link(a *Host, at netip.Prefix, b *Host, bt netip.Prefix, mtu int) error {
	if mtu == 0 {
		mtu = 1500
	}
	left, right := a.nextName(), b.nextName()
	err := a.Do(func() error {
		attrs := netlink.NewLinkAttrs()
		attrs.Name, attrs.MTU = left, mtu
		// Made at its end: no other name of this namespace is in the way.
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: right, PeerNamespace: netlink.NsFd(b.ns.Fd()), PeerMTU: uint32(mtu)})
	})
	if err != nil {
		return fmt.Errorf("join %s and %s: %w", a.Name, b.Name, err)
	}
	for _, end := range []struct {
		host    *Host
		name    string
		address netip.Prefix
	}{{a, left, at}, {b, right, bt}} {
		if err := end.host.Do(func() error { return plug(end.name, end.address) }); err != nil {
			return fmt.Errorf("join %s and %s: %w", a.Name, b.Name, err)
		}
	}
	return nil
}

func (h *Host) nextName() string {
	h.links++
	return fmt.Sprintf("eth%d", h.links-1)
}

func plug(name string, address netip.Prefix) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	a := &netlink.Addr{IPNet: &net.IPNet{
		IP: address.Addr().AsSlice(), Mask: net.CIDRMask(address.Bits(), address.Addr().BitLen())}}
	if address.Addr().Is6() {
		// Usable at once: nobody else is there who could have it.
		a.Flags = unix.IFA_F_NODAD
	}
	if err := netlink.AddrAdd(link, a); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

func up(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}
