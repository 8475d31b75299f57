package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent/people"
)

const prefixPeople = "dcloud/people/" // what package people keeps

// Records keeps the records of people in Consul's KV store: a people.Store.
type Records struct {
	Consul *consul.Client
}

var _ people.Store = Records{}

// Get reads a record, as it is after every write that has ended.
func (r Records) Get(ctx context.Context, key string) (people.Record, error) {
	pair, _, err := r.Consul.KV().Get(prefixPeople+key, consistent(ctx))
	if err != nil {
		return people.Record{}, fmt.Errorf("read %s: %w", key, err)
	}
	if pair == nil {
		return people.Record{Key: key}, nil
	}
	return people.Record{Key: key, Value: pair.Value, Index: pair.ModifyIndex}, nil
}

// List reads the records under a prefix, by key.
func (r Records) List(ctx context.Context, prefix string) ([]people.Record, error) {
	pairs, _, err := r.Consul.KV().List(prefixPeople+prefix, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", prefix, err)
	}
	out := make([]people.Record, len(pairs))
	for k, p := range pairs {
		out[k] = people.Record{Key: strings.TrimPrefix(p.Key, prefixPeople), Value: p.Value, Index: p.ModifyIndex}
	}
	return out, nil
}

// Write does all of it in one transaction, or returns people.ErrChanged.
func (r Records) Write(ctx context.Context, ops ...people.Op) error {
	var txn consul.TxnOps
	for _, op := range ops {
		kv := &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixPeople + op.Key, Value: op.Value, Index: op.Index}
		if op.Delete {
			kv.Verb, kv.Value = consul.KVDeleteCAS, nil
		}
		txn = append(txn, &consul.TxnOp{KV: kv})
	}
	ok, res, _, err := r.Consul.Txn().Txn(txn, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write %s: %w", ops[0].Key, err)
	}
	if ok {
		return nil
	}
	for _, e := range res.Errors {
		if !strings.Contains(e.What, "index is stale") { // as Consul's state store words a check-and-set that failed
			return fmt.Errorf("write %s: Consul refused: %s", ops[e.OpIndex].Key, e.What)
		}
	}
	return people.ErrChanged
}

// changedWait bounds one wait of Changed, so that a connection that died is noticed.
const changedWait = 2 * time.Minute

// Changed waits until something under the prefix changes after an index, for two
// minutes at most.
func (r Records) Changed(ctx context.Context, prefix string, after uint64) (uint64, error) {
	opts := (&consul.QueryOptions{WaitIndex: after, WaitTime: changedWait}).WithContext(ctx)
	_, meta, err := r.Consul.KV().Keys(prefixPeople+prefix, "", opts)
	if err != nil {
		return 0, fmt.Errorf("wait for a change of %s: %w", prefix, err)
	}
	if meta.LastIndex < after { // Consul began to count anew
		return 0, nil
	}
	return max(meta.LastIndex, 1), nil
}
