package gossip_test

import (
	"testing"

	"github.com/dentropy/dcloud/agent/loopback"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/gossip"
	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
)

func TestItWorksOverRealSockets(t *testing.T) {
	p := newPool(t)
	port := loopback.Port()
	numbers := []int{1, 2}
	r := pool.Roster{Serial: 1}
	for _, n := range numbers {
		m := gossipbench.Member(n)
		m.Address = loopback.Address(n)
		r.Members = append(r.Members, m)
	}
	signed, err := p.Sign(r)
	if err != nil {
		t.Fatal(err)
	}
	var list []*gossip.Gossip
	for _, m := range r.Members {
		g, err := gossip.Start(gossip.Config{
			Log: p.Log, Name: m.Name, Address: m.Address, Port: port, Key: p.Key,
			Facts: pool.Facts{ID: m.ID, Key: m.Key}, Authority: p.Authority, Roster: signed,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { g.Close() })
		list = append(list, g)
	}
	p.await(pool.Alive, 2, list...)
	list[1].Close()
	p.await(pool.Gone, 1, list[0])
}
