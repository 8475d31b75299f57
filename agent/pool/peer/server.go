package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	// endTime is for requests under way when the agent stops.
	endTime = 5 * time.Second
	// maxConnections at once; a member keeps a few.
	maxConnections = 512
	// recheck is how soon a stream ends whose caller was removed.
	recheck = 2 * time.Second
	// maxBody of a question; a CSR is the longest.
	maxBody = 64 << 10
)

// Server answers other members of the pool.
type Server struct {
	o      Options
	docker http.Handler
	beat   time.Duration

	mu   sync.Mutex
	open map[*asked]struct{} // requests under way
}

// asked is a request under way.
type asked struct {
	cert   *x509.Certificate
	role   string // that the caller must have; "" any
	cancel context.CancelFunc
}

// NewServer makes a server; Serve lets it be met.
func NewServer(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, beat: beatTime, open: map[*asked]struct{}{}}
	s.docker = newDocker(o.Docker, o.Log)
	return s
}

// Serve answers at the listener until ctx ends, and then returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	clients := x509.NewCertPool()
	clients.AddCert(s.o.Authority)
	config := &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.o.Certificate() },
		ClientAuth:     tls.RequireAndVerifyClientCert,
		ClientCAs:      clients,
		MinVersion:     tls.VersionTLS13,
		// HTTP/2 cannot hand over a connection, which Docker's exec needs.
		NextProtos:             []string{"http/1.1"},
		SessionTicketsDisabled: true, // who was removed does not come back by a ticket
		VerifyConnection: func(state tls.ConnectionState) error {
			// Whether the member is still one is told in words, at each request.
			if _, ok := identify(state.PeerCertificates[0]); !ok {
				return errors.New("not a member's certificate")
			}
			return nil
		},
	}
	server := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	checking, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.recheck(checking)
	err := server.Serve(tls.NewListener(limit(listener, maxConnections), config))
	if !stop() {
		<-ended
	}
	_ = listener.Close()
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		s.cut(func(*asked) bool { return true }) // handed-over connections, which Shutdown leaves
		return nil
	}
	return fmt.Errorf("answer the pool's members: %w", err)
}

// recheck ends requests whose caller was removed while they go on.
func (s *Server) recheck(ctx context.Context) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.drop()
		}
	}
}

func (s *Server) drop() {
	roster := s.o.Roster()
	s.cut(func(a *asked) bool {
		m, err := member(a.cert, roster)
		return err != nil || a.role != "" && m.Role != a.role
	})
}

func (s *Server) cut(which func(*asked) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range s.open {
		if which(a) {
			a.cancel()
		}
	}
}

// known answers only members with the role ("" any), and only as long as they are.
func (s *Server) known(role string, answer func(w http.ResponseWriter, r *http.Request, m pool.Member) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			s.fail(w, r, agent.Errorf(agent.CodeUnauthorized, "no certificate was shown"))
			return
		}
		cert := r.TLS.PeerCertificates[0]
		m, err := member(cert, s.o.Roster())
		if err == nil && role != "" && m.Role != role {
			err = agent.Errorf(agent.CodeUnauthorized, "only a %s may ask that, and %s is a %s", role, m.Name, m.Role)
		}
		if err != nil {
			w.Header().Set("Connection", "close")
			s.fail(w, r, err)
			return
		}
		ctx, cancel := context.WithCancel(agent.WithActor(r.Context(), "node:"+m.Name))
		defer cancel()
		a := &asked{cert, role, cancel}
		s.mu.Lock()
		s.open[a] = struct{}{}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.open, a)
			s.mu.Unlock()
		}()
		r = r.WithContext(ctx)
		if err := answer(w, r, m); err != nil {
			s.fail(w, r, err)
		}
	}
}

// told is how an error travels.
type told struct {
	Error *agent.Error `json:"error"`
	// Message is where Docker's client looks for it.
	Message string `json:"message,omitempty"`
}

// fail tells an error. One that is not meant for others is logged, and its text stays
// here.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	from := slog.String("source", r.RemoteAddr)
	var e *agent.Error
	if !errors.As(err, &e) {
		s.o.Log.Error("answer a member", "path", r.URL.Path, from, "error", err)
		e = agent.Errorf(agent.CodeInternal, "%s could not do that", s.o.Self.Name).
			WithHint("the cause is in its log: journalctl -u dcloud")
	} else if e.Code == agent.CodeUnauthorized {
		s.o.Log.Warn("refused a caller", "path", r.URL.Path, from, "error", e.Message)
	}
	t := told{Error: e}
	if strings.HasPrefix(r.URL.Path, "/docker/") {
		t.Message = e.Message
	}
	write(w, e.HTTPStatus(), t)
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller is gone
}
