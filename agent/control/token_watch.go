package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	consul "github.com/hashicorp/consul/api"
	"golang.org/x/sync/errgroup"
)

// tokens lists those that could be used, by ID.
func (st *store) tokens(ctx context.Context) ([]*tokenRecord, error) {
	pairs, _, err := st.kv.List(prefixTokens, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	var list []*tokenRecord
	for _, p := range pairs {
		if t := decodeToken(p); t != nil {
			list = append(list, t)
		}
	}
	return list, nil
}

// joinPort is whether the join port has to be open, and whom to call.
type joinPort struct {
	open bool
	call []string
}

func (a joinPort) equal(b joinPort) bool { return a.open == b.open && slices.Equal(a.call, b.call) }

// expected is what the tokens make of the join port now, and when that changes by
// itself, zero if never.
func expected(tokens []*tokenRecord, r *roster, now time.Time) (p joinPort, until time.Time) {
	for _, t := range tokens {
		if !t.expects(r, now) {
			continue
		}
		p.open = true
		if t.Call != "" {
			p.call = append(p.call, t.Call)
		}
		if until.IsZero() || t.Expires.Before(until) {
			until = t.Expires
		}
	}
	slices.Sort(p.call)
	p.call = slices.Compact(p.call)
	return p, until
}

// WatchTokens calls each, now and whenever it changed, with whether any machine may
// come to the join port (one that may join, or is about to) and with the addresses,
// host:port, that are to be called because their machines cannot reach this cloud.
// It returns when ctx ends.
func (s *Service) WatchTokens(ctx context.Context, each func(open bool, call []string)) error {
	changed := make(chan struct{}, 1)
	watch := func(read func(q *consul.QueryOptions) (*consul.QueryMeta, error)) func() error {
		return func() error {
			return follow(ctx, func(index uint64) (uint64, error) {
				meta, err := read((&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
				if err != nil {
					return 0, err
				}
				select {
				case changed <- struct{}{}:
				default:
				}
				return meta.LastIndex, nil
			})
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(watch(func(q *consul.QueryOptions) (*consul.QueryMeta, error) {
		_, meta, err := s.Consul.KV().List(prefixTokens, q)
		return meta, err
	}))
	g.Go(watch(func(q *consul.QueryOptions) (*consul.QueryMeta, error) {
		_, meta, err := s.Consul.KV().Get(keyPool, q) // each change of a member writes it
		return meta, err
	}))
	g.Go(func() error { return s.tellTokens(ctx, changed, each) })
	return g.Wait()
}

func (s *Service) tellTokens(ctx context.Context, changed <-chan struct{}, each func(bool, []string)) error {
	told := false
	var last joinPort
	timer := time.NewTimer(0) // the first look is at once
	defer timer.Stop()
	for {
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		tokens, err := s.store.tokens(ctx)
		var r *roster
		if err == nil {
			r, err = s.store.roster(ctx)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.Log.Debug("cannot read the tokens", "err", err)
			timer.Reset(time.Second) // Consul is away
			continue
		}
		now, until := expected(tokens, r, s.Now())
		if !told || !now.equal(last) {
			told, last = true, now
			each(now.open, now.call)
		}
		timer.Stop()
		if !until.IsZero() {
			timer.Reset(max(until.Sub(s.Now()), time.Millisecond))
		}
	}
}

// sweepTokens deletes tokens that ended long enough ago.
func (st *store) sweepTokens(ctx context.Context, now time.Time) error {
	pairs, _, err := st.kv.List(prefixTokens, consistent(ctx))
	if err != nil {
		return fmt.Errorf("list the tokens: %w", err)
	}
	for _, p := range pairs {
		if t := decodeToken(p); t != nil && now.Sub(t.Expires) < remembersToken {
			continue
		}
		if _, _, err := st.kv.DeleteCAS(p, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
			return fmt.Errorf("delete an old token: %w", err)
		}
	}
	return nil
}
