package join

import (
	"context"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"
)

// A relayed connection lasts as long as a join may take, and no longer.
const (
	relayDial = 5 * time.Second
	relayLife = 2 * time.Minute
	relayMost = 32
)

// Relay hands connections on to a server's join port, for servers that nobody outside
// can reach: the machine that runs it can be reached, and reaches them. What passes is
// the machine's TLS with the server, of which this one learns nothing. to says where
// a server is that lets machines in, false while none does. Relay ends with ctx, and
// closes the listener.
func Relay(ctx context.Context, log *slog.Logger, l net.Listener, to func() (address string, ok bool)) error {
	gated := &gatedListener{Listener: l, gate: newGate(relayMost, relayMost/4)}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	var g errgroup.Group
	defer g.Wait()
	for {
		conn, err := gated.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		address, ok := to()
		if !ok {
			conn.Close()
			continue
		}
		g.Go(func() error {
			if err := splice(ctx, conn, address); err != nil {
				log.Info("a machine that wants to join was not handed on", "source", conn.RemoteAddr(), "to", address, "err", err)
			}
			return nil
		})
	}
}

// splice connects two ends until one of them closes, ctx ends or relayLife is over.
func splice(ctx context.Context, from net.Conn, address string) error {
	defer from.Close()
	ctx, cancel := context.WithTimeout(ctx, relayLife)
	defer cancel()
	to, err := (&net.Dialer{Timeout: relayDial}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer to.Close()
	stop := context.AfterFunc(ctx, func() {
		from.Close()
		to.Close()
	})
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(to, from)
		to.Close()
	}()
	io.Copy(from, to)
	from.Close()
	<-done
	return nil
}
