package join

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// maxBody of a request: a CSR is about 1 KB, the rest less.
const maxBody = 32 << 10

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /join", s.limited(s.join))
	mux.HandleFunc("POST /decline", s.limited(s.decline))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, http.StatusNotFound, agent.Errorf(agent.CodeNotFound, "this is the port at which machines join a cloud").
			WithHint("on the machine that is to join: dcloud node join TOKEN"))
	})
	return mux
}

// limited answers only sources that have not sent too many wrong secrets. Each
// request counts as one until it proves not to be.
func (s *Server) limited(answer func(w http.ResponseWriter, r *http.Request, from netip.AddrPort) (wrong bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, _ := netip.ParseAddrPort(r.RemoteAddr)
		ok, quiet := s.failures.take(from.Addr())
		if !ok {
			if !quiet {
				s.o.Log.Warn("join refused: too many wrong secrets", "source", from.Addr())
			}
			w.Header().Set("Retry-After", strconv.Itoa(int(sourceRefill/time.Second)))
			s.fail(w, http.StatusTooManyRequests, tooMany())
			return
		}
		if !answer(w, r, from) {
			s.failures.giveBack(from.Addr())
		}
	}
}

func (s *Server) join(w http.ResponseWriter, r *http.Request, from netip.AddrPort) (wrong bool) {
	var q pool.Request
	if err := s.read(w, r, &q); err != nil {
		s.refuse(w, from, "", err)
		return true
	}
	q.Seen = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	ctx, cancel := context.WithTimeout(r.Context(), admitTime)
	defer cancel()
	err := s.check(q)
	var a pool.Admission
	if err == nil {
		a, err = s.o.Admitter.Admit(ctx, q)
	}
	if errors.Is(err, pool.ErrPending) {
		s.asked.keep(q.ID, q.Token, q.Secret)
		s.o.Log.Debug("a machine waits to be accepted", "source", from.Addr(), "token", q.Token, "id", q.ID)
		w.Header().Set("Retry-After", strconv.Itoa(int(askPause/time.Second)))
		told := answer{Error: agent.AsError(err)}
		var p *pool.Pending
		if errors.As(err, &p) {
			told.Left = max(1, int(p.Until.Sub(s.o.Now())/time.Second))
		}
		s.write(w, http.StatusAccepted, told)
		return false
	}
	if err != nil {
		s.refuse(w, from, q.Token, err)
		return errors.Is(err, pool.ErrSecret)
	}
	s.admitted.keep(q.ID, q.Token, q.Secret)
	s.o.Log.Info("a machine joins", "source", from.Addr(), "token", q.Token, "node", a.Member.Name, "role", a.Member.Role)
	s.write(w, http.StatusOK, a)
	return false
}

// decline takes a machine back that this server let in, if the same token asks. What
// another server let in, or this one before it was started again, goes by itself
// after some minutes.
func (s *Server) decline(w http.ResponseWriter, r *http.Request, from netip.AddrPort) (wrong bool) {
	var q decline
	err := s.read(w, r, &q)
	if err == nil && !s.admitted.knows(q.ID, q.Token, q.Secret) && s.asked.knows(q.ID, q.Token, q.Secret) {
		// It waited to be accepted and was given nothing; who asks no more is forgotten.
		s.asked.forget(q.ID)
		s.write(w, http.StatusOK, struct{}{})
		return false
	}
	if err == nil && !s.admitted.knows(q.ID, q.Token, q.Secret) {
		err = agent.Errorf(agent.CodeNotFound, "no machine that joins with this token is known here")
	}
	if err != nil {
		s.refuse(w, from, q.Token, err)
		return true
	}
	ctx, cancel := context.WithTimeout(r.Context(), admitTime)
	defer cancel()
	if err := s.o.Admitter.Decline(ctx, q.ID); err != nil {
		s.refuse(w, from, q.Token, err)
		return false
	}
	s.admitted.forget(q.ID)
	s.o.Log.Info("a machine gave up joining", "source", from.Addr(), "token", q.Token, "id", q.ID)
	s.write(w, http.StatusOK, struct{}{})
	return false
}

// read takes a request's body: one JSON value.
func (s *Server) read(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return agent.Errorf(agent.CodeInvalid, "the request is larger than %d KB", maxBody>>10)
	case err != nil:
		return agent.Errorf(agent.CodeInvalid, "the request broke off")
	}
	// The version comes first: another one's request may look otherwise.
	var kind struct {
		Protocol *int `json:"protocol"`
	}
	if err := json.Unmarshal(body, &kind); err != nil || kind.Protocol == nil {
		return agent.Errorf(agent.CodeInvalid, "that is not what a machine says that joins")
	}
	if *kind.Protocol != Protocol {
		return otherProtocol(*kind.Protocol)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return agent.Errorf(agent.CodeInvalid, "that is not what a machine says that joins") // err may hold what was sent
	}
	return nil
}

func otherProtocol(theirs int) error {
	newer := "the machine's"
	if theirs < Protocol {
		newer = "the cloud's"
	}
	return agent.Errorf(agent.CodeConflict, "the versions of dcloud do not fit: the machine joins by version %d, this cloud by version %d", theirs, Protocol).
		WithHint("%s dcloud is the newer one: install the same version on both, as dcloud version tells it", newer)
}

// refuse tells the machine and the log.
func (s *Server) refuse(w http.ResponseWriter, from netip.AddrPort, token string, err error) {
	var e *agent.Error
	if !errors.As(err, &e) {
		s.o.Log.Error("join failed", "source", from.Addr(), "token", clip(token), "error", err)
		e = agent.Errorf(agent.CodeInternal, "the cloud could not let the machine in").
			WithHint("the cause is in the log of the cloud's server: journalctl -u dcloud; the machine may try again")
	} else {
		s.o.Log.Warn("join refused", "source", from.Addr(), "token", clip(token), "error", e.Message)
	}
	s.fail(w, e.HTTPStatus(), e)
}

func (s *Server) fail(w http.ResponseWriter, status int, e *agent.Error) {
	s.write(w, status, answer{Error: e})
}

// answer is how an error travels.
type answer struct {
	Error *agent.Error `json:"error"`
	// Left is how many seconds a machine that waits to be accepted has, 0 for unknown.
	Left int `json:"left_s,omitempty"`
}

func (s *Server) write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", s.o.Now().UTC().Format(http.TimeFormat)) // the machine compares clocks
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the machine is gone; it asks again
}

// clip shortens what a stranger sent, for the log.
func clip(s string) string { return s[:min(len(s), 60)] }
