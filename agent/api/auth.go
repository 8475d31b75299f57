package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// TokenHash is the SHA-256 of a token. Tokens are long and random, so a fast hash
// serves: there is nothing to guess.
type TokenHash = [sha256.Size]byte

// TokenSum returns what is kept of a token.
func TokenSum(token string) TokenHash { return sha256.Sum256([]byte(token)) }

// OwnToken is the name of the cloud's own token, with which servers speak to each other.
// Who has it is believed when it says in whose name it asks.
const OwnToken = "owner"

// Headers of a request that a server hands on to another: who asked it, and what that
// one may do.
const (
	headerActor = "Dcloud-Actor"
	headerRole  = "Dcloud-Role"
)

// actorPattern is what a name of who asks can be; it goes into headers and records.
var actorPattern = regexp.MustCompile(`^[!-~]{1,100}$`)

// caller is who makes a request.
type caller struct {
	actor, role string
	// hands tells that it may ask in another's name: it is root, or a server.
	hands bool
	// session is the person's, nil for root and for who has a token of the cloud's: they
	// may do everything.
	session *agent.Session
	token   string // the session's
}

const callerKey = "dcloud.caller"

// authenticate lets in who may come in, and puts who it is into the context.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isOpen(s.table, c.Request().Method, c.Path()) {
			return next(c)
		}
		who, err := s.caller(c)
		if err == nil && who.hands {
			err = who.inNameOf(c.Request().Header)
		}
		if err != nil {
			return err
		}
		c.Set(callerKey, who)
		ctx := agent.WithActor(c.Request().Context(), who.actor)
		c.SetRequest(c.Request().WithContext(agent.WithRole(ctx, who.role)))
		return next(c)
	}
}

// inNameOf takes over whom a server asks for.
func (w *caller) inNameOf(h http.Header) error {
	actor, role := h.Get(headerActor), h.Get(headerRole)
	if actor == "" {
		return nil
	}
	if !actorPattern.MatchString(actor) || role != "" && agent.Rank(role) < 0 {
		return agent.Errorf(agent.CodeInvalid, "the headers %s and %s do not say who asks", headerActor, headerRole)
	}
	w.actor, w.role = actor, role
	return nil
}

// caller says who makes the request, or why it is refused.
func (s *Server) caller(c echo.Context) (*caller, error) {
	if p, ok := c.Request().Context().Value(peerKey{}).(peer); ok {
		actor, err := p.actor()
		return &caller{actor: actor, role: agent.RoleOwner, hands: p.uid == 0}, err
	}
	c.Response().Header().Set("WWW-Authenticate", `Bearer realm="dcloud"`)
	scheme, token, _ := strings.Cut(c.Request().Header.Get("Authorization"), " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		return nil, agent.Errorf(agent.CodeUnauthorized, "the request carries no token").
			WithHint("set DCLOUD_TOKEN, or send the header Authorization: Bearer TOKEN")
	}
	if err := s.guarded(c); err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	switch name, err := s.tokenName(ctx, token); {
	case err != nil:
		return nil, err
	case name != "":
		return &caller{actor: "token:" + name, role: agent.RoleOwner, hands: name == OwnToken}, nil
	}
	switch session, err := s.session(ctx, token); {
	case err != nil:
		return nil, err
	case session != nil:
		return &caller{actor: session.Actor(), role: session.Role, session: session, token: token}, nil
	}
	s.guard.wrong(c.RealIP())
	s.log.Warn("refused a wrong token", "address", c.RealIP())
	return nil, agent.Errorf(agent.CodeUnauthorized, "the token is wrong, or it was withdrawn").
		WithHint("check DCLOUD_TOKEN; a new one is made on a server of the cloud")
}

// guarded refuses who sent too many wrong tokens or passwords of late.
func (s *Server) guarded(c echo.Context) error {
	if s.guard.open(c.RealIP()) {
		return nil
	}
	c.Response().Header().Set("Retry-After", "10")
	return withStatus(http.StatusTooManyRequests,
		agent.Errorf(agent.CodeUnauthorized, "too many wrong tokens came from this address").
			WithHint("wait a few seconds, then try again with the right one"))
}

// maxToken bounds what is looked up as a session's token.
const maxToken = 512

// session is the one that a token belongs to, nil for none.
func (s *Server) session(ctx context.Context, token string) (*agent.Session, error) {
	if s.opts.Sessions == nil || len(token) > maxToken {
		return nil, nil
	}
	session, err := s.opts.Sessions(ctx, token)
	var e *agent.Error
	switch {
	case errors.As(err, &e) && e.Code == agent.CodeUnauthorized:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &session, nil
}

// tokenName returns the name of a token, "" if it is nobody's. It takes the same
// time whichever it is.
func (s *Server) tokenName(ctx context.Context, token string) (string, error) {
	if s.opts.Tokens == nil {
		return "", nil
	}
	known, err := s.opts.Tokens(ctx)
	if err != nil {
		return "", err
	}
	sum, found := TokenSum(token), ""
	for name, hash := range known {
		if subtle.ConstantTimeCompare(sum[:], hash[:]) == 1 {
			found = name
		}
	}
	return found, nil
}
