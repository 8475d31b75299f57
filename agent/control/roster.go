package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Keys of the pool's records in Consul's KV store.
const (
	prefixNodes  = "dcloud/nodes/"  // ID: a nodeRecord
	prefixTokens = "dcloud/tokens/" // ID: a tokenRecord
	keyPool      = "dcloud/pool"    // a poolRecord
)

// nodeRecord is a member as the servers keep it, with what only they need to know.
type nodeRecord struct {
	pool.Member
	Arch   string    `json:"arch,omitempty"`
	Token  string    `json:"token,omitempty"`   // ID of that with which it joined last
	CSRKey string    `json:"csr_key,omitempty"` // SHA-256 of the public key that its certificates are for, hex
	Since  time.Time `json:"since"`             // when it was admitted
	Actor  string    `json:"actor,omitempty"`   // who made the token
	// Outside is where people said that it can be met, host:port, the newest first.
	Outside []string `json:"outside,omitempty"`
	// Removing is set when it no longer belongs to the pool but not all that it had
	// is taken back yet.
	Removing bool      `json:"removing,omitempty"`
	Ended    time.Time `json:"ended,omitzero"`    // when it became so while it was joining
	Op       *nodeOp   `json:"node_op,omitempty"` // what is under way
	Last     *nodeOp   `json:"last_op,omitempty"` // what was, and how it ended

	index uint64 // the record's modify index, for check-and-set
	// note is what the next write by amendNode adds to the history.
	note *agent.Activity
}

// nodeOp is an operation on a machine. It is in the record so that it survives the agent.
type nodeOp struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Abandon bool      `json:"abandon,omitempty"` // remove: give up the data that lies there
	Rotated bool      `json:"rotated,omitempty"` // remove: the keys that it knew are replaced
	Started time.Time `json:"started"`
	Actor   string    `json:"actor"`
	// Failure is why it did not go, once it is over.
	Failure *agent.Error `json:"failure,omitempty"`
}

// Kinds of operation on a machine.
const (
	opDrain      = "drain"
	opUndrain    = "undrain"
	opRemoveNode = "remove"
)

// poolRecord is what is true of the pool as a whole. Each change of its members
// writes it too, in the same transaction: so two that change them at once see each
// other, and its serial counts the changes.
type poolRecord struct {
	Serial uint64 `json:"serial"` // of the roster
	Keys   uint64 `json:"keys"`   // generation of the gossip keys
	doorAt
	// Said is what each server was set up with when it was last asked, by its ID: a
	// server that restarts with what it always had does not undo another's change.
	Said map[string]doorAt `json:"said,omitempty"`
	Gone []gone            `json:"gone,omitempty"`

	index uint64
}

// doorAt is where the pool is met by people.
type doorAt struct {
	Domain    string `json:"domain"`
	HTTPPort  int    `json:"http_port"`
	HTTPSPort int    `json:"https_port"`
}

// roster is all that the KV store has on members, as of one moment.
type roster struct {
	pool  poolRecord
	nodes []*nodeRecord // by name
}

// errRaced tells that the members changed since they were read: read them again.
var errRaced = agent.Errorf(agent.CodeConflict, "the cloud's machines changed at the same time").
	WithHint("look at them with: dcloud node list, then try again")

// roster reads the members. A damaged record is an error: to go on without it could
// give its address or name away.
func (st *store) roster(ctx context.Context) (*roster, error) {
	ops := consul.TxnOps{
		{KV: &consul.KVTxnOp{Verb: consul.KVGetTree, Key: prefixNodes}},
		{KV: &consul.KVTxnOp{Verb: consul.KVGetTree, Key: keyPool}}, // a plain get fails where there is none
	}
	ok, res, _, err := st.txn.Txn(ops, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the records of the machines: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("read the records of the machines: %v", res.Errors)
	}
	var pairs []*consul.KVPair
	for _, r := range res.Results {
		pairs = append(pairs, &consul.KVPair{Key: r.KV.Key, Value: r.KV.Value, ModifyIndex: r.KV.ModifyIndex})
	}
	return decodeRoster(pairs)
}

func decodeRoster(pairs []*consul.KVPair) (*roster, error) {
	var r roster
	for _, p := range pairs {
		if p.Key == keyPool {
			if err := json.Unmarshal(p.Value, &r.pool); err != nil {
				return nil, fmt.Errorf("the pool's record is damaged: %w", err)
			}
			r.pool.index = p.ModifyIndex
			continue
		}
		id, ok := strings.CutPrefix(p.Key, prefixNodes)
		if !ok {
			continue
		}
		n := nodeRecord{index: p.ModifyIndex}
		if err := json.Unmarshal(p.Value, &n); err != nil {
			return nil, fmt.Errorf("the record of machine %s is damaged: %w", clip(id, 60), err)
		}
		if n.ID != id || n.Name == "" || !n.Address.IsValid() || !pool.ValidRole(n.Role) {
			return nil, fmt.Errorf("the record of machine %s is damaged: it has no sound ID, name, address or role", clip(id, 60))
		}
		r.nodes = append(r.nodes, &n)
	}
	slices.SortFunc(r.nodes, func(a, b *nodeRecord) int { return cmp.Compare(a.Name, b.Name) })
	return &r, nil
}

// public is the roster as all members may know it.
func (r *roster) public() pool.Roster {
	p := pool.Roster{Serial: r.pool.Serial, Domain: r.pool.Domain, HTTPPort: r.pool.HTTPPort, HTTPSPort: r.pool.HTTPSPort,
		Keys: r.pool.Keys, Members: []pool.Member{}}
	for _, n := range r.nodes {
		if !n.Removing {
			p.Members = append(p.Members, n.Member)
		}
	}
	return p
}

func (r *roster) byID(id string) *nodeRecord {
	return r.find(func(n *nodeRecord) bool { return n.ID == id })
}

func (r *roster) byName(name string) *nodeRecord {
	return r.find(func(n *nodeRecord) bool { return n.Name == name })
}

func (r *roster) find(is func(*nodeRecord) bool) *nodeRecord {
	if k := slices.IndexFunc(r.nodes, is); k >= 0 {
		return r.nodes[k]
	}
	return nil
}

// servers counts those that are and stay members.
func (r *roster) servers() int {
	n := 0
	for _, m := range r.nodes {
		if m.Role == pool.RoleServer && !m.Removing && !m.Joining {
			n++
		}
	}
	return n
}

// commit writes the pool's record, with a new serial, and what goes with it, all or
// nothing. errRaced if any of it is not as it was read.
func (st *store) commit(ctx context.Context, p *poolRecord, with ...*consul.TxnOp) error {
	next := *p
	next.Serial++
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	ops := append(consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: keyPool, Value: text, Index: p.index}}}, with...)
	if err := st.write(ctx, ops); err != nil {
		return err
	}
	p.Serial = next.Serial
	return nil
}

func (st *store) write(ctx context.Context, ops consul.TxnOps) error {
	ok, _, _, err := st.txn.Txn(ops, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write the records of the machines: %w", err)
	}
	if !ok {
		return errRaced
	}
	return nil
}

// put is the step of a transaction that writes a machine's record, or fails if it is
// not what was read.
func (n *nodeRecord) put() (*consul.TxnOp, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	return &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixNodes + n.ID, Value: text, Index: n.index}}, nil
}

// drop is the step of a transaction that deletes a machine's record.
func (n *nodeRecord) drop() *consul.TxnOp {
	return &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDeleteCAS, Key: prefixNodes + n.ID, Index: n.index}}
}

// attempts bounds how often a change of the members is tried while others change
// them too. Each round one of them gets through.
const attempts = 100

// amend reads the members, lets change decide, and writes what it returns, again and
// again while somebody else was quicker. With no steps nothing is written.
func (st *store) amend(ctx context.Context, change func(r *roster) ([]*consul.TxnOp, error)) error {
	for range attempts {
		r, err := st.roster(ctx)
		if err != nil {
			return err
		}
		steps, err := change(r)
		if err != nil || len(steps) == 0 {
			return err
		}
		if err = st.commit(ctx, &r.pool, steps...); err != errRaced {
			return err
		}
	}
	return errRaced
}

// amendNode changes one machine's record. edit gets nil if there is none, and
// returns false to leave it alone. Where the roster does not change by it, the
// serial stays.
func (st *store) amendNode(ctx context.Context, id string, edit func(*nodeRecord) (bool, error)) error {
	for range attempts {
		r, err := st.roster(ctx)
		if err != nil {
			return err
		}
		n := r.byID(id)
		var before nodeRecord
		if n != nil {
			before = *n
		}
		write, err := edit(n)
		if err != nil || !write || n == nil {
			return err
		}
		step, err := n.put()
		if err != nil {
			return err
		}
		steps, err := noteSteps(n.note)
		if err != nil {
			return err
		}
		steps = append(consul.TxnOps{step}, steps...)
		if before.Removing == n.Removing && sameMember(before.Member, n.Member) {
			err = st.write(ctx, steps)
		} else {
			err = st.commit(ctx, &r.pool, steps...)
		}
		if err != errRaced {
			return err
		}
	}
	return errRaced
}

func sameMember(a, b pool.Member) bool {
	same := slices.Equal(a.Endpoints, b.Endpoints) && a.Joined.Equal(b.Joined)
	a.Endpoints, b.Endpoints, a.Joined, b.Joined = nil, nil, time.Time{}, time.Time{}
	return same && fmt.Sprint(a) == fmt.Sprint(b)
}
