package lab

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Inside calls f in the host's network namespace. A socket that f makes stays of
// that namespace wherever it is used later. f must not hand its work to other
// goroutines: they are not inside.
func (h *Host) Inside(f func() error) error { return inside(h.ID, f) }

func inside(id string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		// Never unlocked, so that the thread ends with this goroutine and nobody
		// else finds itself in the namespace.
		runtime.LockOSThread()
		ns, err := os.Open(netnsFile(id))
		if err != nil {
			done <- err
			return
		}
		defer ns.Close()
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter the network of %s: %w", id, err)
			return
		}
		done <- f()
	}()
	return <-done
}

// Dial connects from the host. Names below localhost are the host itself, as they
// are to a browser (RFC 6761); other names than addresses are not resolved.
func (h *Host) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		name = "127.0.0.1"
	}
	if net.ParseIP(name) == nil {
		return nil, fmt.Errorf("%s has no name server to ask for %q", h.ID, name)
	}
	// With a single address the dialer works in the goroutine that calls it.
	err = h.Inside(func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(name, port))
		return err
	})
	return conn, err
}

// Listen listens on the host.
func (h *Host) Listen(network, address string) (l net.Listener, err error) {
	err = h.Inside(func() error {
		l, err = net.Listen(network, address)
		return err
	})
	return l, err
}

// HTTPClient is a browser on the host without its cookies: it asks the host's
// own front door for names below localhost. It follows no redirects. Its time only
// ends what hangs: a first page is made slowly where others compile.
func (h *Host) HTTPClient() *http.Client {
	return &http.Client{
		Timeout:       time.Minute,
		Transport:     &http.Transport{DialContext: h.Dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
