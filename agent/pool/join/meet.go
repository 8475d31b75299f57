package join

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

const (
	// stagger is between the starts of two attempts (RFC 8305 advises 250 ms).
	stagger = 250 * time.Millisecond
	// pause is between two rounds of attempts.
	pause = 2 * time.Second
	// maxIncoming calls are looked at together; others wait in the kernel.
	maxIncoming = 4
)

// met is a connection to a server of the pool, its certificate checked.
type met struct {
	conn    *tls.Conn
	address string // as a person knows it
}

// attempt is what came of one address in one round.
type attempt struct {
	met
	err error
}

// race tries all addresses of the token, one after the other begins, and returns the first that
// leads to the pool. Otherwise it returns why each does not, in their order.
func race(ctx context.Context, o Options, config *tls.Config) (*met, []error) {
	addresses := o.Token.Addresses
	ctx, cancel := context.WithCancel(ctx)
	type numbered struct {
		attempt
		i int
	}
	results := make(chan numbered)
	for i, address := range addresses {
		go func() {
			var a attempt
			select {
			case <-ctx.Done():
				a.err = ctx.Err()
			case <-time.After(time.Duration(i) * stagger):
				a = try(ctx, o, address, config)
			}
			results <- numbered{a, i}
		}()
	}
	errs := make([]error, len(addresses))
	for n := range addresses {
		r := <-results
		if r.err == nil {
			cancel()
			go func() { // who comes second
				for range len(addresses) - n - 1 {
					if late := <-results; late.err == nil {
						_ = late.conn.Close()
					}
				}
			}()
			return &r.met, nil
		}
		errs[r.i] = r.err
	}
	cancel()
	return nil, errs
}

func try(ctx context.Context, o Options, address string, config *tls.Config) attempt {
	conn, err := o.dial(ctx, "tcp", address)
	if err != nil {
		return attempt{err: err}
	}
	secure, err := shake(ctx, conn, config)
	return attempt{met{secure, address}, err}
}

// listen takes calls of servers until ctx ends, and hands on those of the pool. When it
// returns the listener is closed and nothing more is told of a call. Anybody may call:
// who is not of the pool is told nothing.
func listen(ctx context.Context, listener net.Listener, config *tls.Config, calls chan<- met, wrong func(address string, err error)) {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	slots := make(chan struct{}, maxIncoming)
	var answering sync.WaitGroup
	defer answering.Wait()
	for {
		slots <- struct{}{}
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			<-slots
			select { // out of file descriptors: others may end
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			continue
		}
		answering.Go(func() {
			defer func() { <-slots }()
			secure, err := shake(ctx, conn, config)
			if err != nil {
				wrong(conn.RemoteAddr().String(), err)
				return
			}
			select {
			case calls <- met{secure, conn.RemoteAddr().String()}:
			case <-ctx.Done():
				_ = secure.Close()
			case <-time.After(shakeTime): // it calls again
				_ = secure.Close()
			}
		})
	}
}
