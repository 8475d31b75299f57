package overlay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"syscall"

	"golang.org/x/time/rate"
	"golang.zx2c4.com/wireguard/device"
)

const (
	// gcPercent and memoryLimit trade a little work for memory: what lives is
	// mostly buffers that are used again, so collections are rare anyhow. With both
	// gates full 1,024 buffers of 64 KiB live.
	gcPercent   = 50
	memoryLimit = 64 << 20 // bytes
	// maxClients is how many may ask the socket at once; the agent is one.
	maxClients = 8
)

// Run is the overlay of a machine whose kernel has no WireGuard: it attaches to the
// persistent TUN, listens on the UDP port and takes its peers over the Unix socket,
// until ctx ends. It starts without peers; the interface, its address and what is
// bound to that stay when it ends, however it ends.
//
// It needs CAP_NET_ADMIN, and is to have a process to itself: it tunes the garbage
// collector.
func Run(ctx context.Context, log *slog.Logger, c Config) error {
	if err := errors.Join(c.check(), c.checkSocket()); err != nil {
		return err
	}
	key, err := readKey(c.KeyFile)
	if err != nil {
		return err
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)

	out, in := newGate(), newGate()
	link, err := attach(c, out, in)
	if err != nil {
		return err
	}
	d := device.NewDevice(link, &bind{in: in, out: out}, logger(log))
	defer d.Close()
	if err := d.SetPrivateKey(device.NoisePrivateKey(key)); err != nil {
		return fmt.Errorf("set the overlay's private key: %w", err)
	}
	if err := d.IpcSet(fmt.Sprintf("listen_port=%d\n", c.ListenPort)); err != nil {
		return fmt.Errorf("set the overlay's port: %w", err)
	}
	if err := d.Up(); err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("the UDP port %d is taken by another program (ss -lunp names it): %w", c.ListenPort, err)
		}
		return fmt.Errorf("listen on the UDP port %d: %w", c.ListenPort, err)
	}
	l, err := listen(c.Socket)
	if err != nil {
		return err
	}
	mtu, _ := link.MTU()
	log.Info("the overlay runs", "interface", c.Interface, "address", c.Address, "port", c.ListenPort, "mtu", mtu)

	trimming, stop := context.WithCancel(ctx)
	defer stop()
	go trim(trimming, out, in)
	serving := make(chan struct{})
	go func() {
		defer close(serving)
		serve(l, d)
	}()
	select {
	case <-ctx.Done():
	case <-d.Wait():
		err = fmt.Errorf("the interface %s has gone", c.Interface)
	case <-serving:
		err = fmt.Errorf("the socket %s does not take connections any more", c.Socket)
	}
	l.Close()
	<-serving
	return err
}

// freshSuffix is added to the name of the socket until its rights are set.
const freshSuffix = ".new"

// listen listens on a Unix socket that only its owner can open. It takes the place
// of one that a process left behind, and is never there with other rights.
func listen(path string) (net.Listener, error) {
	fresh := path + freshSuffix
	if err := os.Remove(fresh); err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("make the overlay's socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("make the overlay's socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // the next process's may be there by then
	err = os.Chmod(fresh, 0o600)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		l.Close()
		os.Remove(fresh)
		return nil, fmt.Errorf("make the overlay's socket: %w", err)
	}
	return l, nil
}

// serve hands connections to the device until the listener is closed, and then
// closes those that are open.
func serve(l net.Listener, d *device.Device) {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		open  = make(map[net.Conn]bool)
		slots = make(chan struct{}, maxClients)
	)
	for {
		conn, err := l.Accept()
		if err != nil {
			break
		}
		select {
		case slots <- struct{}{}:
		default:
			conn.Close()
			continue
		}
		mu.Lock()
		open[conn] = true
		mu.Unlock()
		wg.Go(func() {
			d.IpcHandle(conn)
			mu.Lock()
			delete(open, conn)
			mu.Unlock()
			<-slots
		})
	}
	mu.Lock()
	for conn := range open {
		conn.Close()
	}
	mu.Unlock()
	wg.Wait()
}

// logger passes on what wireguard-go finds wrong, a line a second: a network that is
// down is an error for each packet.
func logger(log *slog.Logger) *device.Logger {
	limit := rate.NewLimiter(1, 10)
	return &device.Logger{
		Verbosef: device.DiscardLogf,
		Errorf: func(format string, args ...any) {
			if limit.Allow() {
				log.Warn("wireguard: " + fmt.Sprintf(format, args...))
			}
		},
	}
}
