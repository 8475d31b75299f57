// Package welcome is the page that a new cloud's first app serves, which shows that
// names, routes and containers work.
//
// It depends on nothing else of ours. Start reading at Welcome (welcome.go).
package welcome

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

// graceTime is how long requests may still take when the page's server is to end.
const graceTime = 5 * time.Second

// ListenAndServe serves until the context ends or the process gets SIGTERM or
// SIGINT, then lets requests end for at most five seconds. The address is as for
// net.Listen: ":8080".
func ListenAndServe(ctx context.Context, address string, handler http.Handler) error {
	return serveUntilTold(ctx, func() (net.Listener, error) { return net.Listen("tcp", address) }, handler, graceTime)
}

// serveUntilTold listens only once signals are heeded.
func serveUntilTold(ctx context.Context, listen func() (net.Listener, error), handler http.Handler, grace time.Duration) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := listen()
	if err != nil {
		return fmt.Errorf("serve the page: %w", err)
	}
	return serve(ctx, listener, handler, grace)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second, // who sends headers slower holds a connection for nothing
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve the page: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		server.Close()
		return fmt.Errorf("stop serving the page: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}
