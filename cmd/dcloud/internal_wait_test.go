package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWaitReturnsOnceEveryAddressAccepts(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	late, open := reserved(t) // nobody accepts there until the other was seen
	var opening atomic.Bool
	opened := make(chan error, 1)
	go func() {
		conn, err := first.Accept()
		if err == nil {
			conn.Close()
			opening.Store(true)
			err = open()
		}
		opened <- err
	}()
	if err := waitFor(t.Context(), []string{first.Addr().String(), late}, 10*time.Minute, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !opening.Load() {
		t.Error("the wait ended although nobody accepted at the second address")
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// reserved is an address that is refused until it is opened, and that nobody else can
// get meanwhile.
func reserved(t *testing.T) (address string, open func() error) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", bound.(*unix.SockaddrInet4).Port), func() error { return unix.Listen(fd, 8) }
}

func TestWaitEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := waitFor(ctx, []string{"127.0.0.1:1"}, time.Minute, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's own end", err)
	}
}

func TestPauseEndsWhenItIsTold(t *testing.T) {
	ctx, tell := context.WithCancel(t.Context())
	e := newEnv(nil, io.Discard, io.Discard, func(string) string { return "" })
	root := newRootCommand(e)
	root.SetArgs([]string{"internal", "pause"})
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	tell()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
