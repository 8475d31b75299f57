package overlay

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/conn"
)

const (
	maxPackets = 64         // of a train; the kernel's UDP_MAX_SEGMENTS
	maxPayload = 65535 - 48 // of a train, less the headers of IPv6 and UDP, bytes
	maxBatch   = 128        // messages that are sent at once
	controlLen = 40 + 24    // room for a source address (CMSG_SPACE(20)) and a size (CMSG_SPACE(2))
)

// An outbox is what one call of Send needs, kept for the next one.
type outbox struct {
	msgs    []ipv6.Message
	control [maxBatch][controlLen]byte
	addr    net.UDPAddr
	ip      [16]byte
}

var outboxes = sync.Pool{New: func() any { return &outbox{msgs: make([]ipv6.Message, 0, maxBatch)} }}

// Send sends packets to a peer, in order.
func (b *bind) Send(packets [][]byte, to conn.Endpoint) error {
	defer b.out.leave(len(packets))
	e := to.(*endpoint)
	b.mu.Lock()
	s := b.v4
	if e.dst.Addr().Is6() {
		s = b.v6
	}
	b.mu.Unlock()
	if s == nil {
		return syscall.EAFNOSUPPORT
	}
	for len(packets) > 0 {
		n := min(len(packets), maxBatch)
		if err := s.send(packets[:n], e); err != nil {
			return err
		}
		packets = packets[n:]
	}
	return nil
}

// send sends at most maxBatch packets: as trains where it can, else one by one.
func (s *socket) send(packets [][]byte, e *endpoint) error {
	o := outboxes.Get().(*outbox)
	defer o.put()
	o.address(e.dst)
	if s.segment.Load() && !e.narrow.Load() {
		sent, err := s.write(o, trainsOf(packets), e.src.Load())
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EIO):
			// The interface's driver does not compute checksums, which trains need
			// (udp(7), UDP_SEGMENT).
			s.segment.Store(false)
		case errors.Is(err, unix.EMSGSIZE), errors.Is(err, unix.EINVAL):
			// One packet is larger than what the path takes, and the kernel does
			// not fragment those of trains (udp_send_skb).
			e.narrow.Store(true)
		default:
			return err
		}
		packets = packets[sent:]
	}
	sent, err := s.write(o, single(packets), e.src.Load())
	if (errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.ENODEV)) && e.src.Load() != nil {
		// The address that the peer knows us by may not be ours any more.
		e.ClearSrc()
		e.narrow.Store(false)
		_, err = s.write(o, single(packets[sent:]), nil)
	}
	return err
}

// write sends messages and returns how many packets of them it has sent.
func (s *socket) write(o *outbox, groups func(yield func([][]byte, int) bool), src *netip.Addr) (packets int, err error) {
	o.msgs = o.msgs[:0]
	for group, size := range groups {
		i := len(o.msgs)
		control := appendSource(o.control[i][:0], src)
		if size > 0 {
			control = appendSize(control, size)
		}
		o.msgs = append(o.msgs, ipv6.Message{Buffers: group, OOB: control, Addr: &o.addr})
	}
	for start := 0; start < len(o.msgs); {
		n, err := s.batch.WriteBatch(o.msgs[start:], 0)
		for i := range max(n, 0) {
			packets += len(o.msgs[start+i].Buffers)
		}
		if err != nil {
			return packets, err
		}
		start += n
	}
	return packets, nil
}

func (o *outbox) address(to netip.AddrPort) {
	o.ip = to.Addr().As16()
	o.addr.IP = o.ip[:]
	if to.Addr().Is4() {
		o.addr.IP = o.ip[12:]
	}
	o.addr.Port, o.addr.Zone = int(to.Port()), to.Addr().Zone()
}

// put gives the outbox back, without what it pointed to.
func (o *outbox) put() {
	clear(o.msgs)
	outboxes.Put(o)
}

// trainsOf yields runs of packets that can go as one message, with the size that
// the kernel is to cut at, 0 for a packet alone. All packets of a train have one
// size but the last, which may be shorter.
func trainsOf(packets [][]byte) func(yield func([][]byte, int) bool) {
	return func(yield func([][]byte, int) bool) {
		for len(packets) > 0 {
			size, total, n := len(packets[0]), len(packets[0]), 1
			for n < len(packets) && n < maxPackets {
				next := len(packets[n])
				if next > size || len(packets[n-1]) < size || total+next > maxPayload {
					break
				}
				total += next
				n++
			}
			cut := size
			if n == 1 {
				cut = 0
			}
			if !yield(packets[:n:n], cut) {
				return
			}
			packets = packets[n:]
		}
	}
}

// single yields packets one by one.
func single(packets [][]byte) func(yield func([][]byte, int) bool) {
	return func(yield func([][]byte, int) bool) {
		for i := range packets {
			if !yield(packets[i:i+1:i+1], 0) {
				return
			}
		}
	}
}

// appendSource appends the control message that says which of our addresses to send
// from. No interface is named: that is for the routes to say.
func appendSource(b []byte, src *netip.Addr) []byte {
	if src == nil {
		return b
	}
	if src.Is4() {
		a := src.As4()
		info := appendHeader(&b, unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)
		copy(info[4:], a[:]) // ipi_spec_dst
		return b
	}
	if src.IsLinkLocalUnicast() {
		return b // needs the interface, and is never routed: the kernel's choice is the same
	}
	a := src.As16()
	info := appendHeader(&b, unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo)
	copy(info, a[:])
	return b
}

// appendSize appends the control message that says where to cut a train.
func appendSize(b []byte, size int) []byte {
	binary.NativeEndian.PutUint16(appendHeader(&b, unix.SOL_UDP, unix.UDP_SEGMENT, 2), uint16(size))
	return b
}

// appendHeader appends a control message with its data zero, and returns the data.
func appendHeader(b *[]byte, level, kind int32, size int) []byte {
	at := len(*b)
	*b = append(*b, make([]byte, unix.CmsgSpace(size))...)
	h := (*unix.Cmsghdr)(unsafe.Pointer(&(*b)[at]))
	h.Level, h.Type = level, kind
	h.SetLen(unix.CmsgLen(size))
	return (*b)[at+unix.CmsgLen(0):]
}
