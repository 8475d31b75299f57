package loopback

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

func TestNobodyListensAtAnUnusedAddressUntilOneDoes(t *testing.T) {
	for _, at := range []string{Unused(), Unused()} {
		if conn, err := net.Dial("tcp", at); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("%s: %v, %v", at, conn, err)
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

func TestAllAddressesDifferAndAreThisMachines(t *testing.T) {
	seen := map[netip.AddrPort]bool{}
	for n := range 3 {
		for range 5 {
			at := netip.AddrPortFrom(Address(n), uint16(Port()))
			if !at.Addr().IsLoopback() || seen[at] || at.Port() < firstPort || at.Port() > lastPort {
				t.Errorf("%s", at)
			}
			seen[at] = true
		}
	}
	if Address(0) == Address(1) || Address(1) == Address(2) || Address(0) == netip.MustParseAddr("127.0.0.1") {
		t.Error("two are the same")
	}
}
