package appnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A place is a network namespace: a machine's, a neighbour's or a container's.
type place struct {
	name string
	path string // of the namespace
}

// patience is how long is listened for an answer that must not come: what is dropped
// costs each try this long. One that must come has until enough, on the busiest machine.
const (
	patience = 1500 * time.Millisecond
	enough   = 2 * time.Minute
)

// inside calls f in the namespace. A socket that f makes stays of it.
func (p place) inside(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		ns, err := os.Open(p.path)
		if err != nil {
			done <- err
			return
		}
		defer ns.Close()
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter %s: %w", p.name, err)
			return
		}
		done <- f()
	}()
	return <-done
}

// command returns a command that runs in the place.
func (p place) command(ctx context.Context, argv ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "nsenter", append([]string{"--net=" + p.path, "--"}, argv...)...)
}

func (p place) do(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := p.command(t.Context(), argv...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s: %v\n%s", p.name, strings.Join(argv, " "), err, out)
	}
	return string(out)
}

// machine is a namespace of nobody else's, which ends with the test's process.
func machine(t *testing.T, name string) place {
	t.Helper()
	cmd := exec.Command("sleep", "infinity")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	hold := make(chan struct{})
	go func() { // its parent is a thread, which must live
		runtime.LockOSThread()
		started <- cmd.Start()
		<-hold
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		close(hold)
	})
	p := place{name, fmt.Sprintf("/proc/%d/ns/net", cmd.Process.Pid)}
	p.do(t, "ip", "link", "set", "lo", "up")
	return p
}

// serve answers at an address with the place's name, by TCP and by UDP.
func (p place) serve(t *testing.T, address string) {
	t.Helper()
	var l net.Listener
	var u net.PacketConn
	err := p.inside(func() (err error) {
		if l, err = net.Listen("tcp4", address); err != nil {
			return err
		}
		u, err = net.ListenPacket("udp4", address)
		return err
	})
	if err != nil {
		t.Fatalf("%s serves %s: %v", p.name, address, err)
	}
	t.Cleanup(func() { l.Close(); u.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, p.name)
			c.Close()
		}
	}()
	go func() {
		buf := make([]byte, 64)
		for {
			_, from, err := u.ReadFrom(buf)
			if err != nil {
				return
			}
			u.WriteTo([]byte(p.name), from)
		}
	}()
}

// ask returns who answers at an address within a time, "" for nobody.
func (p place) ask(network, address string, within time.Duration) string {
	end := time.Now().Add(within)
	var c net.Conn
	err := p.inside(func() (err error) {
		c, err = (&net.Dialer{Deadline: end}).Dial(network, address)
		return err
	})
	if err != nil {
		return ""
	}
	defer c.Close()
	c.SetDeadline(end)
	if network == "udp4" {
		buf := make([]byte, 64)
		for time.Now().Before(end) { // a datagram may be lost, so it is sent again
			if _, err := c.Write([]byte("?")); err != nil {
				return ""
			}
			c.SetReadDeadline(time.Now().Add(patience))
			n, err := c.Read(buf)
			if err == nil {
				return string(buf[:n])
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				return ""
			}
		}
		return ""
	}
	name, err := io.ReadAll(c)
	if err != nil {
		return ""
	}
	return string(name)
}
