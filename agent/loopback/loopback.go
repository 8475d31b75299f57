// Package loopback gives tests addresses of this machine that nobody else uses: no
// other process, be it this test once more, and no other test of this process. A port
// that was free a moment ago, which is what listening at port 0 and closing gives, may
// be another's by the time that it is used.
//
// It depends on nothing, and nothing that is shipped imports it. Start reading at
// Unused.
package loopback

import (
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
)

// Ports are handed out below those that the kernel gives to who asks for any
// (ip_local_port_range begins at 32768), and below those of the cloud's apps.
const (
	firstPort = 10_000
	lastPort  = 19_999
)

var next atomic.Int32

// Address is one of three, by its number from 0, that only this process uses: on Linux
// all of 127.0.0.0/8 is this machine's, and a process's ID has at most 22 bits.
func Address(number int) netip.Addr {
	if number < 0 || number > 2 {
		panic(fmt.Sprintf("loopback: there is no address %d", number))
	}
	pid := os.Getpid()
	return netip.AddrFrom4([4]byte{127, byte(64*(number+1) + pid>>16&63), byte(pid >> 8), byte(pid)})
}

// Port is one that has not been given out in this process, at any of its addresses.
func Port() int {
	return firstPort + int(next.Add(1)-1)%(lastPort-firstPort+1)
}

// Unused is an address and a port, "127.64.1.2:10000", at which nothing listens unless
// the caller does.
func Unused() string {
	return netip.AddrPortFrom(Address(0), uint16(Port())).String()
}
