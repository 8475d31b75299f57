package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// Keys in Consul's KV store.
const (
	prefixApps  = "dcloud/apps/"  // NAME: an Intent
	prefixHosts = "dcloud/hosts/" // HOST: the name of the app that it belongs to
	prefixKept  = "dcloud/kept/"  // NAME: whose data stayed
	keyLeader   = "dcloud/leader"
)

// store reads and writes our records. Every write is check-and-set.
type store struct {
	kv  *consul.KV
	txn *consul.Txn
}

// errChanged tells that a record is not what it was when it was read.
var errChanged = agent.Errorf(agent.CodeConflict, "somebody else changed the app at the same time").
	WithHint("look at it with: dcloud app list, then try again")

func consistent(ctx context.Context) *consul.QueryOptions {
	return (&consul.QueryOptions{RequireConsistent: true}).WithContext(ctx)
}

// oneKey tells whether a name that somebody asks for stays beneath its prefix: it becomes
// part of a path of Consul's API, in which ".." leads to other records.
func oneKey(name string) bool { return name != "." && name != ".." && !strings.Contains(name, "/") }

// intent reads one record; nil if there is none.
func (st *store) intent(ctx context.Context, name string) (*Intent, error) {
	if !oneKey(name) {
		return nil, nil
	}
	pair, _, err := st.kv.Get(prefixApps+name, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the record of %s: %w", name, err)
	}
	if pair == nil {
		return nil, nil
	}
	return decodeIntent(pair)
}

// damagedError tells of a record that cannot be used. It is left alone until
// somebody removes the app.
type damagedError struct {
	name  string
	index uint64
	err   error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the record of %s is damaged: %v", e.name, e.err)
}

// Unwrap is what a person gets to see.
func (e *damagedError) Unwrap() error {
	return agent.Errorf(agent.CodeFailed, "%s", clip(e.Error(), 300)).
		WithHint("what it runs is left alone; take it out of the list, its data kept, with: dcloud app remove %s", e.name)
}

func decodeIntent(pair *consul.KVPair) (*Intent, error) {
	name := strings.TrimPrefix(pair.Key, prefixApps)
	var i Intent
	err := json.Unmarshal(pair.Value, &i)
	if err == nil {
		err = i.sound(name)
	}
	if err != nil {
		return nil, &damagedError{name, pair.ModifyIndex, err}
	}
	i.index, i.copies, i.door, i.pin = pair.ModifyIndex, replicasOf(&i), accessNow(&i), pinnedTo(&i)
	return &i, nil
}

// create writes a new intent and claims its hosts, all or nothing. left is the note
// on what an app of that name left, as it was when the install was checked, nil if
// there was none: what the install may take back depends on it.
func (st *store) create(ctx context.Context, i *Intent, left *kept) error {
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	ops := consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixApps + i.Name, Value: text}}}
	for _, h := range i.Hosts {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixHosts + h, Value: []byte(i.Name)}})
	}
	same := &consul.KVTxnOp{Verb: consul.KVCheckNotExists, Key: prefixKept + i.Name}
	if left != nil {
		same.Verb, same.Index = consul.KVCheckIndex, left.index
	}
	ops = append(ops, &consul.TxnOp{KV: same})
	notes, err := noteSteps(i.note)
	if err != nil {
		return err
	}
	ops = append(ops, notes...)
	ok, res, _, err := st.txn.Txn(ops, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write the record of %s: %w", i.Name, err)
	}
	if !ok {
		return refusal(i, res.Errors)
	}
	for _, r := range res.Results {
		if r.KV != nil && r.KV.Key == prefixApps+i.Name {
			i.index = r.KV.ModifyIndex
		}
	}
	i.note = nil
	return nil
}

// refusal says in a person's words which of create's steps did not go. That the
// name is taken comes first: who asks twice for the same app asks for its hosts too.
func refusal(i *Intent, failures consul.TxnErrors) error {
	at := func(k int) bool {
		return slices.ContainsFunc(failures, func(e *consul.TxnError) bool { return e.OpIndex == k })
	}
	if at(0) {
		return nameTaken(i.Name)
	}
	for k, h := range i.Hosts {
		if at(k + 1) {
			return hostTaken(h)
		}
	}
	return errChanged
}

// update writes an intent back unless it changed meanwhile.
func (st *store) update(ctx context.Context, i *Intent) error {
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	ops := consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixApps + i.Name, Value: text, Index: i.index}}}
	notes, err := noteSteps(i.note)
	if err != nil {
		return err
	}
	ops = append(ops, notes...)
	ok, res, _, err := st.txn.Txn(ops, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write the record of %s: %w", i.Name, err)
	}
	if !ok {
		return errChanged
	}
	i.index, i.note = res.Results[0].KV.ModifyIndex, nil
	return nil
}

// delete removes an intent and gives its hosts back. With left, a note says whose
// data stayed; without, an older such note goes too.
func (st *store) delete(ctx context.Context, i *Intent, left *kept) error {
	ops := consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVDeleteCAS, Key: prefixApps + i.Name, Index: i.index}}}
	for _, h := range i.Hosts {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDelete, Key: prefixHosts + h}})
	}
	if left != nil {
		text, err := json.Marshal(left)
		if err != nil {
			return err
		}
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVSet, Key: prefixKept + i.Name, Value: text}})
	} else {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDelete, Key: prefixKept + i.Name}})
	}
	ok, _, _, err := st.txn.Txn(ops, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("delete the record of %s: %w", i.Name, err)
	}
	if !ok {
		return errChanged
	}
	return nil
}

// kept reads the note on a removed app's data; nil if there is none.
func (st *store) kept(ctx context.Context, name string) (*kept, error) {
	if !oneKey(name) {
		return nil, nil
	}
	pair, _, err := st.kv.Get(prefixKept+name, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read what %s left: %w", name, err)
	}
	if pair == nil {
		return nil, nil
	}
	var k kept
	if err := json.Unmarshal(pair.Value, &k); err != nil {
		k = kept{} // that there is data is what counts; whose it was is lost
	}
	k.Name, k.index = name, pair.ModifyIndex
	return &k, nil
}

func nameTaken(name string) error {
	return agent.Errorf(agent.CodeConflict, "there is an app called %q already", name).
		WithHint("choose another name with --name, or look at it with: dcloud app status %s", name)
}

func hostTaken(host string) error {
	return agent.Errorf(agent.CodeConflict, "the address %s belongs to another app", host).
		WithHint("choose another with --subdomain, or see who has it with: dcloud app list")
}
