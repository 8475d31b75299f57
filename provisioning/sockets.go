package provisioning

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// Socket is a listening socket of this machine.
type Socket struct {
	Network string // tcp, udp
	Addr    netip.AddrPort
	Inode   uint64
	PID     int    // of the process that holds it, 0 where it is not to be seen
	Process string // its name, "" likewise
}

// States of a socket in /proc/net: include/net/tcp_states.h. An unconnected UDP
// socket, which takes what comes to its port, is "closed".
const (
	stateListen = "0A"
	stateClosed = "07"
)

// ParseProcNet reads the text of /proc/net/tcp, tcp6, udp or udp6 and returns
// the sockets that wait for others. Lines that it does not understand it leaves
// out. Network is "tcp" or "udp". The format: proc_net_tcp(5).
func ParseProcNet(network, text string) []Socket {
	state := stateListen
	if network == "udp" {
		state = stateClosed
	}
	var out []Socket
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != state {
			continue
		}
		addr, ok := parseHexAddr(f[1])
		if !ok {
			continue
		}
		inode, err := strconv.ParseUint(f[9], 10, 64)
		if err != nil {
			continue
		}
		out = append(out, Socket{Network: network, Addr: addr, Inode: inode})
	}
	return out
}

// parseHexAddr reads "0100007F:0050": each 32-bit word of the address stands
// in the machine's byte order, which is little-endian on all that we support.
func parseHexAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	if !ok {
		return netip.AddrPort{}, false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.BigEndian.PutUint32(raw[i:], binary.LittleEndian.Uint32(raw[i:]))
	}
	addr, _ := netip.AddrFromSlice(raw)
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), true
}

// Listen is an address that the cloud is going to listen on.
type Listen struct {
	Network string // tcp (also where it is ""), udp
	Address string // an IP address; "", 0.0.0.0 or [::] for all of them
	Port    int
	What    string // who is going to: "Traefik (HTTP)"
	Flag    string // the option that names another port, "" where there is none: "--http-port"
}

// clashes says whether binding l fails while s is open.
func (l Listen) clashes(s Socket) bool {
	network := l.Network
	if network == "" {
		network = "tcp"
	}
	if s.Network != network || int(s.Addr.Port()) != l.Port {
		return false
	}
	want, err := netip.ParseAddr(strings.Trim(l.Address, "[]"))
	if err != nil { // "": all addresses
		return true
	}
	want = want.Unmap()
	// A socket on [::] usually takes IPv4 as well.
	return want.IsUnspecified() || s.Addr.Addr().IsUnspecified() || want == s.Addr.Addr()
}
