package join

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"
)

func TestAConnectionIsHandedOnToTheServerAndBack(t *testing.T) {
	server, relay := listenLocal(t), listenLocal(t)
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	open := true
	go func() {
		ended <- Relay(ctx, slog.New(slog.DiscardHandler), relay, func() (string, bool) { return server.Addr().String(), open })
	}()
	conn, err := net.Dial("tcp", relay.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patient))
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the relay ended with %v", err)
	}
	if _, err := conn.Read(got); err == nil {
		t.Error("the connection outlived the relay")
	}
}

func TestNothingIsHandedOnWhileNoServerLetsMachinesIn(t *testing.T) {
	relay := listenLocal(t)
	go Relay(t.Context(), slog.New(slog.DiscardHandler), relay, func() (string, bool) { return "", false })
	conn, err := net.Dial("tcp", relay.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patient))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("somebody answered")
	}
}
