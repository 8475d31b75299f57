package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// Options of a server. The zero value logs nowhere and lets nobody in over TCP.
type Options struct {
	Log *slog.Logger
	// Tokens returns the SHA-256 of each token that is let in over TCP, by the
	// token's name; see TokenSum. It is asked for each request, so a token that
	// was withdrawn ends at once. Nil means that there are none.
	Tokens func(context.Context) (map[string]TokenHash, error)
	// Sessions returns the session that a token belongs to, an agent.Error of code
	// unauthorized for none. A session may do what its role allows. It is asked for
	// each request. Nil means that there are none.
	Sessions func(ctx context.Context, token string) (agent.Session, error)
	// Panel serves what is not below /v1, without the API's authentication. Nil means
	// that there is nothing.
	Panel http.Handler
	// Doors are the addresses of front doors, beside loopback, whose word is taken for
	// whom they speak for (X-Forwarded-For).
	Doors []netip.Prefix
	// Version of the agent, for the OpenAPI document.
	Version string
}

const (
	// shutdownGrace is what short requests have to finish in when the agent
	// stops. systemd kills after 90 s; people wait less.
	shutdownGrace = 10 * time.Second
	// streamGrace is what a client that reads slowly has to take in the end of
	// its stream.
	streamGrace = 2 * time.Second
	// headerTimeout ends connections that send no request: a few bytes a minute
	// would otherwise hold one forever.
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// bodyTimeout is what a request's body (1 MiB at most) may take to arrive.
	bodyTimeout = 30 * time.Second
)

// Server serves a Service over HTTP.
type Server struct {
	svc     Service
	opts    Options
	log     *slog.Logger
	echo    *echo.Echo
	table   []route
	guard   *guard
	openapi func() ([]byte, error)
	// These are the constants of the same names; tests set others, so that they show
	// what a limit does without being a race against it.
	sessionCheck, shutdownGrace, streamGrace time.Duration

	stopping, killed context.Context // streams end; connections end
	stop, kill       context.CancelFunc

	mu      sync.Mutex // guards streams.Add against streams.Wait
	streams sync.WaitGroup
}

// New returns a server of svc.
func New(svc Service, opts Options) *Server {
	s := &Server{svc: svc, opts: opts, log: opts.Log, echo: echo.New(), guard: newGuard(time.Now),
		sessionCheck: sessionCheck, shutdownGrace: shutdownGrace, streamGrace: streamGrace}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.killed, s.kill = context.WithCancel(context.Background())
	s.table = s.routes()
	s.openapi = sync.OnceValues(func() ([]byte, error) { return openAPI(s.table, opts.Version) })
	s.echo.HTTPErrorHandler = s.handleError
	s.echo.IPExtractor = addressOf(opts.Doors)
	s.echo.Use(s.identify, s.secure, s.recoverPanics, s.authenticate)
	for _, r := range s.table {
		s.echo.Add(r.method, r.path, r.checked())
	}
	return s
}

// Handler returns the API as a handler, with the panel beside it. Requests that do not come through Serve's
// Unix listener need a token.
func (s *Server) Handler() http.Handler {
	if s.opts.Panel == nil {
		return s.echo
	}
	panel := s.besides(s.opts.Panel)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1" || strings.HasPrefix(r.URL.Path, "/v1/") {
			s.echo.ServeHTTP(w, r)
			return
		}
		panel.ServeHTTP(w, r)
	})
}

// Serve answers on the listeners, of which any may be nil, until the context ends;
// then it ends streams, lets short requests finish, closes the listeners and returns
// nil. A server serves once.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	defer s.kill()
	group, ctx := errgroup.WithContext(ctx)
	var servers []*http.Server
	for _, l := range listeners {
		if l == nil {
			continue
		}
		srv := &http.Server{
			Handler:           s.Handler(),
			ReadHeaderTimeout: headerTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    32 << 10,
			ConnContext:       withPeer,
			ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		}
		servers = append(servers, srv)
		group.Go(func() error {
			if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve the API on %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		s.shutdown(servers)
		return nil
	})
	return group.Wait()
}

// shutdown ends what the servers do: gracefully first, then not.
func (s *Server) shutdown(servers []*http.Server) {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), s.shutdownGrace)
	defer cancel()
	var each sync.WaitGroup
	for _, srv := range servers {
		each.Go(func() {
			if srv.Shutdown(ctx) != nil {
				srv.Close()
			}
		})
	}
	each.Wait()
	// Shutdown knows nothing of WebSockets.
	ended := make(chan struct{})
	go func() {
		s.streams.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		s.kill()
		<-ended
	}
}

// stream returns the context of a stream, which ends with the request or when the
// server stops, and a function to call when the stream has ended.
func (s *Server) stream(c echo.Context) (context.Context, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Err() != nil {
		return nil, nil, errStopping()
	}
	s.streams.Add(1)
	ctx, cancel := context.WithCancel(c.Request().Context())
	unlink := context.AfterFunc(s.stopping, cancel)
	checked := s.whileSignedIn(ctx, c, cancel)
	return ctx, func() {
		unlink()
		cancel()
		<-checked
		s.streams.Done()
	}, nil
}

func errStopping() *agent.Error {
	return agent.Errorf(agent.CodeUnavailable, "the agent is stopping").WithHint("try again in a moment")
}
