package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

var _ pool.Admitter = (*Service)(nil)

// introTTL is how long a machine has until its Nomad must have introduced itself: a
// Pi that has to fetch the engines first takes minutes.
const introTTL = 15 * time.Minute

// undoing bounds how long it may take to take back what a failed step left.
const undoing = 20 * time.Second

// Admit checks the token of a machine that wants to join, and makes it a member that
// is joining. Where a later step fails, all is taken back.
func (s *Service) Admit(ctx context.Context, req pool.Request) (_ pool.Admission, err error) {
	defer s.tell(&err)
	if err := soundJoin(req); err != nil {
		return pool.Admission{}, err
	}
	t, err := s.tokenOf(ctx, req)
	if err != nil {
		return pool.Admission{}, err
	}
	if err := s.fitsIn(req, s.Now()); err != nil {
		return pool.Admission{}, err
	}
	csrKey, err := keyOfCSR(req.CSR)
	if err != nil {
		return pool.Admission{}, agent.Errorf(agent.CodeInvalid, "the request to join is damaged: %w", err).
			WithHint("install the version of dcloud that the cloud runs, and try again")
	}
	if t.Ask {
		r, err := s.store.roster(ctx)
		if err == nil {
			err = s.accepted(ctx, req, csrKey, t, r)
		}
		if err != nil {
			return pool.Admission{}, err
		}
	}
	n, old, fresh, err := s.claim(ctx, req, csrKey, t.ID)
	if err != nil {
		return pool.Admission{}, err
	}
	if old != nil { // what an earlier try was given is good for nothing any more
		err = s.revokeNode(ctx, old.Member)
	}
	var a pool.Admission
	if err == nil {
		a, err = s.equip(ctx, n, req.CSR)
	}
	if err != nil {
		if fresh {
			undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
			defer cancel()
			if err := s.takeBackNode(undo, n.ID, time.Time{}); err != nil {
				s.Log.Error("what was made for a machine that could not join is taken back later", "node", n.Name, "err", err)
			}
		}
		return pool.Admission{}, fmt.Errorf("admit %s: %w", n.Name, err)
	}
	if fresh && req.Name != "" && req.Name != n.Name {
		s.Log.Info("a machine asked for a name that another has", "name", req.Name, "called", n.Name)
	}
	s.Log.Info("a machine joins", "node", n.Name, "role", n.Role, "address", n.Address, "token", t.ID, "from", req.Seen.String(), "again", !fresh)
	return a, nil
}

// tokenOf finds a request's token if its secret is right.
func (s *Service) tokenOf(ctx context.Context, req pool.Request) (*tokenRecord, error) {
	var t *tokenRecord
	if tokenName.MatchString(req.Token) {
		var err error
		if t, err = s.store.token(ctx, req.Token); err != nil {
			return nil, err
		}
	}
	known := t != nil
	if !known {
		t = &tokenRecord{Hash: hashSecret("")} // compared all the same: no difference is to be measured
	}
	if right := t.has(req.Secret); !known || !right {
		return nil, agent.Errorf(agent.CodeUnauthorized, "this cloud does not know the token: %w", pool.ErrSecret).
			WithHint("on the cloud's server, get a new one: dcloud node token")
	}
	return t, nil
}

// claim writes the machine's record and takes a use off the token, both or neither.
// fresh is false where the machine is a member or asks again; old is the record of an
// earlier try with another token, nil if there was none.
func (s *Service) claim(ctx context.Context, req pool.Request, csrKey, token string) (n, old *nodeRecord, fresh bool, err error) {
	err = s.store.amend(ctx, func(r *roster) ([]*consul.TxnOp, error) {
		old, fresh = nil, false
		t, err := s.store.token(ctx, token)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, agent.Errorf(agent.CodeUnauthorized, "the token was deleted").WithHint("on the cloud's server, get a new one: dcloud node token")
		}
		now := s.Now().UTC()
		var used bool
		if n, used, err = seat(r, req, csrKey, t, s.Members.Range, now); err != nil || !used {
			return nil, err
		}
		// What is taken back with a failure is a member that joins, never one that is.
		if fresh = n.Joining; fresh {
			old = r.byID(n.ID)
		}
		t.Left--
		t.Used = append(t.Used, tokenUse{ID: n.ID, Name: n.Name, Time: now})
		member, err := n.put()
		if err != nil {
			return nil, err
		}
		use, err := t.put()
		return []*consul.TxnOp{member, use}, err
	})
	return n, old, fresh, err
}

// equip makes what a member needs, as far as it is not there yet.
func (s *Service) equip(ctx context.Context, n *nodeRecord, csr string) (pool.Admission, error) {
	m := s.Members
	a := pool.Admission{
		Member: n.Member, Pool: m.Range, HTTPPort: s.Pool.HTTPPort, HTTPSPort: s.Pool.HTTPSPort, Domain: s.Pool.Domain,
		Datacenter: s.Pool.Datacenter, Region: m.Region, Timezone: s.Pool.Timezone, Authority: m.Authority, Engines: m.Engines,
	}
	var err error
	if a.Certs, err = m.Issue(n.Member, csr); err != nil {
		return a, fmt.Errorf("make its certificates: %w", err)
	}
	if a.Secrets, err = m.Secrets(n.Role); err != nil {
		return a, fmt.Errorf("read the pool's secrets: %w", err)
	}
	tokens, err := s.grantNode(ctx, n.Member)
	if err != nil {
		return a, err
	}
	if a.Secrets == nil {
		a.Secrets = map[string]string{}
	}
	for name, secret := range tokens {
		a.Secrets[name] = secret
	}
	if n.Role == pool.RoleServer {
		if a.AuthKey, err = m.AuthorityKey(); err != nil {
			return a, fmt.Errorf("read the authority's key: %w", err)
		}
	}
	intro, _, err := s.Nomad.ACLIdentity().CreateClientIntroductionToken(
		&nomad.ACLIdentityClientIntroductionTokenRequest{TTL: introTTL, NodeName: n.Name}, (&nomad.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return a, fmt.Errorf("introduce it to Nomad: %w", err)
	}
	a.Intro = intro.JWT
	r, err := s.store.roster(ctx)
	if err != nil {
		return a, err
	}
	if r.byID(n.ID) == nil {
		return a, errRaced // it was taken back meanwhile
	}
	a.Domain, a.HTTPPort, a.HTTPSPort = r.domain(a)
	if a.Roster, err = m.Sign(r.public()); err != nil {
		return a, fmt.Errorf("sign the roster: %w", err)
	}
	return a, nil
}

// domain is where the pool is met, as its record has it once a server told it.
func (r *roster) domain(a pool.Admission) (string, int, int) {
	if r.pool.Domain == "" {
		return a.Domain, a.HTTPPort, a.HTTPSPort
	}
	return r.pool.Domain, r.pool.HTTPPort, r.pool.HTTPSPort
}

// Confirm waits until Nomad reports the machine ready for containers, and makes it a
// full member.
func (s *Service) Confirm(ctx context.Context, id string) (err error) {
	defer s.tell(&err)
	var name string
	err = s.store.amendNode(ctx, id, func(n *nodeRecord) (bool, error) {
		if n == nil || n.Removing {
			return false, notAdmitted()
		}
		name = n.Name
		return false, nil
	})
	if err != nil {
		return err
	}
	why := "Nomad does not list it yet"
	err = s.view.await(ctx, func() (bool, error) {
		if s.view.ready["members"] && !slices.ContainsFunc(s.view.members, func(n *nodeRecord) bool { return n.ID == id }) {
			// The view may only be late; what was just read is not.
			return false, nil
		}
		why = notWorking(s.view.nodes, name)
		return why == "", nil
	})
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return agent.Errorf(agent.CodeFailed, "%s is not ready: %s", name, why).WithHint("see what is wrong on that machine with: dcloud doctor")
		}
		return err
	}
	var joined *nodeRecord
	err = s.store.amendNode(ctx, id, func(n *nodeRecord) (bool, error) {
		if n == nil || n.Removing {
			return false, notAdmitted()
		}
		if !n.Joining {
			return false, nil
		}
		n.Joining, n.Joined = false, s.Now().UTC()
		joined = n
		return true, nil
	})
	if err == nil {
		s.Log.Info("a machine has joined", "node", name)
		s.noteJoined(ctx, joined)
		s.work.wake()
		s.awaitConfirmed(ctx, id)
	}
	return err
}

// awaitConfirmed waits until the list of machines shows it, so that who asks for that
// next finds the machine ready. A late view is no failure.
func (s *Service) awaitConfirmed(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, lateView)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) {
		return !s.view.ready["members"] || slices.ContainsFunc(s.view.members, func(n *nodeRecord) bool { return n.ID == id && !n.Joining }), nil
	})
}

func notAdmitted() error {
	return agent.Errorf(agent.CodeNotFound, "this machine is not, or not any more, a member of the cloud").
		WithHint("on the cloud's server, get a new token: dcloud node token")
}

// notWorking says why Nomad cannot run containers on a machine, "" if it can.
func notWorking(nodes []*nomad.NodeListStub, name string) string {
	why := "Nomad does not list it yet"
	for _, n := range nodes {
		if n.Name != name {
			continue
		}
		if n.Status != nomad.NodeStatusReady {
			why = "Nomad says that it is " + n.Status
			continue
		}
		if d := n.Drivers["docker"]; d == nil || !d.Healthy {
			why = "it cannot reach Docker"
			continue
		}
		return ""
	}
	return why
}

// Decline takes back what Admit gave to a machine that is still joining.
func (s *Service) Decline(ctx context.Context, id string) (err error) {
	defer s.tell(&err)
	return s.takeBackNode(ctx, id, time.Time{})
}
