package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/jobs"
)

// door is the address of the front door, as app addresses have it: scheme, domain
// and port. When it changes, apps follow.
func (s *Service) door() string { return jobs.URL(s.Pool, "") }

// followDomain moves an app's hosts beneath the cloud's domain, should that have
// changed since they were claimed.
func (s *Service) followDomain(ctx context.Context, i *Intent) error {
	hosts := i.hostsUnder(s.Pool.Domain)
	if slices.Equal(hosts, i.Hosts) {
		return nil
	}
	s.Log.Info("the app moves", "app", i.Name, "from", i.Hosts, "to", hosts)
	return s.store.rehost(ctx, i, hosts)
}

// rehost gives an intent other hosts, all or nothing. A host that another app has
// is a conflict.
func (st *store) rehost(ctx context.Context, i *Intent, hosts []string) error {
	moved := *i
	moved.Hosts = hosts
	text, err := json.Marshal(&moved)
	if err != nil {
		return err
	}
	ops := consul.TxnOps{{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixApps + i.Name, Value: text, Index: i.index}}}
	for _, h := range hosts {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixHosts + h, Value: []byte(i.Name)}})
	}
	for _, h := range i.Hosts {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDelete, Key: prefixHosts + h}})
	}
	ok, res, _, err := st.txn.Txn(ops, (&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("write the record of %s: %w", i.Name, err)
	}
	if !ok {
		for k, h := range hosts {
			if slices.ContainsFunc(res.Errors, func(e *consul.TxnError) bool { return e.OpIndex == k+1 }) {
				return hostTaken(h)
			}
		}
		return errChanged
	}
	moved.index = res.Results[0].KV.ModifyIndex
	*i = moved
	return nil
}

// sweepHosts gives back hosts whose app has no record any more. An app and its
// hosts are written and deleted together, so this is only for records that
// somebody deleted by hand.
func (st *store) sweepHosts(ctx context.Context) error {
	hosts, _, err := st.kv.List(prefixHosts, consistent(ctx))
	if err != nil {
		return fmt.Errorf("list the hosts: %w", err)
	}
	if len(hosts) == 0 {
		return nil
	}
	apps, _, err := st.kv.Keys(prefixApps, "", consistent(ctx)) // after the hosts: none is newer than its app
	if err != nil {
		return fmt.Errorf("list the records: %w", err)
	}
	for _, h := range hosts {
		if slices.Contains(apps, prefixApps+string(h.Value)) {
			continue
		}
		if _, _, err := st.kv.DeleteCAS(h, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
			return fmt.Errorf("give back %s: %w", strings.TrimPrefix(h.Key, prefixHosts), err)
		}
	}
	return nil
}
