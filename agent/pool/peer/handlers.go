package peer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// handler is all that can be asked, and by whom.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/confirm", s.known("", s.confirm))
	mux.HandleFunc("POST /v1/leave", s.known("", s.leave))
	mux.HandleFunc("GET /v1/secrets", s.known("", s.secrets))
	mux.HandleFunc("POST /v1/renew", s.known("", s.renew))
	mux.HandleFunc("GET /v1/nodes", s.known("", s.nodes))
	mux.HandleFunc("POST /v1/keys", s.known(pool.RoleServer, s.keys))
	mux.HandleFunc("GET /v1/uses", s.known(pool.RoleServer, s.uses))
	mux.HandleFunc("/docker/", s.known(pool.RoleServer, s.serveDocker))
	mux.HandleFunc("/", s.known("", func(http.ResponseWriter, *http.Request, pool.Member) error {
		return agent.Errorf(agent.CodeNotFound, "members of a pool do not ask one another that")
	}))
	return mux
}

// questionTime is for a question whose answer is at hand.
const questionTime = 30 * time.Second

func (s *Server) confirm(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if s.o.Confirm == nil {
		return s.noServer()
	}
	var q struct{} // nothing yet
	if err := read(w, r, &q); err != nil {
		return err
	}
	if err := s.o.Confirm(r.Context(), m.ID); err != nil {
		return err
	}
	write(w, http.StatusOK, struct{}{})
	return nil
}

// leaving is the body of POST /v1/leave.
type leaving struct {
	Abandon bool `json:"abandon"`
}

// beatTime is between two lines of an answer that say nothing but that the server is
// still there: moving an app may take minutes.
const beatTime = 5 * time.Second

// step is one line of the answer to POST /v1/leave: an event, nothing, or, last, the
// end.
type step struct {
	Event *agent.Event `json:"event,omitempty"`
	Done  bool         `json:"done,omitempty"`
	Error *agent.Error `json:"error,omitempty"` // with Done
}

// leave answers with one JSON value a line. What it began goes on when the caller is
// gone: half a removal helps nobody.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if s.o.Leave == nil {
		return s.noServer()
	}
	var q leaving
	if err := read(w, r, &q); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines, flush := json.NewEncoder(w), http.NewResponseController(w)
	var mu sync.Mutex
	tell := func(v step) {
		mu.Lock()
		defer mu.Unlock()
		_ = flush.SetWriteDeadline(time.Now().Add(questionTime))
		_ = lines.Encode(v)
		_ = flush.Flush()
	}
	beat := time.NewTicker(s.beat)
	var beating sync.WaitGroup
	over := make(chan struct{})
	beating.Go(func() {
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				tell(step{})
			case <-over:
				return
			}
		}
	})
	// It takes the caller's membership on the way, which must not end it.
	err := s.o.Leave(context.WithoutCancel(r.Context()), m.ID, q.Abandon, func(e agent.Event) { tell(step{Event: &e}) })
	close(over)
	beating.Wait()
	last := step{Done: true}
	if err != nil {
		var known *agent.Error
		if !errors.As(err, &known) {
			s.o.Log.Error("let a member leave", "node", m.Name, "error", err)
			known = agent.Errorf(agent.CodeInternal, "%s could not do that", s.o.Self.Name).
				WithHint("the cause is in its log: journalctl -u dcloud")
		}
		last.Error = known
	}
	tell(last)
	return nil
}

func (s *Server) secrets(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if s.o.Secrets == nil {
		return s.noServer()
	}
	ctx, cancel := context.WithTimeout(r.Context(), questionTime)
	defer cancel()
	values, err := s.o.Secrets(ctx, m)
	if err != nil {
		return err
	}
	s.o.Log.Info("a member fetched its secrets", "node", m.Name)
	write(w, http.StatusOK, values)
	return nil
}

// renewal is the body of POST /v1/renew.
type renewal struct {
	CSR string `json:"csr"` // PEM
}

func (s *Server) renew(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if s.o.Renew == nil {
		return s.noServer()
	}
	var q renewal
	if err := read(w, r, &q); err != nil {
		return err
	}
	if q.CSR == "" {
		return agent.Errorf(agent.CodeInvalid, "no certificate request was sent")
	}
	ctx, cancel := context.WithTimeout(r.Context(), questionTime)
	defer cancel()
	certs, err := s.o.Renew(ctx, m, q.CSR)
	if err != nil {
		return err
	}
	s.o.Log.Info("a member renewed its certificates", "node", m.Name)
	write(w, http.StatusOK, certs)
	return nil
}

func (s *Server) nodes(w http.ResponseWriter, r *http.Request, _ pool.Member) error {
	if s.o.Nodes == nil {
		return s.noServer()
	}
	ctx, cancel := context.WithTimeout(r.Context(), questionTime)
	defer cancel()
	list, err := s.o.Nodes(ctx)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, list)
	return nil
}

func (s *Server) uses(w http.ResponseWriter, r *http.Request, _ pool.Member) error {
	if s.o.Uses == nil {
		return agent.Errorf(agent.CodeNotFound, "%s does not measure what apps use", s.o.Self.Name)
	}
	ctx, cancel := context.WithTimeout(r.Context(), questionTime)
	defer cancel()
	u, err := s.o.Uses(ctx)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, u)
	return nil
}

func (s *Server) keys(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if s.o.SetKeys == nil {
		return agent.Errorf(agent.CodeNotFound, "%s takes no keys", s.o.Self.Name)
	}
	var keys map[string]string
	if err := read(w, r, &keys); err != nil {
		return err
	}
	if len(keys) == 0 {
		return agent.Errorf(agent.CodeInvalid, "no keys were sent")
	}
	ctx, cancel := context.WithTimeout(r.Context(), questionTime)
	defer cancel()
	if err := s.o.SetKeys(ctx, keys); err != nil {
		return err
	}
	s.o.Log.Info("took new keys", "from", m.Name)
	write(w, http.StatusOK, struct{}{})
	return nil
}

func (s *Server) noServer() error {
	return agent.Errorf(agent.CodeNotFound, "%s is no server of the pool", s.o.Self.Name).
		WithHint("the servers are listed by: dcloud node list")
}

// read takes a question's body: one JSON value. Its errors do not repeat what was
// sent, which may be secret.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(headerTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return agent.Errorf(agent.CodeInvalid, "the question is larger than %d KB", maxBody>>10)
	case err != nil:
		return agent.Errorf(agent.CodeInvalid, "the question broke off")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return agent.Errorf(agent.CodeInvalid, "the question's body is not the JSON that belongs there").
			WithHint("the machines' versions of dcloud may differ: dcloud node list")
	}
	return nil
}
