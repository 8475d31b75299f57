package control

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// errPendingChanged tells that a machine's record is not what it was when it was read.
var errPendingChanged = agent.Errorf(agent.CodeConflict, "somebody else answered the machine at the same time").
	WithHint("see which machines wait with: dcloud node list")

// pending reads the records of machines that ask or were answered. A damaged one is
// left out: its machine asks again.
func (st *store) pending(ctx context.Context) ([]*pendingRecord, error) {
	pairs, _, err := st.kv.List(prefixPending, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the machines that wait: %w", err)
	}
	var list []*pendingRecord
	for _, pair := range pairs {
		if p := decodePending(pair); p != nil {
			list = append(list, p)
		}
	}
	return list, nil
}

func decodePending(pair *consul.KVPair) *pendingRecord {
	p := pendingRecord{index: pair.ModifyIndex}
	if json.Unmarshal(pair.Value, &p) != nil || prefixPending+p.ID != pair.Key || !pendingID.MatchString(p.ID) || !pool.ValidRole(p.Role) {
		return nil
	}
	return &p
}

// putPending writes a record unless it changed meanwhile.
func (st *store) putPending(ctx context.Context, p *pendingRecord) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	ok, _, err := st.kv.CAS(&consul.KVPair{Key: prefixPending + p.ID, Value: text, ModifyIndex: p.index}, (&consul.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("note that %s waits: %w", p.Name, err)
	}
	if !ok {
		return errPendingChanged
	}
	return nil
}

// deletePending forgets a machine, unless it asked again or was answered meanwhile.
func (st *store) deletePending(ctx context.Context, p *pendingRecord) error {
	_, _, err := st.kv.DeleteCAS(&consul.KVPair{Key: prefixPending + p.ID, ModifyIndex: p.index}, (&consul.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("forget that %s waits: %w", p.Name, err)
	}
	return nil
}

// sweepPending forgets machines whose token has ended, and damaged records.
func (st *store) sweepPending(ctx context.Context, now time.Time) error {
	pairs, _, err := st.kv.List(prefixPending, consistent(ctx))
	if err != nil {
		return fmt.Errorf("list the machines that wait: %w", err)
	}
	for _, pair := range pairs {
		if p := decodePending(pair); p != nil && now.Before(p.Expires) {
			continue
		}
		if _, _, err := st.kv.DeleteCAS(pair, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
			return fmt.Errorf("forget a machine that waited: %w", err)
		}
	}
	return nil
}

// watchPending wakes who waits for news of machines that ask to be let in.
func (s *Service) watchPending(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		_, meta, err := s.Consul.KV().Keys(prefixPending, "", (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		s.view.set("pending", func() {})
		return meta.LastIndex, nil
	}
}
