package overlay

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/conn"
)

// bind is the overlay's two UDP sockets, for IPv4 and IPv6, as wireguard-go sees
// them. It differs from wireguard-go's own in this:
//
//   - Packets may be fragmented on their way (IP_PMTUDISC_DONT), so that a link
//     with a smaller MTU in the middle slows nothing down to a halt where
//     somebody drops ICMP.
//   - If the kernel will not cut a train of packets (UDP_SEGMENT) because the path
//     is too narrow for one of them, they go one by one, to be fragmented.
//   - Buffers are fewer, and a gate bounds what is on its way.
type bind struct {
	in, out *gate
	mu      sync.Mutex
	v4, v6  *socket // nil where the machine does not have the protocol
}

var _ conn.Bind = (*bind)(nil)

// batchSize is how many packets wireguard-go gets at once: more do not make it
// faster, and each costs it a buffer of 64 KiB per socket.
const batchSize = 32

// socketBuffer is what the kernel may hold of each direction, bytes.
const socketBuffer = 4 << 20

// A socket is one of the two.
type socket struct {
	conn  *net.UDPConn
	batch batcher
	six   bool
	// segment tells that the kernel cuts trains of packets for us. The driver of an
	// interface that cannot makes it false.
	segment atomic.Bool
}

// A batcher sends and receives several messages in one system call.
type batcher interface {
	ReadBatch([]ipv6.Message, int) (int, error)
	WriteBatch([]ipv6.Message, int) (int, error)
}

// An endpoint is where a peer is, and which of our addresses it knows us by.
type endpoint struct {
	dst netip.AddrPort
	src atomic.Pointer[netip.Addr] // nil lets the kernel choose
	// narrow tells that the path is too narrow for the packets of a train.
	narrow atomic.Bool
}

var _ conn.Endpoint = (*endpoint)(nil)

func (e *endpoint) ClearSrc()           { e.src.Store(nil) }
func (e *endpoint) DstIP() netip.Addr   { return e.dst.Addr() }
func (e *endpoint) DstToString() string { return e.dst.String() }
func (e *endpoint) SrcToString() string { return e.SrcIP().String() }
func (e *endpoint) DstToBytes() []byte  { b, _ := e.dst.MarshalBinary(); return b }
func (e *endpoint) SrcIP() netip.Addr {
	if a := e.src.Load(); a != nil {
		return *a
	}
	return netip.Addr{}
}

func (*bind) ParseEndpoint(s string) (conn.Endpoint, error) {
	dst, err := netip.ParseAddrPort(s)
	if err != nil {
		return nil, err
	}
	return &endpoint{dst: netip.AddrPortFrom(dst.Addr().Unmap(), dst.Port())}, nil
}

func (*bind) BatchSize() int { return batchSize }

func (b *bind) Open(port uint16) (receive []conn.ReceiveFunc, actual uint16, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.v4 != nil || b.v6 != nil {
		return nil, 0, conn.ErrBindAlreadyOpen
	}
	for tries := 0; ; tries++ {
		b.v4, err = openSocket(false, port)
		if err == nil {
			actual = port
			if b.v4 != nil {
				actual = uint16(b.v4.conn.LocalAddr().(*net.UDPAddr).Port)
			}
			b.v6, err = openSocket(true, actual)
		}
		if err == nil {
			break
		}
		b.closeLocked()
		// A port that is free for IPv4 may be taken for IPv6: any other will do.
		if port != 0 || !errors.Is(err, syscall.EADDRINUSE) || tries == 100 {
			return nil, 0, err
		}
	}
	for _, s := range []*socket{b.v4, b.v6} {
		if s != nil {
			actual = uint16(s.conn.LocalAddr().(*net.UDPAddr).Port)
			receive = append(receive, newReceiver(s, b.in).receive)
		}
	}
	if len(receive) == 0 {
		return nil, 0, syscall.EAFNOSUPPORT
	}
	return receive, actual, nil
}

// openSocket returns nil where the machine does not have the protocol.
func openSocket(six bool, port uint16) (*socket, error) {
	network := "udp4"
	if six {
		network = "udp6"
	}
	s := &socket{six: six}
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		if e := c.Control(func(fd uintptr) { err = s.prepare(int(fd)) }); e != nil {
			return e
		}
		return err
	}}
	listener, err := config.ListenPacket(context.Background(), network, ":"+strconv.Itoa(int(port)))
	if errors.Is(err, syscall.EAFNOSUPPORT) || six && errors.Is(err, syscall.EADDRNOTAVAIL) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.conn = listener.(*net.UDPConn)
	if six {
		s.batch = ipv6.NewPacketConn(s.conn)
	} else {
		s.batch = ipv4.NewPacketConn(s.conn)
	}
	return s, nil
}

// prepare sets the options of a socket, before it is bound.
func (s *socket) prepare(fd int) error {
	for _, option := range []int{unix.SO_RCVBUF, unix.SO_RCVBUFFORCE, unix.SO_SNDBUF, unix.SO_SNDBUFFORCE} {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, socketBuffer) // as much as is allowed
	}
	// Before 5.12 the kernel could receive trains, but with faults; from there on
	// the option can be read back.
	if unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil {
		if _, err := unix.GetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO); err != nil {
			_ = unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 0)
		}
	}
	_, err := unix.GetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT)
	s.segment.Store(err == nil)
	if !s.six {
		return errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
			unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DONT))
	}
	return errors.Join(
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_DONT))
}

func (b *bind) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closeLocked()
}

func (b *bind) closeLocked() error {
	var errs []error
	for _, s := range []*socket{b.v4, b.v6} {
		if s != nil {
			errs = append(errs, s.conn.Close())
		}
	}
	b.v4, b.v6 = nil, nil
	return errors.Join(errs...)
}

// SetMark marks the packets that are sent, for the machine's routing rules.
func (b *bind) SetMark(mark uint32) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, s := range []*socket{b.v4, b.v6} {
		if s == nil {
			continue
		}
		raw, err := s.conn.SyscallConn()
		if err == nil {
			e := raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, int(mark))
			})
			err = errors.Join(e, err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
