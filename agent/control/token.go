package control

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Bounds of a token.
const (
	defaultTTL = time.Hour
	leastTTL   = time.Minute
	mostTTL    = 30 * 24 * time.Hour
	mostUses   = 100
	// remembersToken is how long one that ended is kept, so that who comes with it is
	// told that it ended and not that nobody knows it.
	remembersToken = 7 * 24 * time.Hour
)

// tokenRecord is what the servers keep of a token: `dcloud/tokens/ID`. The secret is
// not in it.
type tokenRecord struct {
	ID      string     `json:"id"`
	Hash    string     `json:"hash"` // SHA-256 of the secret, hex
	Role    string     `json:"role"`
	Expires time.Time  `json:"expires"`
	Left    int        `json:"uses_left"`
	Call    string     `json:"call,omitempty"` // host:port, to be called there
	Ask     bool       `json:"ask,omitempty"`  // somebody accepts each machine that comes with it
	Used    []tokenUse `json:"used_by,omitempty"`
	Created time.Time  `json:"created"`
	Actor   string     `json:"actor"`

	index uint64
}

// tokenUse is a machine that was let in by a token.
type tokenUse struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Time time.Time `json:"time"`
}

// NodeToken makes a token with which machines may join.
func (s *Service) NodeToken(ctx context.Context, req agent.TokenRequest) (_ agent.Token, err error) {
	defer s.tell(&err)
	req, err = soundRequest(req)
	if err == nil {
		err = mayLetIn(ctx, req.Role)
	}
	if err != nil {
		return agent.Token{}, err
	}
	addresses := req.Addresses
	if s.Members.Endpoints != nil {
		addresses = append(addresses, s.Members.Endpoints()...)
	}
	addresses = distinct(addresses)
	addresses = addresses[:min(len(addresses), pool.MaxTokenAddresses)]
	if len(addresses) == 0 && req.Call == "" {
		return agent.Token{}, agent.Errorf(agent.CodeFailed, "this machine has no address where another could meet it").
			WithHint("connect it to a network, or say where it can be met: dcloud node token --address HOST")
	}
	if err := s.noteOutside(ctx, req.Addresses); err != nil {
		return agent.Token{}, err
	}
	t := pool.NewToken(s.Members.Fingerprint, addresses)
	record := tokenRecord{
		ID: t.ID, Hash: hashSecret(t.Secret), Role: req.Role, Expires: s.Now().Add(req.TTL).UTC(), Left: req.Uses,
		Call: req.Call, Ask: req.Ask, Created: s.Now().UTC(), Actor: agent.Actor(ctx),
	}
	step, err := record.put()
	if err != nil {
		return agent.Token{}, err
	}
	if err := s.store.write(ctx, consul.TxnOps{step}); err != nil {
		return agent.Token{}, err
	}
	s.Log.Info("a token was made", "token", t.ID, "role", req.Role, "uses", req.Uses, "expires", record.Expires, "actor", record.Actor)
	s.Note(ctx, agent.Activity{Action: "token", Detail: tokenWords(req)})
	text := t.Text()
	return agent.Token{
		ID: t.ID, Token: text, Command: "sudo dcloud node join " + text, Role: req.Role, Uses: req.Uses,
		Expires: record.Expires, Addresses: addresses,
	}, nil
}

// mayLetIn tells why who asks may not let in a machine of a role. A server keeps the
// cloud's own keys, and all that people type passes a front door: who runs one could
// become the owner. Nobody's role is the cloud's own.
func mayLetIn(ctx context.Context, role string) error {
	if asker := agent.Role(ctx); role == pool.RoleWorker || asker == "" || asker == agent.RoleOwner {
		return nil
	}
	return agent.Errorf(agent.CodeUnauthorized, "only an owner lets in a machine as %s", role).
		WithHint("ask the cloud's owner, or let it in as a worker")
}

// soundRequest checks a request for a token and fills in what it leaves open.
func soundRequest(req agent.TokenRequest) (agent.TokenRequest, error) {
	refuse := func(format string, args ...any) error {
		return agent.Errorf(agent.CodeInvalid, format, args...).WithHint("see what is possible with: dcloud node token --help")
	}
	if req.TTL == 0 {
		req.TTL = defaultTTL
	}
	if req.Uses == 0 {
		req.Uses = 1
	}
	if req.Role == "" {
		req.Role = pool.RoleWorker
	}
	switch {
	case req.TTL < leastTTL || req.TTL > mostTTL:
		return req, refuse("a token cannot be good for %s: from one minute to 30 days is possible", req.TTL)
	case req.Uses < 1 || req.Uses > mostUses:
		return req, refuse("a token cannot be good for %d machines: from 1 to %d is possible", req.Uses, mostUses)
	case !pool.ValidRole(req.Role):
		return req, refuse("there is no role %q: a machine is a worker, an ingress or a server", clip(req.Role, 40))
	case len(req.Addresses) > pool.MaxTokenAddresses:
		return req, refuse("a token carries %d addresses at most, and %d were given", pool.MaxTokenAddresses, len(req.Addresses))
	}
	given := req.Addresses
	req.Addresses = nil
	for _, a := range given {
		full, ok := hostPort(a)
		if !ok {
			return req, refuse("%q is no address: HOST or HOST:PORT is expected", clip(a, 80))
		}
		req.Addresses = append(req.Addresses, full)
	}
	if req.Call != "" {
		full, ok := hostPort(req.Call)
		if !ok {
			return req, refuse("%q cannot be called: HOST or HOST:PORT is expected", clip(req.Call, 80))
		}
		req.Call = full
	}
	return req, nil
}

var hostName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?$`)

// hostPort completes host or host:port with the pool's port, where host is a name or
// an IPv4 or IPv6 address, and tells whether it can be one.
func hostPort(s string) (string, bool) {
	host, port := s, strconv.Itoa(pool.Port)
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		host = a.String()
	} else if h, p, err := net.SplitHostPort(s); err == nil {
		host, port = h, p
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || len(host) > 253 {
		return "", false
	}
	a, err := netip.ParseAddr(host)
	switch {
	case err == nil && (a.IsUnspecified() || a.IsMulticast() || a.Zone() != ""):
		return "", false
	case err == nil:
		host = a.Unmap().String()
	case !hostName.MatchString(host) || strings.Trim(host, "0123456789.") == "": // 300.1.1.1 is no name
		return "", false
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), true
}

func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// has tells whether the secret is the token's, in a time that does not depend on how
// much of it is right.
func (t *tokenRecord) has(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(t.Hash), []byte(hashSecret(secret))) == 1
}

// expects tells whether a machine may still speak to the join port on its account:
// one that may join, or one that has begun to and asks again or takes it back.
func (t *tokenRecord) expects(r *roster, now time.Time) bool {
	if !now.Before(t.Expires) {
		return false
	}
	return t.Left > 0 || slices.ContainsFunc(r.nodes, func(n *nodeRecord) bool {
		return n.Token == t.ID && n.Joining && !n.Removing
	})
}

// knownTo lists the tokens that a machine has joined with and that still let others in:
// with what is left of them it could come back by itself.
func knownTo(tokens []*tokenRecord, id string) []*tokenRecord {
	return slices.DeleteFunc(slices.Clone(tokens), func(t *tokenRecord) bool {
		return t.Left <= 0 || !slices.ContainsFunc(t.Used, func(u tokenUse) bool { return u.ID == id })
	})
}

func (t *tokenRecord) put() (*consul.TxnOp, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	return &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixTokens + t.ID, Value: text, Index: t.index}}, nil
}

// token reads one record; nil if there is none, or none that could be used.
func (st *store) token(ctx context.Context, id string) (*tokenRecord, error) {
	pair, _, err := st.kv.Get(prefixTokens+id, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the token %s: %w", id, err)
	}
	if pair == nil {
		return nil, nil
	}
	return decodeToken(pair), nil
}

func decodeToken(pair *consul.KVPair) *tokenRecord {
	t := tokenRecord{index: pair.ModifyIndex}
	if json.Unmarshal(pair.Value, &t) != nil || prefixTokens+t.ID != pair.Key || len(t.Hash) != 2*sha256.Size || !pool.ValidRole(t.Role) {
		return nil
	}
	return &t
}
