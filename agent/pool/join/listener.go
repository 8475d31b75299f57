package join

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// gate counts connections, in all and by source.
type gate struct {
	most, mostPerSource int

	mu      sync.Mutex
	open    int
	sources map[netip.Addr]int // has no more entries than open
}

func newGate(most, mostPerSource int) *gate {
	return &gate{most: most, mostPerSource: mostPerSource, sources: map[netip.Addr]int{}}
}

func (g *gate) enter(a netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= g.most || g.sources[a] >= g.mostPerSource {
		return false
	}
	g.open++
	g.sources[a]++
	return true
}

func (g *gate) leave(a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.sources[a]--; g.sources[a] <= 0 {
		delete(g.sources, a)
	}
}

// gatedListener closes at once what does not get through the gate.
type gatedListener struct {
	net.Listener
	gate *gate
}

func (l *gatedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := block(remote(conn))
		if l.gate.enter(from) {
			return &watched{Conn: conn, closed: func() { l.gate.leave(from) }}, nil
		}
		_ = conn.Close()
	}
}

// remote is where a connection comes from.
func remote(conn net.Conn) netip.Addr {
	if a, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
		return a.Addr()
	}
	return netip.Addr{}
}

// watched tells when a connection is closed.
type watched struct {
	net.Conn
	once   sync.Once
	closed func()
}

func (w *watched) Close() error {
	err := w.Conn.Close()
	w.once.Do(w.closed)
	return err
}

// errServed ends a single's server: its connection has been closed.
var errServed = errors.New("the connection has ended")

// single is a listener at which one connection comes in, and which ends with it.
type single struct {
	next chan net.Conn
	addr net.Addr
	over chan struct{}
	once sync.Once
}

func newSingle(conn net.Conn) *single {
	s := &single{next: make(chan net.Conn, 1), addr: conn.LocalAddr(), over: make(chan struct{})}
	s.next <- &watched{Conn: conn, closed: func() { _ = s.Close() }}
	return s
}

func (s *single) Accept() (net.Conn, error) {
	select {
	case conn := <-s.next:
		return conn, nil
	case <-s.over:
		return nil, errServed
	}
}

func (s *single) Close() error {
	s.once.Do(func() { close(s.over) })
	return nil
}

func (s *single) Addr() net.Addr { return s.addr }
