package control

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

var someDay = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func memberAt(id, name, address string) *nodeRecord {
	return &nodeRecord{Member: pool.Member{ID: id, Name: name, Role: pool.RoleWorker, Address: netip.MustParseAddr(address), Key: wgKey(id)}}
}

// wgKey is a key that no other seed has.
func wgKey(seed string) string {
	b := make([]byte, 32)
	copy(b, seed)
	return base64.StdEncoding.EncodeToString(b)
}

func TestAnAddressIsTheLowestThatNobodyHasOrHadSinceYesterday(t *testing.T) {
	in := netip.MustParsePrefix("10.213.0.0/29")
	r := &roster{nodes: []*nodeRecord{memberAt("a", "a", "10.213.0.1"), memberAt("c", "c", "10.213.0.3")}}
	r.pool.Gone = []gone{
		{Address: netip.MustParseAddr("10.213.0.2"), At: someDay.Add(-23 * time.Hour)},
		{Address: netip.MustParseAddr("10.213.0.5"), At: someDay.Add(-25 * time.Hour)},
	}
	for _, c := range []struct {
		now  time.Time
		want string
	}{{someDay, "10.213.0.4"}, {someDay.Add(2 * time.Hour), "10.213.0.2"}} {
		if got, err := allotAddress(in, r, c.now); err != nil || got.String() != c.want {
			t.Errorf("at %s: %s, %v; want %s", c.now, got, err, c.want)
		}
	}
	for _, last := range []string{"10.213.0.2", "10.213.0.4", "10.213.0.5", "10.213.0.6"} {
		r.nodes = append(r.nodes, memberAt(last, last, last))
	}
	if got, err := allotAddress(in, r, someDay); err == nil || !strings.Contains(err.Error(), "10.213.0.0/29") {
		t.Errorf("a full range gives %s, %v", got, err)
	}
}

func TestATakenNameGetsANumber(t *testing.T) {
	long := strings.Repeat("a", 63)
	r := &roster{nodes: []*nodeRecord{memberAt("1", "pi", "10.0.0.1"), memberAt("2", "pi-2", "10.0.0.2"), memberAt("3", long, "10.0.0.3")}}
	for _, c := range []struct{ want, self, got string }{
		{"pi", "9", "pi-3"}, {"pi", "1", "pi"}, {"pi-2", "9", "pi-2-2"}, {"mac", "9", "mac"}, {"", "9", "node"}, {long, "9", long[:61] + "-2"},
	} {
		got := allotName(c.want, c.self, r)
		if got != c.got || !dnsLabel.MatchString(got) {
			t.Errorf("%q for %s: %q, want %q", c.want, c.self, got, c.got)
		}
	}
}

// A pool lives through many joins, retries, give-ups and removals in random order, as
// seat, note and the records have it.
func TestWhateverHappensNoTwoMembersShareAnAddressANameOrAKey(t *testing.T) {
	in := netip.MustParsePrefix("10.213.0.0/26")
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		r, now := &roster{}, someDay
		last := map[netip.Addr]time.Time{} // when a removed member had it
		for step := range 300 {
			now = now.Add(time.Duration(rnd.IntN(120)) * time.Minute)
			switch who := rnd.IntN(40); rnd.IntN(5) {
			case 0: // a full member is removed
				if len(r.nodes) > 0 {
					n := r.nodes[rnd.IntN(len(r.nodes))]
					r.nodes = slices.DeleteFunc(r.nodes, func(o *nodeRecord) bool { return o == n })
					r.pool.Gone = note(r.pool.Gone, gone{ID: n.ID, Name: n.Name, Address: n.Address, At: now})
					last[n.Address] = now
				}
			case 1: // one is confirmed
				if len(r.nodes) > 0 {
					r.nodes[rnd.IntN(len(r.nodes))].Joining = false
				}
			default:
				req := pool.Request{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", who), Name: []string{"", "pi", "vps"}[rnd.IntN(3)], Key: wgKey(fmt.Sprint(who, rnd.IntN(2))), Arch: "amd64"}
				token := &tokenRecord{ID: fmt.Sprint(rnd.IntN(3)), Role: pool.RoleWorker, Left: rnd.IntN(3), Expires: now.Add(time.Hour)}
				n, used, err := seat(r, req, "k", token, in, now)
				if err != nil || !used {
					break
				}
				if token.Left == 0 {
					t.Fatalf("seed %d, step %d: in by a token that was used up", seed, step)
				}
				if before := r.byID(n.ID); before == nil {
					if now.Sub(last[n.Address]) < resting {
						t.Fatalf("seed %d, step %d: %s was another's %s ago", seed, step, n.Address, now.Sub(last[n.Address]))
					}
				}
				r.nodes = append(slices.DeleteFunc(r.nodes, func(o *nodeRecord) bool { return o.ID == n.ID }), n)
			}
			addresses, names, keys := map[netip.Addr]bool{}, map[string]bool{}, map[string]bool{}
			for _, n := range r.nodes {
				if addresses[n.Address] || names[n.Name] || keys[n.Key] || !in.Contains(n.Address) {
					t.Fatalf("seed %d, step %d: twice there or nowhere: %+v", seed, step, n.Member)
				}
				addresses[n.Address], names[n.Name], keys[n.Key] = true, true, true
			}
		}
	}
}

func TestADamagedRecordIsNoReasonToGiveItsAddressAway(t *testing.T) {
	good, err := json.Marshal(memberAt("a", "a", "10.0.0.1"))
	check(t, err)
	for _, text := range []string{"{", "null", `{"id":"b"}`, string(good), strings.Replace(string(good), `"worker"`, `"king"`, 1)} {
		if r, err := decodeRoster([]*consul.KVPair{{Key: prefixNodes + "x", Value: []byte(text)}}); err == nil {
			t.Errorf("%s became %+v", text, r.nodes[0])
		}
	}
	r, err := decodeRoster([]*consul.KVPair{{Key: prefixNodes + "a", Value: good, ModifyIndex: 7}, {Key: keyPool, Value: []byte(`{"serial":9,"domain":"d"}`)}})
	if err != nil || r.byName("a") == nil || r.byName("a").index != 7 || r.public().Serial != 9 || r.public().Domain != "d" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTheRosterHasNobodyWhoIsBeingRemoved(t *testing.T) {
	r := &roster{nodes: []*nodeRecord{memberAt("a", "a", "10.0.0.1"), memberAt("b", "b", "10.0.0.2")}}
	r.nodes[0].Removing, r.nodes[1].Joining = true, true
	if got := r.public().Members; len(got) != 1 || got[0].ID != "b" {
		t.Errorf("%+v", got)
	}
}

func TestAMachinesStateIsToldWithItsReason(t *testing.T) {
	ready := &nomad.NodeListStub{Name: "pi", Status: nomad.NodeStatusReady, SchedulingEligibility: nomad.NodeSchedulingEligible,
		Drivers: map[string]*nomad.DriverInfo{"docker": {Healthy: true}}}
	with := func(edit func(n *nomad.NodeListStub)) *nomad.NodeListStub {
		n := *ready
		edit(&n)
		return &n
	}
	member := func(edit func(n *nodeRecord)) *nodeRecord {
		n := memberAt("a", "pi", "10.0.0.1")
		n.Since = someDay.Add(-5 * time.Minute)
		edit(n)
		return n
	}
	plain := member(func(*nodeRecord) {})
	away := &pool.Seen{State: pool.Gone, Since: someDay.Add(-3 * time.Hour)}
	for _, c := range []struct {
		member        *nodeRecord
		nomad         *nomad.NodeListStub
		seen          *pool.Seen
		state, reason string
	}{
		{plain, ready, nil, agent.NodeReady, ""},
		{plain, ready, &pool.Seen{State: pool.Alive}, agent.NodeReady, ""},
		{plain, ready, &pool.Seen{State: pool.Alive, Facts: pool.Facts{Engines: map[string]string{"traefik": "backoff"}}}, agent.NodeReady, "traefik is backoff"},
		{plain, ready, away, agent.NodeDown, "nobody has reached it for 3 h"},
		{plain, ready, &pool.Seen{State: pool.Left, Since: someDay.Add(-30 * time.Second)}, agent.NodeDown, "said goodbye 30 s ago"},
		{plain, nil, nil, agent.NodeDown, "Nomad does not know it"},
		{plain, with(func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDown }), nil, agent.NodeDown, "does not hear"},
		{plain, with(func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDisconnected }), nil, agent.NodeDown, "lost the connection"},
		{plain, with(func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusInit }), nil, agent.NodeJoining, "acquaintance"},
		{plain, with(func(n *nomad.NodeListStub) { n.Drain = true }), nil, agent.NodeDraining, "move"},
		{plain, with(func(n *nomad.NodeListStub) { n.SchedulingEligibility = nomad.NodeSchedulingIneligible }), nil, agent.NodeDraining, "undrain pi"},
		{plain, with(func(n *nomad.NodeListStub) { n.Drivers = map[string]*nomad.DriverInfo{"docker": {}} }), nil, agent.NodeDown, "Docker"},
		{member(func(n *nodeRecord) { n.Joining = true }), ready, nil, agent.NodeJoining, "5 min"},
		{member(func(n *nodeRecord) { n.Joining, n.Removing = true, true }), ready, nil, agent.NodeLeft, "taken back"},
		{member(func(n *nodeRecord) { n.Removing = true }), ready, away, agent.NodeLeft, "being removed"},
		{member(func(n *nodeRecord) { n.Op = &nodeOp{Kind: opRemoveNode} }), ready, nil, agent.NodeDraining, "about to be removed"},
	} {
		state, reason := nodeState(c.member, c.nomad, c.seen, someDay)
		if state != c.state || !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") {
			t.Errorf("%s, %q; want %s, %q", state, reason, c.state, c.reason)
		}
	}
}

func TestAServerThatWasRemovedDoesNotListItselfAgain(t *testing.T) {
	self := pool.Member{ID: "me", Name: "me", Role: pool.RoleServer, Address: netip.MustParseAddr("10.0.0.1"), Joining: true}
	n, fits := selfRecord(&roster{}, self, someDay)
	if n == nil || fits || n.Joining || !n.Joined.Equal(someDay) {
		t.Errorf("the first: %+v, %v", n, fits)
	}
	n.Removing = false
	r := &roster{nodes: []*nodeRecord{n}}
	if same, fits := selfRecord(r, self, someDay.Add(time.Hour)); same == nil || !fits {
		t.Errorf("once more: %+v, %v", same, fits)
	}
	self.Endpoints = []string{"192.0.2.1:51820"}
	if moved, fits := selfRecord(r, self, someDay); fits || len(moved.Endpoints) != 1 || len(n.Endpoints) != 0 {
		t.Errorf("at another address: %+v, %v", moved, fits)
	}
	n.Removing = true
	if got, _ := selfRecord(r, self, someDay); got != nil {
		t.Errorf("while it is removed: %+v", got)
	}
	gone := &roster{pool: poolRecord{Gone: []gone{{ID: "me"}}}}
	if got, _ := selfRecord(gone, self, someDay); got != nil {
		t.Errorf("after it was removed: %+v", got)
	}
}

func TestThePoolFollowsAServersNewDomainAndNotOneThatSaysWhatItAlwaysSaid(t *testing.T) {
	tell := func(p *poolRecord, id, domain string) {
		s := &Service{Deps: Deps{Members: Membership{Self: pool.Member{ID: id}}}}
		s.Pool.Domain = domain
		s.tellDoor(p)
	}
	var p poolRecord
	for _, c := range []struct{ id, says, want string }{
		{"a", "one.example", "one.example"},
		{"b", "two.example", "one.example"}, // new here: it has only been told
		{"a", "three.example", "three.example"},
		{"b", "two.example", "three.example"},
		{"b", "four.example", "four.example"},
		{"a", "three.example", "four.example"},
	} {
		if tell(&p, c.id, c.says); p.Domain != c.want {
			t.Errorf("%s says %s: %s, want %s", c.id, c.says, p.Domain, c.want)
		}
	}
}
