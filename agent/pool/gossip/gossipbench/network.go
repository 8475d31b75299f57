package gossipbench

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// A Network joins members in memory. Unlike memberlist.MockNetwork it gives each its
// own address, and it can lose packets, wait, and be cut: a packet to one that is dead
// is lost, and a connection to it hangs until its time is up, as behind a firewall.
type Network struct {
	// Delay is how long a packet is under way, one way. Set it before the first use.
	Delay time.Duration

	mu    sync.Mutex
	hosts map[netip.Addr]*host
	cut   func(from, to netip.Addr) bool
}

// queue is how many packets a host holds until they are read; more are lost.
const queue = 1024

var errUnreachable = errors.New("connect: no answer in time")

// Port is that of every host.
const Port = 7946

type host struct {
	network *Network
	address netip.Addr
	packets chan *memberlist.Packet
	streams chan net.Conn
	once    sync.Once
	down    chan struct{}
}

// Attach gives a host at an address. One that had the address before is cut off.
func (n *Network) Attach(a netip.Addr) memberlist.Transport {
	h := &host{network: n, address: a, packets: make(chan *memberlist.Packet, queue), streams: make(chan net.Conn), down: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = map[netip.Addr]*host{}
	}
	if old := n.hosts[a]; old != nil {
		old.once.Do(func() { close(old.down) })
	}
	n.hosts[a] = h
	return h
}

// Kill cuts the power: nothing from or to the address gets through any more.
func (n *Network) Kill(a netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h := n.hosts[a]; h != nil {
		h.once.Do(func() { close(h.down) })
		delete(n.hosts, a)
	}
}

// Cut loses what the function says; nil mends all.
func (n *Network) Cut(f func(from, to netip.Addr) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = f
}

// find gives the host at an address if it is reached from another.
func (n *Network) find(from *host, to string) *host {
	a, err := netip.ParseAddrPort(to)
	if err != nil || a.Port() != Port {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[from.address] != from || n.cut != nil && n.cut(from.address, a.Addr()) {
		return nil
	}
	return n.hosts[a.Addr()]
}

// FinalAdvertiseAddr implements memberlist.Transport, and so do all of the others.
func (h *host) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return h.address.AsSlice(), Port, nil
}

func (h *host) WriteTo(b []byte, to string) (time.Time, error) {
	now := time.Now()
	target := h.network.find(h, to)
	if target == nil {
		return now, nil
	}
	p := &memberlist.Packet{Buf: append([]byte(nil), b...), From: net.UDPAddrFromAddrPort(netip.AddrPortFrom(h.address, Port))}
	deliver := func() {
		p.Timestamp = time.Now()
		select {
		case target.packets <- p:
		default:
		}
	}
	if h.network.Delay == 0 {
		deliver()
	} else {
		time.AfterFunc(h.network.Delay, deliver)
	}
	return now, nil
}

func (h *host) PacketCh() <-chan *memberlist.Packet { return h.packets }

func (h *host) DialTimeout(to string, timeout time.Duration) (net.Conn, error) {
	late := time.NewTimer(timeout)
	defer late.Stop()
	target := h.network.find(h, to)
	if target == nil {
		select {
		case <-late.C:
		case <-h.down:
		}
		return nil, errUnreachable
	}
	if d := 2 * h.network.Delay; d > 0 { // TCP's greeting: there and back
		select {
		case <-time.After(d):
		case <-late.C:
			return nil, errUnreachable
		}
	}
	near, far := net.Pipe()
	select {
	case target.streams <- far:
		return near, nil
	case <-target.down:
	case <-h.down:
	case <-late.C:
	}
	return nil, errUnreachable
}

func (h *host) StreamCh() <-chan net.Conn { return h.streams }

func (h *host) Shutdown() error {
	h.once.Do(func() { close(h.down) })
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	if h.network.hosts[h.address] == h {
		delete(h.network.hosts, h.address)
	}
	return nil
}
