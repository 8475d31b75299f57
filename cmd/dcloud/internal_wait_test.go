package main

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

func TestWaitReturnsOnceEveryAddressAccepts(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	late := second.Addr().String()
	second.Close() // nobody accepts there until the other was seen

	opened := make(chan net.Listener, 1)
	go func() {
		if conn, err := first.Accept(); err == nil {
			conn.Close()
		}
		l, _ := net.Listen("tcp", late)
		opened <- l
	}()
	if err := waitFor(t.Context(), []string{first.Addr().String(), late}, time.Minute, io.Discard); err != nil {
		t.Fatal(err)
	}
	l := <-opened
	if l == nil {
		t.Fatal("the wait ended although nobody accepted at the second address")
	}
	l.Close()
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
