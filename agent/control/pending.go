package control

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// prefixPending holds the machines that came with a token that asks somebody first,
// by the pendingRecord's ID.
const prefixPending = "dcloud/pending/"

const (
	// pendingSeen is how long after its last question a machine is still listed: it
	// asks every few seconds, so one that is quiet for a minute has given up.
	pendingSeen = time.Minute
	// pendingNote is how often the record is written for a machine that asks on.
	pendingNote = 15 * time.Second
	// mostPending are kept at once, of all tokens; who comes then is told to wait. Those
	// that gave up make room.
	mostPending = 64
)

// Answers to a machine that asks.
const (
	answerYes = "accepted"
	answerNo  = "refused"
)

// pendingRecord is a machine that asks to be let in. Its ID is made of all that makes
// it this machine with these keys: a yes is for them alone, whoever else has the token.
type pendingRecord struct {
	ID      string    `json:"id"`
	Token   string    `json:"token"`
	Machine string    `json:"machine"` // its UUID
	Name    string    `json:"name"`
	Arch    string    `json:"arch"`
	Memory  int       `json:"memory_mb"`
	Role    string    `json:"role"`
	Address string    `json:"address"`
	Asked   time.Time `json:"asked"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"` // the token's
	Answer  string    `json:"answer,omitempty"`
	Actor   string    `json:"actor,omitempty"` // who answered

	index uint64
}

var pendingID = regexp.MustCompile(`^[0-9a-f]{16}$`)

func pendingIDOf(req pool.Request, csrKey string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", req.Token, req.ID, req.Key, csrKey))
	return hex.EncodeToString(sum[:8])
}

// accepted is nil where somebody has said yes to a machine that came with a token
// that asks. Otherwise it notes that the machine asks, and wraps pool.ErrPending until
// there is an answer. r is the roster, to know those that have been let in already.
func (s *Service) accepted(ctx context.Context, req pool.Request, csrKey string, t *tokenRecord, r *roster) error {
	if before := r.byID(req.ID); before != nil && before.Token == t.ID && before.Key == req.Key && before.CSRKey == csrKey {
		return nil // it asks for what it was given once more
	}
	now := s.Now().UTC()
	if err := t.open(now); err != nil {
		return err
	}
	list, err := s.store.pending(ctx)
	if err != nil {
		return err
	}
	id := pendingIDOf(req, csrKey)
	at := slices.IndexFunc(list, func(p *pendingRecord) bool { return p.ID == id })
	p := &pendingRecord{
		ID: id, Token: t.ID, Machine: req.ID, Name: cmp.Or(req.Name, req.ID[:8]), Arch: req.Arch, Memory: req.MemoryMB, Role: t.Role,
		Address: req.Seen.Addr().String(), Asked: now, Expires: t.Expires,
	}
	if at >= 0 {
		p = list[at]
	}
	switch p.Answer {
	case answerYes:
		return nil
	case answerNo:
		return agent.Errorf(agent.CodeUnauthorized, "%s did not want this machine in the cloud", cmp.Or(p.Actor, "somebody")).
			WithHint("ask them; a new try begins with a new token: dcloud node token")
	}
	if at < 0 {
		if err := s.roomForPending(ctx, list, t, now); err != nil {
			return err
		}
		s.Log.Info("a machine asks to be let in", "node", p.Name, "role", p.Role, "from", p.Address, "token", t.ID, "pending", p.ID)
	}
	if at < 0 || now.Sub(p.Seen) >= pendingNote {
		p.Seen, p.Name, p.Address = now, cmp.Or(req.Name, p.Name), req.Seen.Addr().String()
		if err := s.store.putPending(ctx, p); err != nil && err != errPendingChanged {
			return err // who changed it meanwhile has answered: the next question tells
		}
	}
	return agent.Errorf(agent.CodeUnavailable, "%w, in the panel or on a server with: dcloud node accept %s", &pool.Pending{Until: t.Expires}, p.Name).
		WithHint("it is let in as soon as somebody says yes, until %s", t.Expires.Format("2006-01-02 15:04 UTC"))
}

// roomForPending forgets machines that gave up, or tells that too many ask.
func (s *Service) roomForPending(ctx context.Context, list []*pendingRecord, t *tokenRecord, now time.Time) error {
	kept := 0
	for _, p := range list {
		if p.Answer == "" && now.Sub(p.Seen) >= pendingSeen || !now.Before(p.Expires) {
			if err := s.store.deletePending(ctx, p); err != nil {
				return err
			}
			continue
		}
		kept++
	}
	if kept < mostPending {
		return nil
	}
	return agent.Errorf(agent.CodeUnavailable, "%w; %d others wait already, and no more are listed", &pool.Pending{Until: t.Expires}, kept).
		WithHint("answer those first, in the panel or with: dcloud node list")
}

// Pending lists the machines that wait to be accepted, the first that came first.
func (s *Service) Pending(ctx context.Context) (_ []agent.PendingNode, err error) {
	defer s.tell(&err)
	list, err := s.store.pending(ctx)
	if err != nil {
		return nil, err
	}
	now, out := s.Now(), []agent.PendingNode{}
	for _, p := range list {
		if p.waits(now) {
			out = append(out, agent.PendingNode{ID: p.ID, Name: p.Name, Arch: p.Arch, Memory: p.Memory, Role: p.Role, Address: p.Address, Asked: p.Asked})
		}
	}
	slices.SortFunc(out, func(a, b agent.PendingNode) int { return cmp.Or(a.Asked.Compare(b.Asked), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

func (p *pendingRecord) waits(now time.Time) bool {
	return p.Answer == "" && now.Sub(p.Seen) < pendingSeen && now.Before(p.Expires)
}

// Accept lets a machine that waits in, by its ID; it comes the next time that it asks.
func (s *Service) Accept(ctx context.Context, id string) (err error) {
	defer s.tell(&err)
	return s.answer(ctx, id, answerYes)
}

// Refuse tells a machine that waits that it is not let in. Nothing of its token is
// used up.
func (s *Service) Refuse(ctx context.Context, id string) (err error) {
	defer s.tell(&err)
	return s.answer(ctx, id, answerNo)
}

func (s *Service) answer(ctx context.Context, id, answer string) error {
	const hint = "see which machines wait with: dcloud node list"
	if !pendingID.MatchString(id) {
		return agent.Errorf(agent.CodeInvalid, "%q is no machine that waits", clip(id, 40)).WithHint(hint)
	}
	noted := "node-accept"
	if answer == answerNo {
		noted = "node-refuse"
	}
	for range 5 {
		list, err := s.store.pending(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(p *pendingRecord) bool { return p.ID == id })
		if at < 0 || list[at].Answer == "" && !list[at].waits(s.Now()) {
			return agent.Errorf(agent.CodeNotFound, "that machine does not wait any more").WithHint(hint)
		}
		p := list[at]
		switch {
		case p.Answer == answer:
			return nil
		case p.Answer != "":
			return agent.Errorf(agent.CodeConflict, "%s was %s by %s already", p.Name, p.Answer, cmp.Or(p.Actor, "somebody")).WithHint(hint)
		}
		if answer == answerYes {
			if err := mayLetIn(ctx, p.Role); err != nil {
				return err
			}
			if err := s.stillOpen(ctx, p, list); err != nil {
				return err
			}
		}
		p.Answer, p.Actor = answer, actorOf(ctx)
		err = s.store.putPending(ctx, p)
		if err == errPendingChanged {
			continue // the machine asked again
		}
		if err == nil {
			s.Log.Info("a machine that asked was answered", "node", p.Name, "answer", answer, "actor", p.Actor, "pending", p.ID)
			s.Note(ctx, agent.Activity{Action: noted, Node: p.Name, Detail: p.Role + " at " + p.Address})
		}
		return err
	}
	return errPendingChanged
}

// stillOpen tells whether the token of a machine is good for one machine more than
// those that were accepted before and are on their way.
func (s *Service) stillOpen(ctx context.Context, p *pendingRecord, list []*pendingRecord) error {
	t, err := s.store.token(ctx, p.Token)
	if err != nil {
		return err
	}
	if t == nil {
		return agent.Errorf(agent.CodeConflict, "the token that %s came with was deleted", p.Name).WithHint("make a new one: dcloud node token --ask")
	}
	if err := t.open(s.Now()); err != nil {
		return agent.Errorf(agent.CodeConflict, "%s cannot be let in: %w", p.Name, err).WithHint("make a new token: dcloud node token --ask")
	}
	coming := 0
	for _, other := range list {
		in := slices.ContainsFunc(t.Used, func(u tokenUse) bool { return u.ID == other.Machine })
		if other.Token == t.ID && other.Answer == answerYes && !in {
			coming++
		}
	}
	if coming >= t.Left {
		return agent.Errorf(agent.CodeConflict, "the token that %s came with is used up by the machines that were accepted before", p.Name).
			WithHint("make a new one: dcloud node token --ask")
	}
	return nil
}
