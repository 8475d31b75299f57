package overlay

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/device"
)

const (
	// trains is how many messages are received at once. Each may be a train of 64
	// packets that the kernel has joined (UDP_GRO).
	trains = 4
	// maxTrain is the size of the largest datagram, and of a train, bytes.
	maxTrain = 1 << 16
)

// A receiver receives for one socket, in one goroutine. Packets that did not fit
// what it was given wait in it for the next call.
type receiver struct {
	socket  *socket
	in      *gate
	msgs    []ipv6.Message
	left    []ipv6.Message // received, not yet handed on
	offset  int            // of what is handed on of the first of left
	current *endpoint      // where the last packet came from
	size    int            // of the packets in the first of left; 0 if not yet looked at
}

func newReceiver(s *socket, in *gate) *receiver {
	r := &receiver{socket: s, in: in, msgs: make([]ipv6.Message, trains)}
	for i := range r.msgs {
		r.msgs[i].Buffers = [][]byte{make([]byte, maxTrain)}
		r.msgs[i].OOB = make([]byte, unix.CmsgSpace(unix.SizeofInet6Pktinfo)+unix.CmsgSpace(4))
	}
	return r
}

// receive is a conn.ReceiveFunc. It fails only once the socket is closed:
// wireguard-go would not ask again after another error.
func (r *receiver) receive(bufs [][]byte, sizes []int, endpoints []conn.Endpoint) (int, error) {
	for len(r.left) == 0 {
		r.in.wait()
		n, err := r.socket.batch.ReadBatch(r.msgs, 0)
		if errors.Is(err, net.ErrClosed) {
			return 0, net.ErrClosed
		}
		if err != nil {
			// The machine has no memory, or the like: not a reason to spin.
			time.Sleep(100 * time.Millisecond)
			continue
		}
		r.left, r.offset, r.size = r.msgs[:n], 0, 0
	}
	n, transports := 0, 0
	for ; n < len(bufs) && len(r.left) > 0; n++ {
		msg := &r.left[0]
		if r.size == 0 {
			r.size = r.look(msg)
		}
		data := msg.Buffers[0][r.offset:min(r.offset+r.size, msg.N)]
		sizes[n] = copy(bufs[n], data)
		endpoints[n] = r.current
		if len(data) > 0 && data[0] == device.MessageTransportType {
			transports++
		}
		if r.offset += r.size; r.offset >= msg.N {
			r.left, r.offset, r.size = r.left[1:], 0, 0
		}
	}
	// Handshakes are not counted: they have a queue of their own, which drops.
	r.in.enter(transports)
	return n, nil
}

// look reads what the kernel tells with a message: where it came from, which of our
// addresses it came to, and the size of the packets, if it is a train.
func (r *receiver) look(msg *ipv6.Message) (size int) {
	from := msg.Addr.(*net.UDPAddr).AddrPort()
	dst := netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	src, size := readControl(msg.OOB[:msg.NN])
	if r.current == nil || r.current.dst != dst || r.current.SrcIP() != src {
		r.current = &endpoint{dst: dst}
		if src.IsValid() {
			r.current.src.Store(&src)
		}
	}
	if size == 0 {
		size = max(msg.N, 1)
	}
	return size
}

// readControl reads control messages. What it does not know or cannot read it
// passes over.
func readControl(control []byte) (src netip.Addr, size int) {
	for len(control) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return src, size
		}
		control = rest
		switch {
		case header.Level == unix.IPPROTO_IP && header.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			src = netip.AddrFrom4([4]byte(data[4:8])) // ipi_spec_dst
		case header.Level == unix.IPPROTO_IPV6 && header.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			src = netip.AddrFrom16([16]byte(data[:16]))
		case header.Level == unix.SOL_UDP && header.Type == unix.UDP_GRO && len(data) >= 2:
			size = int(binary.NativeEndian.Uint16(data))
		}
	}
	return src, size
}
