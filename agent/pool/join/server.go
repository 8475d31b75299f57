package join

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// maxConnections at once. A handshake costs about 50 KB and a millisecond.
	maxConnections = 64
	// maxPerSource connections at once, so that one machine does not take all.
	maxPerSource = 8
	// headerTime is for the TLS handshake and the request's header and body.
	headerTime = 10 * time.Second
	// admitTime is for making certificates and tokens, on a Raspberry Pi whose engines
	// are busy.
	admitTime = 60 * time.Second
	// endTime is how long a request that is being answered may go on once the port
	// closes: a token's last use closes it.
	endTime = 15 * time.Second
	// askPause is between two questions of a machine that waits to be accepted: soon
	// after somebody says yes it is in, and a day of waiting costs little.
	askPause = 4 * time.Second
	// callTime is for a TCP connection out to a machine.
	callTime = 10 * time.Second
	// callPause is between two calls: a machine that waits is met soon, and one that
	// does not costs a packet.
	callPause = 2 * time.Second
)

// Server answers at the join port. One server may have several listeners, at once and
// one after the other: the limits hold for all of them together, and only the server
// that let a machine in can take it back (Decline). So there should be one for as
// long as the agent runs.
type Server struct {
	o        Options
	tls      *tls.Config
	gate     *gate
	failures *limiter
	admitted *memory
	asked    *memory // that wait to be accepted
	// headerTime is the constant of that name; tests may have more.
	headerTime time.Duration
}

// NewServer makes a server; Serve and Keep let it be met. It uses Log, Now, Admitter,
// and Certificate or Certificates.
func NewServer(o Options) *Server {
	o = o.filled()
	return &Server{
		o: o,
		tls: &tls.Config{
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				if o.Certificates != nil {
					return o.Certificates()
				}
				return &o.Certificate, nil
			},
			MinVersion: tls.VersionTLS13,
			NextProtos: []string{"http/1.1"},
			Time:       o.Now,
			// One question a connection: a ticket would never be used.
			SessionTicketsDisabled: true,
		},
		gate:     newGate(maxConnections, maxPerSource),
		failures: newLimiter(o.Now),
		admitted: newMemory(o.Now),
		asked:    newMemory(o.Now),

		headerTime: headerTime,
	}
}

// Serve answers who connects until ctx ends; then it lets those that are being
// answered finish, closes the listener and returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	return s.serve(ctx, &gatedListener{Listener: listener, gate: s.gate})
}

func (s *Server) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s.handler(), TLSConfig: s.tls,
		ReadHeaderTimeout: s.headerTime, ReadTimeout: s.headerTime,
		WriteTimeout: s.headerTime + admitTime + 5*time.Second, IdleTimeout: s.headerTime,
		MaxHeaderBytes: 4 << 10,
		ErrorLog:       slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // failed handshakes: any port scan
	}
	server.SetKeepAlivesEnabled(false)
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(tls.NewListener(listener, s.tls))
	if !stop() {
		<-ended
	}
	_ = listener.Close()
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) || errors.Is(err, errServed) {
		return nil
	}
	return fmt.Errorf("answer at the join port: %w", err)
}

// Call connects to a machine that cannot reach this server (host:port) and answers it
// on that connection. It returns once the connection has ended.
func (s *Server) Call(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: callTime}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("call the machine at %s: %w", address, err)
	}
	defer conn.Close()
	return s.serve(ctx, newSingle(conn))
}

// Keep calls each of the addresses (host:port) again and again until ctx ends.
func (s *Server) Keep(ctx context.Context, addresses []string) {
	var calls sync.WaitGroup
	for _, address := range addresses {
		calls.Go(func() { s.keep(ctx, address) })
	}
	calls.Wait()
}

func (s *Server) keep(ctx context.Context, address string) {
	s.o.Log.Info("calling a machine that is to join", "address", address)
	for before := ""; ; {
		err := s.Call(ctx, address)
		if ctx.Err() != nil {
			return
		}
		now := "it answered"
		if err != nil {
			now = reason(err)
		}
		if now != before { // not one line every two seconds for an hour
			s.o.Log.Info("called a machine that is to join", "address", address, "result", now)
			before = now
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(callPause):
		}
	}
}

// tooMany is the answer to who sent too many wrong secrets.
func tooMany() *agent.Error {
	return agent.Errorf(agent.CodeUnavailable, "too many wrong tokens came from there: wait a moment").
		WithHint("wait a minute, then try again; for a new token, on the cloud's server: dcloud node token")
}
